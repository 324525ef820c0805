/** Until when workers are known to have been there, kept for the next start: what changed since then may be past everybody. */
import { readFileSync } from 'node:fs';
import { type DataFolder, writeDurably } from '../data-folder.ts';

export interface Covered {
  /** Milliseconds since 1970, of the run before; undefined: there was none. */
  readonly before: number | undefined;
  /** A worker that has a snapshot in force is there. */
  note(): void;
  close(): Promise<void>;
}

const EVERY_MS = 2_000;

export function openCovered({ covered }: Pick<DataFolder, 'covered'>, now: () => number): Covered {
  const before = readBefore(covered);
  let [noted, written] = [0, 0];
  let writing: Promise<void> = Promise.resolve();

  function write(): void {
    written = noted;
    const text = String(noted);
    writing = writing
      .then(() => writeDurably(covered, text))
      .catch(() => {
        // Then the next start knows of an earlier time, and marks more than it has to.
      });
  }

  return {
    before,
    note() {
      noted = now();
      if (noted - written >= EVERY_MS) write();
    },
    async close() {
      if (noted > written) write();
      await writing;
    },
  };
}

function readBefore(path: string): number | undefined {
  try {
    const time = Number(readFileSync(path, 'utf8'));
    return Number.isSafeInteger(time) && time > 0 ? time : undefined;
  } catch {
    return undefined;
  }
}
