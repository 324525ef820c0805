/**
 * The evaluator against the reference interpreter: random expressions over random objects give the same value or the
 * same kind of error at the same cost, by the exact engine and by generated code.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { kubernetesLibraries } from '../../src/cel/libraries/index.ts';
import { STANDARD_LIBRARY } from '../../src/cel/stdlib/index.ts';
import { encode } from './encode.ts';
import { createRandom } from './generator/random.ts';
import { generateQuestion, LATEST_MINOR } from './questions.ts';
import { compileReference } from './reference/compile.ts';
import { interpret, NotPlannable } from './reference/interpreter.ts';
import { ADMISSION_OBJECTS, ADMISSION_VARIABLES, ask, type Question, variablesOf } from './subject.ts';

const RUNS = Number(process.env['RAMPART_CEL_RUNS'] ?? 6_000);

const OPTIONS = {
  libraries: [STANDARD_LIBRARY, ...kubernetesLibraries(LATEST_MINOR)],
  variables: ADMISSION_VARIABLES,
  objects: { fields: ADMISSION_OBJECTS.fields },
};

/** What both sides are asked to agree on: not the wording of errors. */
type Verdict =
  | { readonly refused: true }
  | { readonly value: unknown; readonly cost: number }
  | { readonly code: string; readonly cost: number };

test('random expressions: same value or same error, same cost', (t) => {
  const counts = { value: 0, error: 0, refused: 0 };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
      const question: Question = {
        ...generateQuestion(createRandom(seed)),
        mode: 'stored',
        minor: LATEST_MINOR,
      };
      const expected = referenceVerdict(question);
      counts['refused' in expected ? 'refused' : 'value' in expected ? 'value' : 'error']++;
      for (const engine of ['interpret', 'generate'] as const) {
        assert.deepEqual(verdictOf(question, engine), expected, `${engine}: ${question.expression}`);
      }
    }),
    { numRuns: RUNS, seed: 20_260_101, endOnFailure: true },
  );
  t.diagnostic(`${counts.value} values, ${counts.error} errors, ${counts.refused} refused`);
  assert.ok(counts.value > RUNS / 4 && counts.error > RUNS / 10 && counts.refused > RUNS / 100);
});

function verdictOf(question: Question, engine: 'interpret' | 'generate'): Verdict {
  const answer = ask(question, engine);
  if (answer.compileError !== undefined) return { refused: true };
  const cost = answer.cost ?? Number.NaN;
  return answer.code === undefined ? { value: answer.value, cost } : { code: answer.code, cost };
}

function referenceVerdict(question: Question): Verdict {
  const compiled = compileReference(question.expression, OPTIONS);
  if ('issues' in compiled) return { refused: true };
  try {
    const outcome = interpret(compiled.checked, variablesOf(question), question.limit);
    return outcome.ok
      ? { value: encode(outcome.value), cost: outcome.cost }
      : { code: outcome.error.$code, cost: outcome.cost };
  } catch (error) {
    if (error instanceof NotPlannable) return { refused: true };
    throw error;
  }
}
