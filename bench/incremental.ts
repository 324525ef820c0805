/**
 * `npm run bench:incremental`: 10,000 seeded manifests scanned again after one of them changed, with what the first scan
 * kept. Whole processes, from start to end; the report is compared with that of a scan without a cache.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeManifests } from './manifests.ts';
import { type Measured, measure, medianRun, table } from './measure.ts';

const COUNT = Number(process.argv[2] ?? 10_000);
const ROUNDS = Number(process.argv[3] ?? 5);
const TARGET = { seconds: 1, megabytes: 200 };
const BIN = join(import.meta.dirname, '..', 'bin', 'rampart.cjs');

const folder = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
try {
  const files = join(folder, 'manifests');
  mkdirSync(files);
  writeManifests(files, { count: COUNT, seed: 1, findings: 0.05 });
  console.log(`${COUNT} manifests, one of them changed before each scan, median of ${ROUNDS} rounds.\n`);
  const sets: [string, string[]][] = [
    ['Pod Security Standards', ['--select', 'set=pod-security-standards']],
    ['recommended set, which looks up other objects', []],
    ['whole library', ['--select', 'set=all']],
  ];
  for (const [index, [name, flags]] of sets.entries())
    benchmark(name, files, flags, join(folder, `cache-${index}`));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function benchmark(name: string, files: string, flags: readonly string[], cache: string): void {
  const scan = [BIN, 'scan', files, '--format', 'ndjson', ...flags];
  const without = [...scan, '--no-cache'];
  const kept = [...scan, '--cache', cache];
  const change = changer(files);
  measure(without);
  const first = measure(kept);
  const runs: Record<'without' | 'again', Measured[]> = { without: [], again: [] };
  for (let round = 0; round < ROUNDS; round++) {
    change(round);
    runs.without.push(measure(without));
    runs.again.push(measure(kept));
  }
  if (output(without) !== output(kept)) throw new Error('the reports differ');
  const again = medianRun(runs.again);
  console.log(`${name}:\n`);
  console.log(
    table(
      ['what', 's', 'CPU s', 'peak MB'],
      [
        row('without a cache', medianRun(runs.without)),
        row('first scan, keeping results', first),
        row('again, one file changed', again),
      ],
    ),
  );
  const bytes = readdirSync(cache).reduce((sum, pack) => sum + statSync(join(cache, pack)).size, 0);
  const met = again.seconds <= TARGET.seconds && again.peakMegabytes <= TARGET.megabytes;
  console.log(
    `\nThe cache has ${(bytes / 1e6).toFixed(0)} MB. ` +
      `Target ${TARGET.seconds} s and ${TARGET.megabytes} MB: ${met ? 'met' : 'missed'}.\n`,
  );
}

function row(name: string, { seconds, cpuSeconds, peakMegabytes }: Measured): string[] {
  return [name, seconds.toFixed(2), cpuSeconds.toFixed(2), peakMegabytes.toFixed(0)];
}

/** Gives another workload another image each time. */
function changer(files: string): (round: number) => void {
  const workloads = readdirSync(files, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => /^ *(?:- )?image: \S+$/m.test(readFileSync(path, 'utf8')));
  return (round) => {
    const path = workloads[(round * 997) % workloads.length]!;
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(/image: \S+$/m, `image: registry.example.com/changed:1.${round}`));
  };
}

/** Findings are no failure of a benchmark. */
function output(args: readonly string[]): string {
  const never = ['--fail-on', 'none'];
  return execFileSync(process.execPath, [...args, ...never], { encoding: 'utf8', maxBuffer: 1 << 28 });
}
