/**
 * Decisions on their way to the controller: counted as they happen, sent in batches, kept while nobody answers, within
 * bounds. A batch that may have arrived is sent again as it was, so that it counts once.
 */
import { randomUUID } from 'node:crypto';
import type {
  AskedAbout,
  DecisionBatch,
  DecisionCounts,
  DecisionRecord,
  PolicyCounts,
} from '../../model/index.ts';

export interface Ledger {
  record(record: DecisionRecord): void;
  /** Sends what there is; resolves when it has arrived, or could not be sent. */
  flush(): Promise<void>;
  /** What did not arrive. */
  waiting(): number;
  /** For the next start: what is not sent yet. */
  left(): readonly DecisionBatch[];
  close(): void;
}

export interface LedgerOptions {
  readonly send: (batch: DecisionBatch) => Promise<void>;
  /** What was counted since the worker began; never goes back. */
  readonly counts: () => DecisionCounts;
  /** Whom requests were about since the last call. */
  readonly asked?: () => AskedAbout | undefined;
  /** What a former run could not send. */
  readonly left?: readonly DecisionBatch[];
  /** Milliseconds between batches. Default 1 s. */
  readonly everyMs?: number;
}

const MOST_RECORDS = 10_000;
/** In one batch. */
const BATCH_RECORDS = 1_000;
const MOST_LEFT = 20;

export function createLedger({ send, counts, asked, left = [], everyMs = 1_000 }: LedgerOptions): Ledger {
  let records: DecisionRecord[] = [];
  let dropped = 0;
  let told: DecisionCounts = { policies: {}, requests: 0, dryRuns: 0 };
  const unsent: DecisionBatch[] = left.slice(-MOST_LEFT);
  let sending: Promise<void> | undefined;

  /** Of everything since the last batch; undefined where that is nothing. */
  function nextBatch(): DecisionBatch | undefined {
    const now = copyOf(counts());
    const since = difference(now, told);
    if (records.length === 0 && dropped === 0 && since.requests === 0 && since.dryRuns === 0)
      return undefined;
    const about = asked?.();
    const batch = {
      key: randomUUID(),
      counts: since,
      records: records.slice(0, BATCH_RECORDS),
      dropped,
      ...(about && { asked: about }),
    };
    told = now;
    records = records.slice(BATCH_RECORDS);
    dropped = 0;
    return batch;
  }

  async function sendAll(): Promise<void> {
    for (;;) {
      if (unsent.length === 0) {
        const batch = nextBatch();
        if (batch === undefined) return;
        unsent.push(batch);
      }
      try {
        await send(unsent[0]!);
      } catch {
        return;
      }
      unsent.shift();
    }
  }

  function flush(): Promise<void> {
    sending ??= sendAll().finally(() => {
      sending = undefined;
    });
    return sending;
  }

  const timer = setInterval(() => void flush(), everyMs).unref();
  return {
    record(record) {
      if (records.length >= MOST_RECORDS) {
        records.shift();
        dropped++;
      }
      records.push(record);
    },
    flush,
    waiting: () => unsent.length + records.length,
    left() {
      const all = [...unsent];
      for (let batch = nextBatch(); batch !== undefined && all.length < MOST_LEFT; batch = nextBatch())
        all.push(batch);
      return all;
    },
    close: () => clearInterval(timer),
  };
}

function copyOf({ policies, requests, dryRuns }: DecisionCounts): DecisionCounts {
  const copies = Object.entries(policies).map(([id, of]) => [id, { ...of }] as const);
  return { policies: Object.fromEntries(copies), requests, dryRuns };
}

function difference(now: DecisionCounts, before: DecisionCounts): DecisionCounts {
  const policies = Object.entries(now.policies).flatMap(([id, of]) => {
    const since = minus(of, before.policies[id]);
    return Object.values(since).every((count) => count === 0) ? [] : [[id, since] as const];
  });
  return {
    policies: Object.fromEntries(policies),
    requests: now.requests - before.requests,
    dryRuns: now.dryRuns - before.dryRuns,
  };
}

function minus(now: PolicyCounts, before: PolicyCounts | undefined): PolicyCounts {
  const since = { ...now };
  if (before !== undefined)
    for (const key of Object.keys(since) as (keyof PolicyCounts)[]) since[key] -= before[key];
  return since;
}
