/**
 * `npm run bench:scan`: 10,000 seeded manifests scanned with built-in policies, beside a floor in the same run: the
 * same files read, and parsed by the fastest YAML parser alone, on as many threads. Whole processes, from start to end.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeManifests } from './manifests.ts';
import { type Measured, measure, medianRun, table } from './measure.ts';
import { measureShares, type Shares } from './shares.ts';

const COUNT = Number(process.argv[2] ?? 10_000);
const ROUNDS = Number(process.argv[3] ?? 5);
const TARGET = 1.5;
const BIN = join(import.meta.dirname, '..', 'bin', 'rampart.cjs');
const FLOOR = join(import.meta.dirname, 'floor.ts');
const threads = availableParallelism();

const folder = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
try {
  console.log(`${COUNT} manifests, ${threads} threads, median of ${ROUNDS} rounds.\n`);
  for (const findings of [0.05, 1]) await benchmark(findings);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function benchmark(findings: number): Promise<void> {
  const files = join(folder, `${findings * 100}`);
  mkdirSync(files);
  const bytes = writeManifests(files, { count: COUNT, seed: 1, findings });
  const scan = [BIN, 'scan', files, '--format', 'ndjson', '--no-cache'];
  const contenders: [string, string[]][] = [
    ['floor: read, js-yaml failsafe', [FLOOR, files, String(threads), 'failsafe']],
    ['floor: read, js-yaml JSON schema', [FLOOR, files, String(threads), 'json']],
    ['rampart scan, Pod Security Standards', [...scan, '--select', 'set=pod-security-standards']],
    ['rampart scan, recommended set', scan],
    ['the same, --no-defaults', [...scan, '--no-defaults']],
    ['rampart scan, whole library', [...scan, '--select', 'set=all']],
  ];
  for (const [, args] of contenders) measure(args);
  const runs = contenders.map((): Measured[] => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [index, [, args]] of contenders.entries()) runs[index]!.push(measure(args));
  const medians = runs.map(medianRun);
  const floor = Math.min(medians[0]!.seconds, medians[1]!.seconds);
  console.log(
    `Findings in ${findings * 100} % of the files, ${(bytes / COUNT / 1024).toFixed(1)} KB each:\n`,
  );
  console.log(
    table(
      ['what', 'files/s', 'CPU s', 'files/CPU s', 'peak MB', 'x floor'],
      medians.map((run, index) => row(contenders[index]![0], run, floor)),
    ),
  );
  if (findings < 1)
    for (const index of [2, 3]) {
      const ratio = medians[index]!.seconds / floor;
      const verdict = ratio <= TARGET ? 'met' : 'missed';
      console.log(`\nTarget ${TARGET} x floor, ${contenders[index]![0]}: ${verdict} (${ratio.toFixed(2)}).`);
    }
  console.log(`\nShares of one warm thread: ${sharesText(await measureShares(files))}\n`);
}

function row(name: string, { seconds, cpuSeconds, peakMegabytes }: Measured, floor: number): string[] {
  return [
    name,
    (COUNT / seconds).toFixed(0),
    cpuSeconds.toFixed(2),
    (COUNT / cpuSeconds).toFixed(0),
    peakMegabytes.toFixed(0),
    (seconds / floor).toFixed(2),
  ];
}

function sharesText(shares: Shares): string {
  const total = Object.values(shares).reduce((sum, seconds) => sum + seconds, 0);
  return Object.entries(shares)
    .map(
      ([name, seconds]) =>
        `${name} ${((seconds / total) * 100).toFixed(0)} % (${(seconds * 1000).toFixed(0)} ms)`,
    )
    .join(', ');
}
