import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { UsageError } from '../app/usage.ts';

/** What a command sees of the process: handed in, so that commands are plain functions in tests. */
export interface Io {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: Sink;
  readonly err: Sink;
  readonly cache: Cache | undefined;
}

/** A folder that only the user can write, and what tells this engine from others; both from the launcher. */
export interface Cache {
  readonly folder: string;
  readonly engine: string;
}

export interface Sink {
  /** After a closed pipe what is written goes nowhere. Throws UsageError when standard output cannot take a report. */
  write(text: string): void;
  readonly terminal: boolean;
  /** Columns of the terminal; undefined when it is none. */
  readonly columns: number | undefined;
}

export function processIo(cache: Cache | undefined): Io {
  return { cwd: process.cwd(), env: process.env, out: sink(1), err: sink(2), cache };
}

/** Written to the descriptor itself: `process.stdout` costs milliseconds before the first finding. */
function sink(descriptor: 1 | 2): Sink {
  const terminal = isatty(descriptor);
  let closed = false;
  return {
    terminal,
    get columns() {
      return terminal ? (descriptor === 1 ? process.stdout : process.stderr).columns : undefined;
    },
    write(text) {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length && !closed; ) {
        try {
          at += writeSync(descriptor, bytes, at);
        } catch (error) {
          // EAGAIN: a pipe whose other end set it non-blocking is full; wait a moment, then go on.
          const { code } = error as NodeJS.ErrnoException;
          if (code === 'EAGAIN') pause(1);
          else closed = true;
          // A full disk must not turn into a short report and exit code 0. A reader that has gone has read enough.
          if (closed && code !== 'EPIPE' && descriptor === 1)
            throw new UsageError(`cannot write to standard output: ${code}`);
        }
      }
    },
  };
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
