/**
 * The corpus: hand-written expressions in corpus/*.json, each file an array of expressions or of
 * `{expression, object?, params?, request?, limit?, minor?, mode?}`. There are no expected results: Go knows them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { double, int, type Value } from '../../src/cel/index.ts';
import { AUTHORIZER, LATEST_MINOR } from './questions.ts';
import type { Question } from './subject.ts';

interface Entry {
  readonly expression: string;
  readonly minor?: number;
  readonly mode?: 'new' | 'stored';
  readonly limit?: number;
  readonly object?: Value;
  readonly oldObject?: Value;
  readonly params?: Value;
  readonly request?: Value;
  readonly namespaceObject?: Value;
}

const FOLDER = join(import.meta.dirname, 'corpus');

const OBJECT = readJson('object.json');

/** What the expressions of each file ask, by the file's name. */
export function corpus(): ReadonlyMap<string, readonly Question[]> {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json') && name !== 'object.json');
  return new Map(
    files
      .sort()
      .map((name) => [name, (readJson(name) as (string | Entry)[]).map((e) => toQuestion(e, name))]),
  );
}

/** Files about what admission policies that validate do not have. */
const SPECIAL: Readonly<Record<string, Pick<Question, 'mutation' | 'extensions'>>> = {
  'jsonpatch.json': { mutation: true },
  'patch-types.json': { mutation: true },
  'math.json': { extensions: true },
  'encoders.json': { extensions: true },
  'bindings.json': { extensions: true },
};

function toQuestion(entry: string | Entry, file: string): Question {
  const { expression, minor, mode, limit, ...variables } =
    typeof entry === 'string' ? ({ expression: entry } as Entry) : entry;
  return {
    expression,
    variables: { object: OBJECT as Value, ...variables },
    minor: minor === undefined ? LATEST_MINOR : Number(minor),
    mode: mode ?? 'stored',
    authorizer: AUTHORIZER,
    ...(limit !== undefined && { limit: Number(limit) }),
    ...SPECIAL[file],
  };
}

/** Numbers as the API server reads them: without fraction or exponent an int, otherwise a double. */
function readJson(name: string): unknown {
  return JSON.parse(
    readFileSync(join(FOLDER, name), 'utf8'),
    (_key, value, context?: { source?: string }) => {
      if (typeof value !== 'number' || context?.source === undefined) return value;
      return /[.eE]/.test(context.source) ? double(value) : int(BigInt(context.source));
    },
  );
}
