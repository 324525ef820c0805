/** Batches that a worker could not send before it ended, for its next start. */
import { readFileSync, rmSync } from 'node:fs';
import type { DecisionBatch } from '../../model/index.ts';
import { type DataFolder, writeDurably } from '../data-folder.ts';

export async function keepSpool({ spool }: DataFolder, batches: readonly DecisionBatch[]): Promise<void> {
  if (batches.length > 0) await writeDurably(spool, JSON.stringify(batches));
}

/** They are the caller's from then on. What cannot be read is nothing: counts are lost rather than a start. */
export function takeSpool({ spool }: DataFolder): readonly DecisionBatch[] {
  try {
    const batches: unknown = JSON.parse(readFileSync(spool, 'utf8'));
    rmSync(spool, { force: true });
    return Array.isArray(batches) ? (batches as DecisionBatch[]) : [];
  } catch {
    return [];
  }
}
