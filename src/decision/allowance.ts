/** What `rampart:allow` says: that one policy's finding is known and accepted for a time. */
import type { Origin } from '../model/index.ts';

export interface Allowance {
  readonly policy: string;
  /** One validation of it; undefined: all. */
  readonly validation: string | undefined;
  /** The last day it counts, `YYYY-MM-DD`, in UTC. */
  readonly until: string;
  readonly reason: string;
}

/** One that stands in a file, well formed or not. */
export interface PlacedAllowance {
  readonly origin: Origin;
  readonly said: Allowance | { readonly fault: string };
}

const FORM = 'POLICY until=YYYY-MM-DD reason="why"';

/** Reads `POLICY[/VALIDATION] until=YYYY-MM-DD reason="…"`; what is missing or unknown is a fault. */
export function parseAllowance(text: string): Allowance | { readonly fault: string } {
  const [, name = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(text.trim())!;
  if (name === '' || name.includes('=')) return { fault: `no policy is named; write ${FORM}` };
  const fields = fieldsOf(rest);
  if ('fault' in fields) return fields;
  const { until, reason } = fields;
  if (until === undefined) return { fault: `it has no until=YYYY-MM-DD: nothing is allowed for ever` };
  if (!isDay(until)) return { fault: `until=${until} is no date; write until=YYYY-MM-DD` };
  if (reason === undefined || reason.trim() === '') return { fault: 'it has no reason="why"' };
  const slash = name.indexOf('/');
  return {
    policy: slash === -1 ? name : name.slice(0, slash),
    validation: slash === -1 ? undefined : name.slice(slash + 1),
    until,
    reason: reason.trim(),
  };
}

type Fields = { readonly until?: string; readonly reason?: string };

function fieldsOf(text: string): Fields | { readonly fault: string } {
  const fields: { until?: string; reason?: string } = {};
  let rest = text.trim();
  while (rest !== '') {
    const match = /^(\w+)=(?:"([^"]*)"|([^\s"]+))(?:\s+|$)/.exec(rest);
    if (match === null) return { fault: `cannot read ${JSON.stringify(rest.slice(0, 40))}; write ${FORM}` };
    const [whole, key, quoted, bare] = match;
    if (key !== 'until' && key !== 'reason') return { fault: `it has no field ${key}; write ${FORM}` };
    if (fields[key] !== undefined) return { fault: `${key} is given twice` };
    fields[key] = quoted ?? bare!;
    rest = rest.slice(whole.length);
  }
  return fields;
}

/** A day that the calendar has. */
function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

const DAY_MS = 86_400_000;

/** @param now Milliseconds since the epoch. */
export function isOver(until: string, now: number): boolean {
  return now >= Date.parse(`${until}T00:00:00Z`) + DAY_MS;
}

export function covers(allowance: Allowance, policy: string | null, validation: string | undefined): boolean {
  return (
    allowance.policy === policy && (allowance.validation === undefined || allowance.validation === validation)
  );
}
