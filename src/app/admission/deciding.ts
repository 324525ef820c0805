/** A compiled snapshot as the admission gate wants it: every policy acts as if enforced, and stages hold it back. */
import { hash } from 'node:crypto';
import type { DecidingSnapshot } from '../../gates/index.ts';
import type { SnapshotDocument } from '../../model/index.ts';
import {
  type CompiledPolicy,
  createEvaluator,
  type EvaluationContext,
  type EvaluatorOptions,
  type PolicySet,
} from '../../policy/index.ts';
import type { CompiledSnapshot } from '../snapshot/compile.ts';

/** Every policy of a snapshot, as it acts when it is enforced: those that decide, and those that are only observed. */
export function enforcedSet({ set, observed }: CompiledSnapshot): PolicySet {
  return {
    ...set,
    policies: [...set.policies.map(denying), ...observed.policies],
    expansions: [...set.expansions, ...observed.expansions],
  };
}

/** @param context What the evaluator knows beside the policies; with the time, since exceptions end while a snapshot is in force. */
export function decidingSnapshot(
  compiled: CompiledSnapshot,
  set: PolicySet,
  context: EvaluationContext & Required<Pick<EvaluationContext, 'now'>>,
  options: EvaluatorOptions = {},
): DecidingSnapshot {
  const { digest, observed, stages, tiers, exemptions, podPaths, content } = compiled;
  const { policies } = set;
  return {
    digest,
    policies,
    evaluator: createEvaluator(set, { ...context, podPaths }, options),
    stages: Object.fromEntries(stages),
    ...(content.unaccepted !== undefined && { unaccepted: content.unaccepted }),
    tiers,
    exemptions,
    observed: new Set(observed.policies.map(({ id }) => id)),
    digests: digestsOf(policies, content.documents),
  };
}

/** Native policies have no actions of their own: their stage says what they do. */
export function denying(policy: CompiledPolicy): CompiledPolicy {
  if (policy.dialect !== 'native') return policy;
  return { ...policy, bindings: policy.bindings.map((binding) => ({ ...binding, actions: ['Deny'] })) };
}

function digestsOf(
  policies: readonly CompiledPolicy[],
  documents: readonly SnapshotDocument[],
): ReadonlyMap<string, string> {
  const texts = new Map(documents.map(({ text, origin }) => [`${origin.file}:${origin.line}`, text]));
  return new Map(
    policies.flatMap(({ id, origin }) => {
      const text = texts.get(`${origin.file}:${origin.line}`);
      return text === undefined ? [] : [[id, `sha256:${hash('sha256', text)}`] as const];
    }),
  );
}
