/** Two policies on one kind of request: do they say the same, exclude each other, or get on? */
import type { JsonMap } from '../../model/index.ts';
import type { CompiledPolicy } from '../form.ts';
import type { Target } from './applies.ts';
import type { Asked, Clause } from './asked.ts';
import { describe, fieldName } from './describe.ts';
import { and, type Formula, opaqueTexts, pathsOf } from './formula.ts';
import type { ContradictionClause } from './report.ts';
import { type Found, find } from './search.ts';
import { isSatisfiable, OutOfSteps } from './solve.ts';
import type { KindStructure } from './structure.ts';
import type { Case, Judge } from './witness.ts';

/** A policy with what it asks of one kind. */
export interface Side {
  readonly policy: CompiledPolicy;
  readonly asked: Asked;
}

export type Comparison =
  | { readonly answer: 'none'; readonly of: Case }
  /** No object is both policies' business. */
  | { readonly answer: 'apart' }
  | {
      readonly answer: 'contradiction';
      readonly field: string;
      readonly clauses: readonly ContradictionClause[];
      readonly passesA: JsonMap;
      readonly passesB: JsonMap;
    }
  | { readonly answer: 'unknown'; readonly reason: string };

export interface Ground {
  readonly target: Target;
  readonly structure: KindStructure;
  readonly judge: Judge;
  /** Objects that some policy was satisfied with: the first to be tried on others. */
  readonly pool: Case[];
}

export function compareOn(a: Side, b: Side, ground: Ground): Comparison {
  const { structure, judge, target, pool } = ground;
  const passes = (side: Side) => (of: Case) => judge(side.policy, of, target) === 'pass';
  const both = (of: Case) => passes(a)(of) && passes(b)(of);
  const known = pool.find(both);
  if (known !== undefined) return { answer: 'none', of: known };
  const overlap = and(a.asked.applies, b.asked.applies);
  const joint = find(and(overlap, a.asked.passes, b.asked.passes), structure, both);
  if (joint.found === 'case') {
    pool.push(joint.of);
    return { answer: 'none', of: joint.of };
  }
  if (joint.found === 'open') return { answer: 'unknown', reason: whyOpen(joint, a, b) };
  if (isExcluded(overlap, structure)) return { answer: 'apart' };
  return disagreement(a, b, overlap, ground);
}

function isExcluded(formula: Formula, structure: KindStructure): boolean {
  try {
    return !isSatisfiable(formula, structure, { left: 4_000 });
  } catch (error) {
    if (error instanceof OutOfSteps) return false;
    throw error;
  }
}

/** Nothing satisfies both: a contradiction where each can be satisfied alone by an object that the other is asked about. */
function disagreement(a: Side, b: Side, overlap: Formula, ground: Ground): Comparison {
  const only = (side: Side, other: Side): Found =>
    find(and(overlap, side.asked.passes), ground.structure, (of) => {
      const outcome = ground.judge(side.policy, of, ground.target);
      return outcome === 'pass' && ground.judge(other.policy, of, ground.target) === 'fail';
    });
  const forA = only(a, b);
  const forB = only(b, a);
  for (const [side, found] of [
    [a, forA],
    [b, forB],
  ] as const) {
    if (found.found === 'nothing')
      return {
        answer: 'unknown',
        reason: `nothing that both are asked about satisfies ${side.policy.id} by itself`,
      };
    if (found.found === 'open')
      return {
        answer: 'unknown',
        reason: `no object satisfies both, and none was found for ${side.policy.id} alone${understood(side)}`,
      };
  }
  if (forA.found !== 'case' || forB.found !== 'case') throw new Error('both were found');
  const clauses = fewest(a, b, overlap, ground.structure);
  return {
    answer: 'contradiction',
    field: commonField(clauses),
    clauses: clauses.map(({ side, clause }) => ({
      policy: side.policy.id,
      validation: clause.validation,
      asks: describe(clause.formula),
    })),
    passesA: forA.of.object,
    passesB: forB.of.object,
  };
}

interface Asking {
  readonly side: Side;
  readonly clause: Clause;
}

/** A pair of clauses where one is enough to disagree; else clauses none of which can be left out. */
function fewest(a: Side, b: Side, overlap: Formula, structure: KindStructure): readonly Asking[] {
  const of = (side: Side) => side.asked.clauses.map((clause): Asking => ({ side, clause }));
  const excludes = (askings: readonly Asking[]) =>
    isExcluded(and(overlap, ...askings.map(({ clause }) => clause.formula)), structure);
  for (const left of of(a)) for (const right of of(b)) if (excludes([left, right])) return [left, right];
  let left: readonly Asking[] = [...of(a), ...of(b)];
  for (const asking of left) {
    const without = left.filter((other) => other !== asking);
    if (excludes(without)) left = without;
  }
  return left;
}

/** The deepest field that the clauses of both policies are about. */
function commonField(askings: readonly Asking[]): string {
  const byPolicy = Map.groupBy(askings, ({ side }) => side.policy.id);
  const sets = [...byPolicy.values()].map(
    (of) => new Set(of.flatMap(({ clause }) => pathsOf(clause.formula))),
  );
  const [first = new Set<string>(), ...others] = sets;
  const common = [...first].filter((path) => others.every((set) => set.has(path)));
  const depth = (path: string) => path.split('/').length;
  common.sort((x, y) => depth(y) - depth(x) || (x < y ? -1 : 1));
  return common[0] === undefined ? '' : fieldName(common[0]);
}

function whyOpen({ why }: Extract<Found, { found: 'open' }>, a: Side, b: Side): string {
  const reasons = [a, b].flatMap((side) => notUnderstood(side));
  if (reasons.length > 0) return reasons.join('; ');
  return why === 'too-many-cases'
    ? 'the alternatives of both are too many to be tried'
    : 'no object that was tried satisfies both, and nothing proves that none does';
}

function notUnderstood({ policy, asked }: Side): string[] {
  const texts = [...opaqueTexts(asked.applies), ...opaqueTexts(asked.passes)];
  const [first] = texts;
  if (first === undefined) return [];
  const more = new Set(texts).size - 1;
  return [`${policy.id}: not understood: ${cut(first)}${more > 0 ? ` and ${more} more` : ''}`];
}

function understood(side: Side): string {
  const [reason] = notUnderstood(side);
  return reason === undefined ? '' : ` (${reason})`;
}

function cut(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}
