/** The last known good snapshot on the disk: a worker starts from it when nobody answers. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { type DataFolder, TEMPORARY, writeDurably } from '../data-folder.ts';
import { keepEpoch, lastEpoch } from './epoch.ts';
import { type Verifier, verifiersIn, verify } from './note.ts';
import { type CheckedSnapshot, checkingSnapshot } from './open.ts';
import { atOnce, withPauses } from './steps.ts';

/** As many contents stay beside each other. */
const KEPT = 10;
/** Milliseconds after which nobody is still writing a file. */
const ABANDONED = 3_600_000;

export interface KeptSnapshot {
  readonly note: string;
  /** Of the content. */
  readonly text: string;
}

/**
 * Puts a snapshot in force on the disk: its content, its note, then its epoch, so that whatever a crash leaves is whole.
 *
 * @param verifiers Those that the note must be of: what is not signed is never kept.
 * @param now Milliseconds since the epoch.
 */
export async function keepSnapshot(
  data: DataFolder,
  { note, text }: KeptSnapshot,
  verifiers: readonly Verifier[],
  now: number,
): Promise<void> {
  const checked = await withPauses(checkingSnapshot(note, text, verifiers, lastEpoch(data)));
  if (!checked.ok) throw new Error(`not kept: ${checked.detail}`);
  const path = data.snapshot(checked.digest);
  await writeDurably(path, text);
  await writeDurably(data.note, note);
  await keepEpoch(data, checked.epoch);
  await utimes(path, now / 1000, now / 1000);
  await prune(data, path, now);
}

export type FoundSnapshot =
  | (Extract<CheckedSnapshot, { readonly ok: true }> & KeptSnapshot)
  | { readonly ok: false; readonly reason: 'none' | Refusal['reason']; readonly detail: string };

type Refusal = Extract<CheckedSnapshot, { readonly ok: false }>;

/** What is in force on the disk, believed no more than what comes from the network. */
export function readKept(
  data: DataFolder,
  verifiers: readonly Verifier[] = verifiersIn(data),
): FoundSnapshot {
  const note = textOf(data.note);
  if (note === undefined) return { ok: false, reason: 'none', detail: `there is no ${data.note}` };
  const verified = verify(verifiers, note);
  if (!verified.ok) return verified;
  const text = textOf(data.snapshot(verified.digest));
  if (text === undefined)
    return {
      ok: false,
      reason: 'malformed',
      detail: `its content ${verified.digest} is not in ${data.snapshots}`,
    };
  const checked = atOnce(checkingSnapshot(note, text, verifiers, lastEpoch(data)));
  return checked.ok ? { ...checked, note, text } : checked;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The oldest go, never the one in force; and what was never finished. */
async function prune({ snapshots }: DataFolder, inForce: string, now: number): Promise<void> {
  const files = readdirSync(snapshots).flatMap((name) => {
    const path = join(snapshots, name);
    const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    return written === undefined ? [] : [{ path, written }];
  });
  const others = files.filter(({ path }) => path.endsWith('.json') && path !== inForce);
  const old = others.toSorted((a, b) => b.written - a.written).slice(KEPT - 1);
  const left = files.filter(({ path, written }) => path.endsWith(TEMPORARY) && now - written > ABANDONED);
  for (const { path } of [...old, ...left]) await rm(path, { force: true });
}
