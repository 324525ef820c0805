/** A comparison as a test: nothing differs but on purpose, what differs on purpose does, and every defect is noticed. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { AdmissionRequest } from '../../../src/policy/index.ts';
import type { Case } from './cases.ts';
import { type Deliberate, type Subject, summary } from './compare.ts';
import { generateRequests } from './requests.ts';
import { compareAll, type Mutant, type Sides } from './run.ts';
import { type Asked, askKyverno, type Command } from './theirs.ts';

/** Requests to each policy. */
const EACH = Number(process.env['RAMPART_KYVERNO_REQUESTS'] ?? 20);
export const SEED = Number(process.env['RAMPART_KYVERNO_SEED'] ?? 2026);
/** Differences that a failure shows. */
const SHOWN = Number(process.env['RAMPART_KYVERNO_SHOWN'] ?? 3);

/** Each policy with requests of its own, the same every time. */
export function withRequests(cases: readonly Case[]): Asked<AdmissionRequest>[] {
  return cases.map((of, i) => ({ of, subjects: generateRequests(SEED + i, of.kinds, EACH) }));
}

interface Agreement<S extends Subject> {
  readonly command: Command;
  readonly asked: readonly Asked<S>[];
  readonly sides: Sides<S>;
  readonly deliberate?: readonly Deliberate[];
  /** Each must be noticed. */
  readonly mutants: Readonly<Record<string, Mutant>>;
}

export async function assertAgreement<S extends Subject>(
  t: TestContext,
  { command, asked, sides, deliberate = [], mutants }: Agreement<S>,
): Promise<void> {
  const answers = await askKyverno(command, asked);
  const compared = compareAll(asked, answers, sides, deliberate);
  assert.equal(compared.differences.length, 0, compared.differences.slice(0, SHOWN).join('\n'));
  t.diagnostic(summary(compared));
  for (const [what, count] of compared.deliberate) assert.ok(count > 0, `nothing differs: ${what}`);
  for (const [name, mutant] of Object.entries(mutants)) {
    const { differences } = compareAll(asked, answers, sides, deliberate, mutant);
    assert.ok(differences.length > 0, `the mutant is not caught: ${name}`);
  }
}
