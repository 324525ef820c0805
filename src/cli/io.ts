import { fstatSync, statSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import type { CacheOptions } from '../app/options.ts';
import { UsageError } from '../app/usage.ts';

/** What a command sees of the process: handed in, so that commands are plain functions in tests. */
export interface Io {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: Sink;
  readonly err: Sink;
  /** From the launcher. */
  readonly cache: CacheOptions | undefined;
}

export interface Sink {
  /** After a closed pipe what is written goes nowhere. Throws UsageError when standard output cannot take a report. */
  write(text: string): void;
  readonly terminal: boolean;
  /** Columns of the terminal; undefined when it is none. */
  readonly columns: number | undefined;
}

export function processIo(cache: CacheOptions | undefined): Io {
  return { cwd: process.cwd(), env: process.env, out: sink(1), err: sink(2), cache };
}

/** Written to the descriptor itself: `process.stdout` costs milliseconds before the first finding. */
function sink(descriptor: 1 | 2): Sink {
  let terminal: boolean | undefined;
  let closed = false;
  return {
    get terminal() {
      terminal ??= isTerminal(descriptor);
      return terminal;
    },
    get columns() {
      return this.terminal ? (descriptor === 1 ? process.stdout : process.stderr).columns : undefined;
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

/** What `isatty` says; asked only of what could be one, since node:tty loads all of Node's sockets. */
function isTerminal(descriptor: number): boolean {
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isCharacterDevice() || isNull(stat)) return false;
  } catch {
    return false; // closed
  }
  return process.getBuiltinModule('node:tty').isatty(descriptor);
}

/** On Windows nobody can tell, and the console answers. */
function isNull({ rdev }: { readonly rdev: number }): boolean {
  return process.platform !== 'win32' && rdev === statSync(devNull).rdev;
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
