/** The API server's answers to questions against ours. */
import assert from 'node:assert/strict';
import { interop } from '../interop/interop.ts';
import { type Difference, differences } from './comparison.ts';
import { type Answer, ask, type Question } from './subject.ts';

const ENGINES = ['interpret', 'generate'] as const;

/** What came of a question, for the count. */
type Kind = 'value' | 'error' | 'refused' | 'upstream panics';

/** Asks both sides the same questions and fails with all that differs. */
export async function compareWithGo(
  questions: readonly Question[],
  say: (line: string) => void,
): Promise<void> {
  const answers = await interop<Answer>('cel', questions);
  const counts: Record<Kind, number> = { value: 0, error: 0, refused: 0, 'upstream panics': 0 };
  const failures: string[] = [];
  for (const [index, question] of questions.entries()) {
    const go = answers[index]!;
    const kind = kindOf(go);
    counts[kind]++;
    for (const engine of ENGINES) {
      const ours = ask(question, engine);
      // What the API server makes of a panic is no answer to agree with; that ours comes at all is enough.
      if (kind === 'upstream panics') continue;
      const found = differences(go, ours);
      if (found.length > 0) failures.push(describe(question, engine, found));
    }
  }
  const share = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
  say(`${questions.length} expressions (${share.join(', ')}), ${failures.length} differences`);
  assert.equal(failures.length, 0, failures.slice(0, 20).join('\n\n'));
}

function kindOf(go: Answer): Kind {
  if (go.panic !== undefined || go.error?.startsWith('internal error')) return 'upstream panics';
  if (go.compileError !== undefined) return 'refused';
  return go.error === undefined ? 'value' : 'error';
}

function describe(question: Question, engine: string, found: readonly Difference[]): string {
  const { expression, minor, mode, limit } = question;
  const lines = found.map(({ what, go, ours }) => `  ${what}: Go ${show(go)}, ours ${show(ours)}`);
  const variables = show(question.variables).slice(0, 200);
  return [
    `${expression}\n  1.${minor} ${mode}, limit ${limit ?? 'default'}, ${engine}, ${variables}`,
    ...lines,
  ].join('\n');
}

function show(value: unknown): string {
  const text =
    JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? `${inner}` : inner)) ?? 'nothing';
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}
