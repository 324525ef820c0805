/** `rampart policies conflicts`: which policies of a set say the same, and which exclude each other. */
import type { Discovery, Resource, ResourceInfo, Schemas } from '../../model/index.ts';
import type { CompiledPolicy } from '../form.ts';
import type { PolicySet } from '../load.ts';
import type { Operation } from '../match/rules.ts';
import { mayApply, type Target } from './applies.ts';
import { type Asked, askedOf } from './asked.ts';
import { compareOn, type Ground, type Side } from './compare.ts';
import { describe } from './describe.ts';
import { and } from './formula.ts';
import { kindsOf } from './kinds.ts';
import type {
  Agreement,
  ConflictReport,
  Contradiction,
  Duplicate,
  Unknown,
  Unsatisfiable,
} from './report.ts';
import { basesOf, find } from './search.ts';
import { type KindStructure, structureOf } from './structure.ts';
import { createJudge, type Judge } from './witness.ts';

export interface ConflictOptions {
  readonly discovery: Discovery;
  /** Without it nothing is known of the types of fields. */
  readonly schemas?: Schemas;
}

type Answer =
  | { readonly answer: 'duplicate'; readonly of: Duplicate }
  | { readonly answer: 'contradiction'; readonly of: Contradiction }
  | { readonly answer: 'none'; readonly of: Agreement }
  | { readonly answer: 'unknown'; readonly of: Unknown }
  | { readonly answer: 'apart' };

/** Operations whose requests carry an object to look at. */
const COMPARED: readonly Operation[] = ['CREATE', 'UPDATE'];

/** Compares every policy with every other, but those whose verdict hangs on other objects than the one at hand. */
export function findConflicts(
  { policies: all, objects }: Pick<PolicySet, 'policies' | 'objects'>,
  options: ConflictOptions,
): ConflictReport {
  const policies = all.filter(({ related }) => related === undefined);
  const grounds = createGrounds(policies, objects, options);
  const answers: Answer[] = [];
  // Readings of one policy are about kinds of their own.
  for (const [i, a] of policies.entries())
    for (const b of policies.slice(i + 1)) if (b.id !== a.id) answers.push(comparePair(a, b, grounds));
  const of = <K extends Answer['answer']>(kind: K) =>
    answers.flatMap((answer) => (answer.answer === kind && 'of' in answer ? [answer.of] : [])) as Extract<
      Answer,
      { answer: K; of: unknown }
    >['of'][];
  return {
    policies: new Set(policies.map(({ id }) => id)).size,
    pairs: answers.length,
    overlapping: answers.filter(({ answer }) => answer !== 'apart').length,
    duplicates: of('duplicate'),
    contradictions: of('contradiction'),
    none: of('none'),
    unknown: of('unknown'),
    apart: all.filter(({ related }) => related !== undefined).map(({ id }) => id),
    unsatisfiable: policies.flatMap((policy) => unsatisfiable(policy, grounds)),
  };
}

/** What is worked out once and asked for by many pairs. */
interface Grounds {
  readonly discovery: Discovery;
  readonly targets: (policy: CompiledPolicy) => readonly Target[];
  readonly asked: (policy: CompiledPolicy, target: Target) => Asked;
  readonly ground: (target: Target) => Ground;
}

function createGrounds(
  policies: readonly CompiledPolicy[],
  objects: readonly Resource[],
  { discovery, schemas }: ConflictOptions,
): Grounds {
  const judge: Judge = createJudge(discovery, objects);
  const all: Target[] = kindsOf(policies, discovery).flatMap((info) =>
    COMPARED.map((operation) => ({ info, operation })),
  );
  const structures = new Map<ResourceInfo, KindStructure>();
  const structure = memo(structures, (info: ResourceInfo) => {
    const apiVersion = info.group === '' ? info.version : `${info.group}/${info.version}`;
    return structureOf(info, schemas?.ofKind(apiVersion, info.kind));
  });
  const asked = new Map<CompiledPolicy, Map<Target, Asked>>();
  const groundOf = memo(new Map<Target, Ground>(), (target: Target): Ground => {
    const of = structure(target.info);
    const pool = basesOf(of).map((object) => ({ object, namespaceLabels: {} }));
    return { target, structure: of, judge, pool };
  });
  return {
    discovery,
    targets: memo(new Map<CompiledPolicy, readonly Target[]>(), (policy: CompiledPolicy) =>
      all.filter((target) => mayApply(policy, target, discovery)),
    ),
    asked: (policy, target) => {
      const known = asked.get(policy) ?? new Map<Target, Asked>();
      asked.set(policy, known);
      return memo(known, (of: Target) => askedOf(policy, of, structure(of.info), objects, discovery))(target);
    },
    ground: groundOf,
  };
}

