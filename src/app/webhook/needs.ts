/**
 * What has to be asked about so that policies see all that is their business: their own rules, and for those that something
 * else than rules chooses for, what that may be. Never less; labels, names and conditions may still leave requests out.
 */
import { type CompiledPolicy, TARGET } from '../../policy/form.ts';
import type { Block, BlockFilter } from '../../policy/match/blocks.ts';
import type { Filter } from '../../policy/match/filter.ts';
import { EVERYTHING } from '../../policy/match/match.ts';
import type { Rule } from '../../policy/match/rules.ts';
import type { CompiledSnapshot } from '../snapshot/compile.ts';
import { carrying, matching, resourcesOf } from './kinds.ts';

export type Need = Omit<Rule, 'resourceNames'>;

/** By policy: what each of a snapshot is to be asked about. What only changes objects that exist is asked about nothing. */
export function needsOf({ set }: Pick<CompiledSnapshot, 'set'>): Map<CompiledPolicy, readonly Need[]> {
  const asked = set.policies.filter(({ variant, subject }) => variant !== TARGET && subject !== 'payload');
  return new Map(asked.map((policy) => [policy, needsOfPolicy(policy)]));
}

/** What carries what policies look at: kinds with pod templates, and those that ExpansionTemplates name. */
export function needsOfCarriers({ set, podPaths }: Pick<CompiledSnapshot, 'set' | 'podPaths'>): Need[] {
  const expanded = set.expansions.flatMap(({ applyTo }) =>
    applyTo.flatMap((entry) => entry.groups.flatMap((group) => entry.kinds.map((kind) => ({ group, kind })))),
  );
  return [...podPaths, ...expanded].map(({ group, kind }) => ({
    ...ANY,
    // What is deleted makes nothing, and through a subresource no template changes.
    operations: ['CREATE', 'UPDATE'],
    ...resourcesOf(group, kind, ''),
  }));
}

const ANY: Need = {
  operations: ['*'],
  apiGroups: ['*'],
  apiVersions: ['*'],
  resources: [{ resource: '*', subresource: '*' }],
  scope: '*',
};

function needsOfPolicy({ match, filter }: CompiledPolicy): readonly Need[] {
  const rules = match.resourceRules.length === 0 ? EVERYTHING.resourceRules : match.resourceRules;
  if (filter === null) return rules;
  const needs = 'kinds' in filter ? needsOfFilter(filter) : needsOfBlocks(filter);
  return rules.flatMap((rule) => (isEverything(rule) ? needs.flatMap((need) => both(need, rule)) : [rule]));
}

/** Of any resource: then the filter says which. */
function isEverything({ apiGroups, apiVersions, resources, scope }: Rule): boolean {
  return (
    scope === '*' &&
    apiGroups.includes('*') &&
    apiVersions.includes('*') &&
    resources.some(({ resource, subresource }) => resource === '*' && subresource === '*')
  );
}

function both(need: Need, { operations }: Rule): Need[] {
  if (operations.includes('*')) return [need];
  if (need.operations.includes('*')) return [{ ...need, operations }];
  const left = need.operations.filter((operation) => operations.includes(operation));
  return left.length === 0 ? [] : [{ ...need, operations: left }];
}

function needsOfFilter({ kinds: entries, scope }: Filter): Need[] {
  const of = { ...ANY, scope: scope === 'any' ? '*' : scope } as const;
  if (entries.length === 0) return [of];
  return entries.flatMap((entry) => carrying(entry).map((one) => ({ ...of, ...one })));
}

function needsOfBlocks({ match: { needs, blocks } }: BlockFilter): Need[] {
  const asking = blocks.filter(({ kinds: named, operations }) => named.length + operations.length > 0);
  if (needs === 'any') return blocks.flatMap((block) => needsOfBlock(block));
  // All have to fit, so that what one of them needs is enough.
  return asking[0] === undefined ? [ANY] : needsOfBlock(asking[0]);
}

function needsOfBlock({ kinds: patterns, operations }: Block): Need[] {
  const of = { ...ANY, operations: operations.length === 0 ? ['*'] : operations };
  if (patterns.length === 0) return [of];
  return patterns.flatMap((pattern) => matching(pattern).map((one) => ({ ...of, ...one })));
}
