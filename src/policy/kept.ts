import { compilersOf } from './compile.ts';
import type { ExpressionMemory } from './environment/compiler.ts';
import type { CompiledPolicy } from './form.ts';
import { codeOnce, type PolicySet } from './load.ts';

type Codeless = Omit<CompiledPolicy, 'code'>;

/** A set without its programs: plain data, to be kept between runs or sent to a thread. */
export interface KeptSet extends Omit<PolicySet, 'policies' | 'inactive'> {
  readonly policies: readonly Codeless[];
  readonly inactive: readonly Codeless[];
}

export function keepSet(set: PolicySet): KeptSet {
  const codeless = ({ code: _, ...rest }: CompiledPolicy): Codeless => rest;
  return { ...set, policies: set.policies.map(codeless), inactive: set.inactive.map(codeless) };
}

/** The set again, without a look at its documents; expressions are compiled when they first meet a resource. */
export function reviveSet(kept: KeptSet, memory?: ExpressionMemory): PolicySet {
  const compile = compilersOf(kept.settings, memory);
  const coded = (policy: Codeless): CompiledPolicy => ({
    ...policy,
    code: codeOnce(policy, compile[policy.dialect], true),
  });
  return { ...kept, policies: kept.policies.map(coded), inactive: kept.inactive.map(coded) };
}
