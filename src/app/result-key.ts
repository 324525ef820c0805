/** What the results of a file hang on beside its name and content. */
import { readFileSync } from 'node:fs';
import type { PolicySet } from '../policy/index.ts';
import { builtin } from './builtin.ts';
import type { CompileSetup } from './compile.ts';
import { packedFile } from './prepared.ts';
import { digestOf } from './result-cache.ts';
import type { ScanSetup } from './scanner.ts';

/** Functions of Kyverno that answer differently each time they are asked. */
const FICKLE = /\b(?:now|random)\s*\(/;

/**
 * Digests of it all; undefined where results must not be kept. What other files say of an object is no part of it:
 * whatever hangs on that is evaluated in every scan.
 */
export function resultKey(setup: ScanSetup, sets: readonly PolicySet[], engine: string): string | undefined {
  const { files: _, given: __, profileOf: ___, profiles, ...rest } = setup;
  const compiled = [...new Set(profiles.map(({ policies }) => policies))];
  if (compiled.some(({ documents }) => FICKLE.test(textOf(documents)))) return undefined;
  const parts = [
    rest,
    compiled.map(policiesOf),
    profiles.map(({ policies, failOn: _, ...own }) => ({ ...own, policies: compiled.indexOf(policies) })),
    // Of exceptions that expire those count which have not.
    sets.map(({ policies }) =>
      policies.map(({ id, exceptions }) => [id, ...exceptions.map(({ name }) => name)]),
    ),
  ];
  const { serialize } = builtin('node:v8');
  return [process.version, engine, ...parts.map((part) => digestOf(serialize(part)))].join('\n');
}

/** The clock apart: what it decides is seen in the exceptions. Of prepared policies the expressions are in a file of their own. */
function policiesOf({ now: _, memory: __, ...policies }: CompileSetup) {
  const { prepared } = policies;
  return { ...policies, programs: prepared && digestOf(readFileSync(packedFile(prepared.path))) };
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner));
}
