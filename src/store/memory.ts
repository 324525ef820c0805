/** Decisions in memory, bounded: counts of everything, the last records, the last keys. */
import type { DecisionRecord, PolicyCounts } from '../model/index.ts';
import type { DecisionStore } from './store.ts';

const MOST_RECORDS = 10_000;
/** A worker sends one batch at a time, and again only that one. */
const MOST_KEYS = 10_000;

export function createMemoryDecisions(now: number): DecisionStore {
  const policies = new Map<string, PolicyCounts>();
  const keys = new Set<string>();
  let records: DecisionRecord[] = [];
  let [requests, dryRuns, dropped] = [0, 0, 0];

  return {
    add(batch) {
      if (keys.has(batch.key)) return false;
      remember(keys, batch.key);
      for (const [id, counts] of Object.entries(batch.counts.policies)) addCounts(policies, id, counts);
      requests += batch.counts.requests;
      dryRuns += batch.counts.dryRuns;
      dropped += batch.dropped;
      records = [...records, ...batch.records];
      if (records.length > MOST_RECORDS) {
        dropped += records.length - MOST_RECORDS;
        records = records.slice(-MOST_RECORDS);
      }
      return true;
    },
    totals: () => ({ policies: Object.fromEntries(policies), requests, dryRuns, dropped, since: now }),
    recent: (limit) => records.slice(-limit).reverse(),
  };
}

function remember(keys: Set<string>, key: string): void {
  keys.add(key);
  if (keys.size <= MOST_KEYS) return;
  const [oldest] = keys;
  keys.delete(oldest!);
}

function addCounts(into: Map<string, PolicyCounts>, id: string, counts: PolicyCounts): void {
  const known = into.get(id);
  if (known === undefined) into.set(id, { ...counts });
  else for (const key of Object.keys(known) as (keyof PolicyCounts)[]) known[key] += counts[key];
}
