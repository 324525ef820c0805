import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
  readonly code: number | null;
}

const ROOT = join(import.meta.dirname, '..');

/** One run of Node as a whole process, from its start to its end; its standard output goes nowhere. */
export function measure(args: readonly string[], cwd = ROOT): Measured {
  const usage = join(import.meta.dirname, 'usage.js');
  const start = process.hrtime.bigint();
  const child = spawnSync(process.execPath, ['--import', usage, ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const used = child.output[3];
  if (child.error !== undefined || used == null || used === '')
    throw new Error(`node ${args.join(' ')}: ${child.error?.message ?? child.stderr}`);
  return {
    seconds,
    code: child.status,
    ...(JSON.parse(used) as Pick<Measured, 'cpuSeconds' | 'peakMegabytes'>),
  };
}

/** Seconds of a bare run, nothing preloaded: what a person waits. */
export function wait(args: readonly string[], cwd = ROOT): number {
  const start = process.hrtime.bigint();
  const child = spawnSync(process.execPath, [...args], { cwd, stdio: 'ignore' });
  if (child.error !== undefined) throw child.error;
  return Number(process.hrtime.bigint() - start) / 1e9;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The run whose time is the median: its other figures belong to it. */
export function medianRun(runs: readonly Measured[]): Measured {
  const sorted = [...runs].sort((a, b) => a.seconds - b.seconds);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** A table in Markdown, numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((text, column) => Math.max(text.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
