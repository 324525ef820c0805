/**
 * Answers that somebody else has to be asked for. Evaluation is synchronous, so a question without an answer is noted, asked
 * afterwards, and whoever wanted to know evaluates once more; the answer is kept for a while.
 */

export interface KeptAnswers<Q extends object, A> {
  /** Undefined: not known yet, and noted. @param by Whoever wants to know. */
  answer(question: Q, by: object): A | undefined;
  /** Asks what was noted; undefined: nothing was. Never rejects. */
  askFor(by: object): Promise<void> | undefined;
}

export interface KeptAnswersOptions<Q, A> {
  /** Never rejects. */
  readonly ask: (question: Q) => Promise<A>;
  /** Milliseconds for which an answer counts. */
  readonly keptMs: number;
  /** Milliseconds. */
  readonly now: () => number;
}

interface Kept<A> {
  readonly answer: A;
  readonly until: number;
}

const MOST_KEPT = 10_000;
/** Noted at a time. */
const MOST_QUESTIONS = 50;

export function createKeptAnswers<Q extends object, A>({
  ask,
  keptMs,
  now,
}: KeptAnswersOptions<Q, A>): KeptAnswers<Q, A> {
  const kept = new Map<string, Kept<A>>();
  const noted = new WeakMap<object, Map<string, Q>>();

  async function keep(key: string, question: Q): Promise<void> {
    const answer = await ask(question);
    kept.delete(key);
    kept.set(key, { answer, until: now() + keptMs });
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
  }

  return {
    answer(question, by) {
      const key = JSON.stringify(question);
      const known = kept.get(key);
      if (known !== undefined && known.until > now()) return known.answer;
      const questions = noted.get(by) ?? new Map<string, Q>();
      if (questions.size < MOST_QUESTIONS) questions.set(key, question);
      noted.set(by, questions);
      return undefined;
    },
    askFor(by) {
      const questions = noted.get(by);
      noted.delete(by);
      if (questions === undefined) return undefined;
      return Promise.all([...questions].map(([key, question]) => keep(key, question))).then(() => {});
    },
  };
}
