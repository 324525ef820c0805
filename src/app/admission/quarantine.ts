/**
 * Which policies are not evaluated any more, because they kept running out. Of one snapshot: the next one starts with none.
 * The clock is milliseconds since 1970.
 */

/** How a policy ran out of what a helper thread gives it. */
export type RanOut = 'time' | 'memory';

export interface Quarantined {
  readonly policy: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** How often it had run out by then. */
  readonly times: number;
}

export interface QuarantineOptions {
  readonly now: () => number;
  /** Running out this often … */
  readonly times?: number;
  /** … within this many milliseconds … */
  readonly within?: number;
  /** … is answered with so many of quarantine. */
  readonly coolDown?: number;
}

export interface Quarantine {
  ranOut(policy: string, of: RanOut): void;
  /** Why a policy is not evaluated; undefined: it is. */
  reason(policy: string): string | undefined;
  /** Those in quarantine, by id. */
  list(): readonly Quarantined[];
}

const TEN_MINUTES = 600_000;

interface Record {
  /** When it ran out; no more than matter. */
  readonly at: number[];
  memory: boolean;
  since: number | undefined;
}

export function createQuarantine(options: QuarantineOptions): Quarantine {
  const { now, times = 3, within = TEN_MINUTES, coolDown = TEN_MINUTES } = options;
  const records = new Map<string, Record>();

  /** After the cool-down it has as many tries as at the start. */
  function current(policy: string): Record | undefined {
    const record = records.get(policy);
    if (record?.since === undefined || now() - record.since < coolDown) return record;
    records.delete(policy);
    return undefined;
  }

  return {
    ranOut(policy, of) {
      const record = current(policy) ?? { at: [], memory: false, since: undefined };
      records.set(policy, record);
      // Requests that were on their way when it was quarantined change nothing.
      if (record.since !== undefined) return;
      const time = now();
      while (record.at.length > 0 && time - record.at[0]! > within) record.at.shift();
      record.at.push(time);
      record.memory ||= of === 'memory';
      if (record.at.length >= times) record.since = time;
    },
    reason(policy) {
      if (records.size === 0) return undefined;
      const record = current(policy);
      if (record?.since === undefined) return undefined;
      const what = record.memory ? 'time or memory' : 'time';
      return `quarantined: it ran out of ${what} ${record.at.length} times`;
    },
    list() {
      return [...records.keys()].sort().flatMap((policy): Quarantined[] => {
        const record = current(policy);
        if (record?.since === undefined) return [];
        return [{ policy, since: record.since, times: record.at.length }];
      });
    },
  };
}
