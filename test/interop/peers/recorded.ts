/** What the peers said of the cases, kept in recorded.json so that a test without them can compare. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, yamlOf } from './cases.ts';
import type { Reported } from './ours.ts';

/** Of a peer: its checks that were asked. */
export interface RecordedPeer {
  readonly name: string;
  readonly release: string;
  readonly checks: readonly string[];
}

export interface Recorded {
  readonly peers: readonly RecordedPeer[];
  /** By name of the case: see {@link lineOf}. */
  readonly cases: Readonly<Record<string, string>>;
}

const FILE = join(import.meta.dirname, 'recorded.json');

export function readRecorded(): Recorded {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Recorded;
}

export function writeRecorded(recorded: Recorded): void {
  writeFileSync(FILE, `${JSON.stringify(recorded, null, 1)}\n`);
}

/**
 * A case in one line: a digest of its text, a space, then of each object the numbers of the checks that report it, as they
 * are counted over all peers. Objects are separated by semicolons.
 */
export function lineOf(each: Case, reports: readonly Reported[], checks: readonly string[]): string {
  const numbers = reports.map((reported) =>
    checks.flatMap((check, number) => (reported.has(check) ? [number] : [])).join(),
  );
  return `${digestOf(each)} ${numbers.join(';')}`;
}

/** What was said of a case, object by object; undefined where it was another one then. */
export function recordedReports(each: Case, { peers, cases }: Recorded): Reported[] | undefined {
  const [digest, numbers = ''] = cases[each.name]?.split(' ') ?? [];
  if (digest !== digestOf(each)) return undefined;
  const checks = peers.flatMap((peer) => peer.checks);
  return numbers
    .split(';')
    .map(
      (list) => new Set(list === '' ? [] : list.split(',').map((number) => checks[Number(number)] as string)),
    );
}

function digestOf(each: Case): string {
  return createHash('sha256').update(yamlOf(each)).digest('hex').slice(0, 8);
}
