/** What could not be evaluated, by cause: one malformed pod stops every policy on pods. */
import type { Reported } from '../model/index.ts';
import { plain } from './text.ts';

const MORE_POLICIES = 3;

/** One text that keeps policies from deciding: the policies, and the first result of each place. */
export interface Cause {
  readonly policies: readonly string[];
  readonly places: Reported[];
}

/** First by object, since one malformed pod stops every policy on pods; then by policies, over all objects. */
export function byCause(results: readonly Reported[]): Cause[] {
  const byObject = groups(results, ({ policy, reason, detail, origin, resource }) =>
    JSON.stringify([reason, detail, origin, resource, resource === null ? policy : '']),
  ).map((same): Cause => ({ policies: policiesOf(same), places: [same[0]!] }));
  return groups(byObject, ({ policies, places }) => {
    const { reason, detail, origin } = places[0]!;
    return JSON.stringify([policies, reason, detail, policies.length === 0 ? origin : '']);
  }).map((same): Cause => ({ policies: same[0]!.policies, places: same.flatMap(({ places }) => places) }));
}

export function groups<T>(items: readonly T[], key: (item: T) => string): T[][] {
  return [...Map.groupBy(items, key).values()];
}

function policiesOf(results: readonly Reported[]): string[] {
  return [...new Set(results.flatMap(({ policy }) => policy ?? []))];
}

/** The first few by name, and how many more. */
export function policyNames(policies: readonly string[]): string {
  const rest = policies.length - MORE_POLICIES;
  const named = policies.slice(0, MORE_POLICIES).map(plain).join(', ');
  return rest > 0 ? `${named} and ${rest} more` : named;
}
