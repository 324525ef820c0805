/** Epochs order snapshots: who has seen one takes no older one, so that nobody can bring back what was replaced. */
import { readFileSync } from 'node:fs';
import { type DataFolder, writeDurably } from '../data-folder.ts';
import { UsageError } from '../usage.ts';

/** The highest one that was in force; 0: none was. What the file holds otherwise is a UsageError. */
export function lastEpoch({ epoch: path }: DataFolder): number {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw new UsageError(`--data: cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? error}`);
  }
  const epoch = /^[1-9]\d{0,15}\n$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(epoch))
    throw new UsageError(`--data: ${path} holds no epoch`, 'without the file the clock says the next one');
  return epoch;
}

/**
 * That of the next snapshot. Milliseconds, so that it is higher than any before also when the folder was lost.
 *
 * @param now Milliseconds since the epoch.
 */
export function nextEpoch(data: DataFolder, now: number): number {
  return Math.max(lastEpoch(data) + 1, Math.floor(now));
}

/** After the snapshot itself is kept: a crash between leaves one that is newer, and counts. Never goes back. */
export async function keepEpoch(data: DataFolder, epoch: number): Promise<void> {
  const last = lastEpoch(data);
  if (epoch < last) throw new Error(`epoch ${epoch} is older than ${last}`);
  if (epoch > last) await writeDurably(data.epoch, `${epoch}\n`);
}
