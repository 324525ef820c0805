import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../app/usage.ts';
import type { Report } from '../model/index.ts';
import { FORMATS, type FormatName, type FormatOptions, loadJobSummary } from '../report/index.ts';
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
/** GitHub takes no more of a step's summary: the whole of it, when it is longer, is lost. In bytes. */
const JOB_SUMMARY_LIMIT = 1 << 20;
/** Less than this holds no more than a verdict. */
const JOB_SUMMARY_LEAST = 1 << 13;

/** Opens every file before anything is scanned: a mistyped folder is known at once, not after a minute. */
export function openOutputs(targets: readonly OutputTarget[], io: Io): Outputs {
  const paths = targets.flatMap(({ file }) => (file === undefined ? [] : [resolve(io.cwd, file)]));
  if (new Set(paths).size < paths.length) throw new UsageError('--output names the same file twice');
  const opened = targets.map((target) => ({ ...target, sink: sinkOf(target, io) }));
  const summary = targets.some(({ format }) => format === 'github') ? jobSummaryOf(io) : undefined;
  return {
    async write(report, options) {
      if (summary !== undefined) await summary(report);
      for (const { format, file, sink } of opened) {
        const color = file === undefined && options.color && io.out.terminal && wantsColor(io.env);
        const width = file === undefined ? widthOf(io) : PAGE_WIDTH;
        writeAll((await FORMATS[format]())(report, { ...options, color, width }), sink.write);
        sink.close();
      }
    },
  };
}

/** Where GitHub Actions reads what a step shows on its page; others may have written to it before. */
function jobSummaryOf(io: Io): ((report: Report) => Promise<void>) | undefined {
  const file = io.env['GITHUB_STEP_SUMMARY'] ?? '';
  if (file === '') return undefined;
  const { write, close, size } = open(file, 'a', io, 'GITHUB_STEP_SUMMARY');
  return async (report) => {
    const room = JOB_SUMMARY_LIMIT - size;
    if (room >= JOB_SUMMARY_LEAST) write((await loadJobSummary())(report, room));
    else
      io.err.write('rampart: no room is left in the summary of this step, so it does not show this scan\n');
    close();
  };
}

function sinkOf({ file }: OutputTarget, io: Io): { write(text: string): void; close(): void } {
  if (file === undefined) return { write: io.out.write, close: () => {} };
  return open(file, 'w', io, '--output');
}

/** A file to write to, `size` bytes long already; `asked`: by what the caller named it. */
function open(file: string, flags: 'a' | 'w', io: Io, asked: string) {
  const attempt = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      throw new UsageError(
        `${asked}: cannot write ${file}: ${(error as NodeJS.ErrnoException).code ?? error}`,
      );
    }
  };
  const descriptor = attempt(() => openSync(resolve(io.cwd, file), flags));
  return {
    size: fstatSync(descriptor).size,
    write: (text: string) => {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) at += attempt(() => writeSync(descriptor, bytes, at));
    },
    close: () => closeSync(descriptor),
  };
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