function memo<K, V>(known: Map<K, V>, make: (key: K) => V): (key: K) => V {
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      value = make(key);
      known.set(key, value);
    }
    return value;
  };
}

function comparePair(a: CompiledPolicy, b: CompiledPolicy, grounds: Grounds): Answer {
  const shared = sharedTargets(a, b, grounds);
  const pair = { a: a.id, b: b.id };
  if (shared.length === 0) return { answer: 'apart' };
  const duplicate = duplicateOf(a, b, shared, grounds);
  if (duplicate !== undefined) return { answer: 'duplicate', of: { ...pair, match: duplicate } };
  const witnesses: Agreement['witnesses'][number][] = [];
  let unknown: Unknown | undefined;
  for (const target of shared) {
    const sides = [a, b].map((policy): Side => ({ policy, asked: grounds.asked(policy, target) })) as [
      Side,
      Side,
    ];
    const comparison = compareOn(...sides, grounds.ground(target));
    const kind = target.info.kind;
    if (comparison.answer === 'contradiction') {
      const { answer: _, ...found } = comparison;
      const conditional = sides.some(({ asked }) => asked.conditional);
      return { answer: 'contradiction', of: { ...pair, kind, conditional, ...found } };
    }
    if (comparison.answer === 'unknown') unknown ??= { ...pair, kind, reason: comparison.reason };
    if (comparison.answer === 'none') witnesses.push({ kind, object: comparison.of.object });
  }
  if (unknown !== undefined) return { answer: 'unknown', of: unknown };
  return witnesses.length === 0 ? { answer: 'apart' } : { answer: 'none', of: { ...pair, witnesses } };
}

/** Kinds of requests that are both policies' business. An update is looked at where it differs from a creation. */
function sharedTargets(a: CompiledPolicy, b: CompiledPolicy, grounds: Grounds): readonly Target[] {
  const ofB = new Set(grounds.targets(b));
  const both = grounds.targets(a).filter((target) => ofB.has(target));
  return both.filter((target) => {
    const created = both.some(({ info, operation }) => info === target.info && operation === 'CREATE');
    if (target.operation === 'CREATE' || !created) return true;
    return [a, b].some((policy) => grounds.asked(policy, target).readsUpdate);
  });
}

function duplicateOf(
  a: CompiledPolicy,
  b: CompiledPolicy,
  shared: readonly Target[],
  grounds: Grounds,
): Duplicate['match'] | undefined {
  const keys = (policy: CompiledPolicy, target: Target) =>
    grounds
      .asked(policy, target)
      .clauses.map(({ formula }) => formula.key)
      .sort()
      .join('\n');
  const same = shared.every((target) => keys(a, target) !== '' && keys(a, target) === keys(b, target));
  if (!same) return undefined;
  const targets = [...grounds.targets(a), ...grounds.targets(b)];
  const applies = (policy: CompiledPolicy, target: Target) => grounds.asked(policy, target).applies.key;
  const equal = targets.every(
    (target) =>
      grounds.targets(a).includes(target) &&
      grounds.targets(b).includes(target) &&
      applies(a, target) === applies(b, target),
  );
  if (equal) return 'equal';
  const meet = shared.some((target) => {
    const overlap = and(grounds.asked(a, target).applies, grounds.asked(b, target).applies);
    return find(overlap, grounds.ground(target).structure, () => true).found !== 'nothing';
  });
  return meet ? 'overlapping' : undefined;
}

function unsatisfiable(policy: CompiledPolicy, grounds: Grounds): readonly Unsatisfiable[] {
  for (const target of grounds.targets(policy)) {
    const { applies, passes, clauses } = grounds.asked(policy, target);
    const { structure } = grounds.ground(target);
    if (find(and(applies, passes), structure, () => true).found !== 'nothing') continue;
    if (find(applies, structure, () => true).found === 'nothing') continue;
    const asking = clauses.map(({ validation, formula }) => ({
      policy: policy.id,
      validation,
      asks: describe(formula),
    }));
    return [{ policy: policy.id, kind: target.info.kind, clauses: asking }];
  }
  return [];
}
