import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../app/usage.ts';
import type { Report } from '../model/index.ts';
import { FORMATS, type FormatName, type FormatOptions } from '../report/index.ts';
import type { Io } from './io.ts';

export interface OutputTarget {
  readonly format: FormatName;
  /** Undefined: standard output. */
  readonly file: string | undefined;
}

export interface Outputs {
  write(report: Report, options: Omit<FormatOptions, 'width'>): Promise<void>;
}

/** Columns of everything that is not a terminal, and the most that a terminal's lines are let grow. */
const PAGE_WIDTH = 80;
const WIDEST = 100;
/** Pieces are gathered to this many characters before they are written. */
const CHUNK = 1 << 16;

/** Opens every file before anything is scanned: a mistyped folder is known at once, not after a minute. */
export function openOutputs(targets: readonly OutputTarget[], io: Io): Outputs {
  const paths = targets.flatMap(({ file }) => (file === undefined ? [] : [resolve(io.cwd, file)]));
  if (new Set(paths).size < paths.length) throw new UsageError('--output names the same file twice');
  const opened = targets.map((target) => ({ ...target, sink: sinkOf(target, io) }));
  return {
    async write(report, options) {
      for (const { format, file, sink } of opened) {
        const color = file === undefined && options.color && io.out.terminal && wantsColor(io.env);
        const width = file === undefined ? widthOf(io) : PAGE_WIDTH;
        writeAll((await FORMATS[format]())(report, { ...options, color, width }), sink.write);
        sink.close();
      }
    },
  };
}

function sinkOf({ file }: OutputTarget, io: Io): { write(text: string): void; close(): void } {
  if (file === undefined) return { write: io.out.write, close: () => {} };
  let descriptor: number;
  try {
    descriptor = openSync(resolve(io.cwd, file), 'w');
  } catch (error) {
    throw unwritable(file, error);
  }
  return {
    write: (text) => {
      const bytes = Buffer.from(text);
      try {
        for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      } catch (error) {
        throw unwritable(file, error);
      }
    },
    close: () => closeSync(descriptor),
  };
}

function unwritable(file: string, error: unknown): UsageError {
  return new UsageError(`--output: cannot write ${file}: ${(error as NodeJS.ErrnoException).code ?? error}`);
}

function writeAll(pieces: Iterable<string>, write: (text: string) => void): void {
  let gathered = '';
  for (const piece of pieces) {
    gathered += piece;
    if (gathered.length < CHUNK) continue;
    write(gathered);
    gathered = '';
  }
  if (gathered !== '') write(gathered);
}

/** https://no-color.org: any value but the empty one. */
function wantsColor(env: Io['env']): boolean {
  return (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

function widthOf({ out }: Io): number {
  return Math.max(40, Math.min(out.columns ?? PAGE_WIDTH, WIDEST));
}
