/** Asks both sides about every policy, and compares. */
import type { PolicySet } from '../../../src/policy/index.ts';
import { type Comparison, compare, type Deliberate, type Pair, type Said, type Subject } from './compare.ts';
import { type Ours, prepare } from './ours.ts';
import type { Answer, Answers, Asked } from './theirs.ts';

/** A defect put into Rampart's policies on purpose. */
export type Mutant = (set: PolicySet) => PolicySet;

/** How a kind of policies is asked, and how its answers are put so that they compare. */
export interface Sides<S extends Subject> {
  readonly ours: (ours: Ours, subject: S) => Said;
  readonly theirs: (answer: Answer, subject: S) => Said;
}

export function compareAll<S extends Subject>(
  asked: readonly Asked<S>[],
  answers: readonly Answers[],
  sides: Sides<S>,
  deliberate: readonly Deliberate[],
  mutant?: Mutant,
): Comparison {
  const pairs: Pair[] = [];
  const refusals: string[] = [];
  asked.forEach(({ of, subjects }, i) => {
    const theirs = answers[i]!;
    const ours = prepare(of, mutant);
    const problems = ours.set.problems.map(({ detail }) => detail).join('; ');
    if ('panic' in theirs) refusals.push(`${of.about}: Kyverno panics: ${theirs.panic}`);
    else if ('refused' in theirs !== (problems !== ''))
      refusals.push(
        `${of.about}: ours ${problems || 'taken'}, theirs ${'refused' in theirs ? theirs.refused : 'taken'}`,
      );
    else if (!('refused' in theirs))
      subjects.forEach((subject, j) => {
        pairs.push({
          of,
          subject,
          ours: sides.ours(ours, subject),
          theirs: sides.theirs(theirs[j]!, subject),
        });
      });
  });
  const compared = compare(pairs, deliberate);
  return { ...compared, differences: [...refusals, ...compared.differences] };
}
