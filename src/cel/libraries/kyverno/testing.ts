/** For the tests of this folder: evaluates expressions as a policy of Kyverno, with both engines. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { inspect } from 'node:util';
import { createEnvironment } from '../../environment.ts';
import type { Engine, Outcome } from '../../program.ts';
import type { Type } from '../../types.ts';
import type { Value } from '../../values.ts';
import {
  type AskContext,
  createExceptions,
  createKyvernoContext,
  createKyvernoObject,
  KYVERNO_OBJECT_TYPES,
  KYVERNO_VARIABLES,
  type KyvernoLibraryOptions,
  kyvernoLibraries,
} from '../index.ts';

interface Options extends KyvernoLibraryOptions {
  readonly ask?: AskContext;
  readonly variables?: Readonly<Record<string, readonly [type: Type, value: Value]>>;
}

/** JSON does for YAML: the parser is not this room's. */
function parseYaml(text: string): { readonly value: unknown } | { readonly error: string } {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { error: 'error converting YAML to JSON' };
  }
}

/** The outcome, or the messages of the checker. */
export function evaluate(
  expression: string,
  options: Options = {},
  engine: Engine = 'generate',
): Outcome | { issues: string[] } {
  const { ask = () => undefined, namespaced = false } = options;
  const entries = Object.entries(options.variables ?? {});
  const environment = createEnvironment({
    variables: { ...KYVERNO_VARIABLES, ...Object.fromEntries(entries.map(([name, [type]]) => [name, type])) },
    libraries: kyvernoLibraries(options),
    objects: {
      fields: (name, field) => KYVERNO_OBJECT_TYPES[name]?.[field],
      isObject: (name) => Object.hasOwn(KYVERNO_OBJECT_TYPES, name),
      create: createKyvernoObject,
    },
    engine,
  });
  const compiled = environment.compile(expression);
  if (!compiled.ok) return { issues: compiled.issues.map((issue) => issue.message) };
  return compiled.program.evaluate({
    ...createKyvernoContext({ ask, parseYaml, ...(namespaced ? { namespace: 'apps' } : {}) }),
    exceptions: createExceptions(['nginx'], ['a', 'b']),
    ...Object.fromEntries(entries.map(([name, [, value]]) => [name, value])),
  });
}

const ENGINES: readonly Engine[] = ['generate', 'interpret'];

/** One test for each expression that must be true. */
export function holds(expressions: readonly string[], options?: Options): void {
  for (const expression of expressions) {
    it(expression, () => {
      for (const engine of ENGINES) {
        const outcome = evaluate(expression, options, engine);
        assert.ok('ok' in outcome && outcome.ok, inspect(outcome));
        assert.equal(outcome.value, true);
      }
    });
  }
}

/** One test for each expression that must fail at run time with a message. */
export function fails(cases: Readonly<Record<string, string>>, options?: Options): void {
  for (const [expression, message] of Object.entries(cases)) {
    it(`${expression} → ${message}`, () => {
      for (const engine of ENGINES) {
        const outcome = evaluate(expression, options, engine);
        assert.ok('ok' in outcome && !outcome.ok, inspect(outcome));
        assert.equal(outcome.error.$message, message);
      }
    });
  }
}

/** One test for each expression that the checker must refuse. */
export function refuses(cases: Readonly<Record<string, string>>, options?: Options): void {
  for (const [expression, message] of Object.entries(cases)) {
    it(`${expression} is refused: ${message}`, () => {
      assert.deepEqual(evaluate(expression, options), { issues: [message] });
    });
  }
}
