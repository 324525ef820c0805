/**
 * The built-in library as scans read it, made when Rampart is bundled: a file of lines, the policies first, then each
 * expression and what it was parsed and checked to. It is part of the installation and trusted as the bundle is. Lines
 * of JSON, because node:v8 would load streams.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { compilePolicies, type ExpressionMemory, type KeptSet, keepSet } from '../policy/index.ts';
import { parsePolicyFiles, readPolicyFiles } from './policies.ts';

export interface Prepared {
  /** Under the default settings. */
  readonly set: KeptSet;
  readonly memory: ExpressionMemory;
}

/** Throws when the library does not compile. */
export function prepareLibrary(path: string): void {
  const { documents, problems } = parsePolicyFiles(readPolicyFiles(['builtin'], '/'));
  const lines: (() => string)[] = [];
  const set = compilePolicies(documents, {
    memory: {
      get: () => undefined,
      set: (expression, packed) => lines.push(() => JSON.stringify(expression), packed),
    },
  });
  for (const { origin, detail } of [...problems, ...set.problems])
    throw new Error(`${origin.file}:${origin.line}: ${detail}`);
  writeFileSync(path, [JSON.stringify(keepSet(set)), ...lines.map((line) => line())].join('\n'));
}

/** Undefined when there is none. */
export function openPrepared(path: string): Prepared | undefined {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    const expressions = new Map<string, string>();
    for (let i = 1; i < lines.length; i += 2) expressions.set(lines[i]!, lines[i + 1]!);
    return {
      set: JSON.parse(lines[0]!) as KeptSet,
      memory: { get: (expression) => expressions.get(JSON.stringify(expression)), set: () => {} },
    };
  } catch {
    return undefined;
  }
}
