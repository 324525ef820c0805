/**
 * What Go's parsers read, ours read, and nothing else: quantities, versions, addresses, URLs, times, numbers, names and
 * regular expressions, spoilt at random, against the API server's environment.
 */
import { test } from 'node:test';
import { skipWithoutGo } from '../interop/interop.ts';
import { compareWithGo } from './compare-with-go.ts';
import { createRandom, type Random } from './generator/random.ts';
import {
  generatePattern,
  generateSubject,
  generateText,
  TEXT_FUNCTIONS,
  type TextFunction,
} from './generator/texts.ts';
import { LATEST_MINOR } from './questions.ts';
import type { Question } from './subject.ts';

const COUNT = Number(process.env['RAMPART_CEL_TEXTS'] ?? 1_500);
const SEED = Number(process.env['RAMPART_CEL_SEED'] ?? 20_260_101);

for (const [name, texts] of Object.entries(TEXT_FUNCTIONS)) {
  test(`${name} against Go`, { skip: skipWithoutGo }, async (t) => {
    const random = createRandom(SEED);
    const questions = Array.from({ length: COUNT }, () => textQuestion(random, texts));
    await compareWithGo(questions, (line) => t.diagnostic(line));
  });
}

test('regular expressions against Go', { skip: skipWithoutGo }, async (t) => {
  const random = createRandom(SEED);
  const questions = Array.from({ length: 2 * COUNT }, () => patternQuestion(random));
  await compareWithGo(questions, (line) => t.diagnostic(line));
});

function textQuestion(random: Random, texts: TextFunction): Question {
  const object = { s: generateText(random, texts), t: generateText(random, texts) };
  return ask(random.pick(texts.expressions), object);
}

function patternQuestion(random: Random): Question {
  const expression = random.pick([
    'object.s.matches(object.p)',
    'object.s.find(object.p)',
    'object.s.findAll(object.p)',
    'object.s.findAll(object.p, 2)',
  ]);
  return ask(expression, { s: generateSubject(random), p: generatePattern(random) });
}

function ask(expression: string, object: Question['variables'][string]): Question {
  return { expression, variables: { object }, minor: LATEST_MINOR, mode: 'stored' };
}
