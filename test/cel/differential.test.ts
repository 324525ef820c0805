/**
 * The API server's own CEL environment as the oracle: value, error and cost of hand-written and generated expressions
 * over every Kubernetes library must be equal. More of the generated ones: RAMPART_CEL_QUESTIONS=100000.
 */
import { test } from 'node:test';
import { skipWithoutGo } from '../interop/interop.ts';
import { compareWithGo } from './compare-with-go.ts';
import { corpus } from './corpus.ts';
import { createRandom } from './generator/random.ts';
import { generateQuestion } from './questions.ts';

const GENERATED = Number(process.env['RAMPART_CEL_QUESTIONS'] ?? 20_000);
/** The same in every run, so that a failure is no surprise; soak runs may take another. */
const SEED = Number(process.env['RAMPART_CEL_SEED'] ?? 20_260_101);

for (const [file, questions] of corpus()) {
  test(`corpus ${file} against Go`, { skip: skipWithoutGo }, async (t) => {
    await compareWithGo(questions, (line) => t.diagnostic(line));
  });
}

test('generated expressions against Go', { skip: skipWithoutGo }, async (t) => {
  const random = createRandom(SEED);
  const questions = Array.from({ length: GENERATED }, () => generateQuestion(random));
  await compareWithGo(questions, (line) => t.diagnostic(line));
});
