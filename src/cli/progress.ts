import type { Sink } from './io.ts';

export interface Progress {
  step(done: number, total: number, what: string): void;
  end(): void;
}

const SILENCE: Progress = { step: () => {}, end: () => {} };
/** A scan that is over sooner needs no progress. */
const PATIENCE_MS = 1000;
const REFRESH_MS = 100;

/** One line on a terminal that is rewritten and cleared at the end; nothing when piped. `now` in milliseconds. */
export function progressOn(sink: Sink, quiet: boolean, now: () => number): Progress {
  if (quiet || !sink.terminal) return SILENCE;
  const start = now();
  let last = start + PATIENCE_MS - REFRESH_MS;
  let shown = false;
  return {
    step(done, total, what) {
      const at = now();
      if (at - last < REFRESH_MS) return;
      last = at;
      shown = true;
      const share = total === 0 ? 0 : Math.floor((done / total) * 20);
      const bar = `${'#'.repeat(share)}${'.'.repeat(20 - share)}`;
      sink.write(`\r[${bar}] ${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${what}`);
    },
    end() {
      if (shown) sink.write('\r\x1b[K');
    },
  };
}
