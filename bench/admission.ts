/**
 * `npm run bench:admission`: one worker of `rampart serve` with all Pod Security controls on one core, asked from the other over
 * TLS and HTTP/1.1, beside a bare node:https server that parses and answers the same bodies, round by round in the same run.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureEvaluation } from './admission/evaluation.ts';
import {
  answerTo,
  bare,
  load,
  pin,
  pinned,
  residentMegabytes,
  type Serving,
  serve,
  writeConfig,
} from './admission/processes.ts';
import { type Contender, measureLatency, measureRates } from './admission/rates.ts';
import { writeReviews } from './admission/reviews.ts';
import { measureSwap } from './admission/swap.ts';
import { median, table } from './measure.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const SECONDS = Number(process.argv[3] ?? 3);
/** V8 goes on optimizing what a worker does for some ten thousand requests. */
const WARM_SECONDS = 4 * SECONDS;
const STARTS = 5;
const CONTROLS = 'policies: [builtin]\nselect: ["set=pss-restricted"]\n';
const TARGETS = { ratio: 0.8, evaluation: 12, megabytes: 150, swap: 1_000, ready: 1_000 };

const folder = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
const started: Serving[] = [];
try {
  console.log(
    `${ROUNDS} rounds of ${SECONDS} s, medians; ${pinned ? 'worker and load each on a core of its own' : 'cores as the system likes'}.\n`,
  );
  const bodies = writeReviews(folder);
  const serving = await start('controls', 18_980, CONTROLS);
  await rates(serving, bodies);
  await evaluation(serving, bodies);
  await serving.kill();
  await memory(bodies);
  await swap(bodies);
  await starts();
  console.log(
    `Load of the machine at the end: ${loadavg()
      .map((one) => one.toFixed(1))
      .join(' ')}.`,
  );
} finally {
  for (const serving of started) await serving.kill();
  rmSync(folder, { recursive: true, force: true });
}

async function start(name: string, port: number, config: string): Promise<Serving> {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  writeConfig(own, config);
  const serving = await serve(own, port);
  started.push(serving);
  pin(serving);
  return serving;
}

async function rates(serving: Serving, bodies: readonly string[]): Promise<void> {
  const answer = join(folder, 'answer.json');
  writeFileSync(answer, await answerTo(serving.port, readFileSync(bodies[0]!)));
  const worker = join(serving.data, 'workers', 'worker-1');
  const floor = await bare(join(worker, 'tls.crt'), join(worker, 'tls.key'), answer);
  const ca = join(serving.data, 'ca.crt');
  const contenders: Contender[] = [
    { name: 'node:https, JSON.parse', port: floor.port, pid: floor.pid, ca },
    { name: 'rampart', port: serving.port, pid: serving.worker(), ca },
  ];
  for (const { port } of contenders)
    await load({ port, ca, bodies, connections: 16, rate: 0, seconds: WARM_SECONDS });
  const rows: string[][] = [];
  let [ratio, half] = [0, 0];
  for (const connections of [1, 16, 64]) {
    const measured = await measureRates(
      contenders,
      connections,
      { bodies },
      { rounds: ROUNDS, seconds: SECONDS },
    );
    const [below, own] = [measured[0]!, measured[1]!];
    if (connections === 16) [ratio, half] = [own.cpu / below.cpu, Math.floor(own.wall / 2)];
    rows.push([
      String(connections),
      ...[below.wall, own.wall].map(whole),
      (own.wall / below.wall).toFixed(2),
      ...[below.cpu, own.cpu].map(whole),
      (own.cpu / below.cpu).toFixed(2),
    ]);
  }
  const head = ['connections', 'bare/s', 'rampart/s', 'ratio', 'bare/CPU s', 'rampart/CPU s', 'ratio of CPU'];
  console.log(`${table(head, rows)}\n`);
  verdict(
    'requests a second of processor time, against the bare server',
    ratio >= TARGETS.ratio,
    `${ratio.toFixed(2)}, target ${TARGETS.ratio}`,
  );
  const latency = await measureLatency(contenders, half, { bodies }, { rounds: ROUNDS, seconds: SECONDS });
  console.log(`\n${half} requests a second, half of what 16 connections got; milliseconds:\n`);
  const lines = contenders.map(({ name }, index) => {
    const { p50, p99, p999 } = latency[index]!;
    return [name, ...[p50, p99, p999].map((one) => one.toFixed(2))];
  });
  console.log(`${table(['', 'p50', 'p99', 'p99.9'], lines)}\n`);
  floor.stop();
}

async function evaluation({ data }: Serving, bodies: readonly string[]): Promise<void> {
  const { policies, decided, whole: all } = await measureEvaluation(data, readFileSync(bodies[0]!));
  verdict(
    `a decision with ${policies} policies, median`,
    decided < TARGETS.evaluation,
    `${decided.toFixed(1)} µs, with reading the body ${all.toFixed(1)} µs, target ${TARGETS.evaluation} µs`,
  );
}

/** After as many requests as fill what is kept. */
async function memory(bodies: readonly string[]): Promise<void> {
  const list = spawnSync(
    process.execPath,
    [
      join(import.meta.dirname, '..', 'bin', 'rampart.cjs'),
      'policies',
      'list',
      '--select',
      'set=all',
      '--json',
    ],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  const ids = (JSON.parse(list.stdout) as { policies: { id: string }[] }).policies.map(({ id }) => id);
  const config = `policies: [builtin]\nselect: ["id=${ids.slice(0, 100).join()}"]\n`;
  const serving = await start('hundred', 18_981, config);
  const idle = residentMegabytes(serving.worker());
  const ca = join(serving.data, 'ca.crt');
  await load({ port: serving.port, ca, bodies, connections: 64, rate: 0, seconds: WARM_SECONDS });
  const loaded = residentMegabytes(serving.worker());
  await serving.kill();
  if (idle === undefined || loaded === undefined) return;
  verdict(
    'a worker with 100 policies, after load',
    loaded < TARGETS.megabytes,
    `${loaded.toFixed(0)} MB, before it ${idle.toFixed(0)} MB, target ${TARGETS.megabytes} MB`,
  );
}

async function swap(bodies: readonly string[]): Promise<void> {
  const serving = await start('swap', 18_982, CONTROLS);
  const { failed, answered, longest, taken, whole: all } = await measureSwap(serving, CONTROLS, bodies);
  await serving.kill();
  verdict(
    'a snapshot of 10,000 policies more, from the word until it is in force',
    taken < TARGETS.swap && failed === 0,
    `${taken} ms, ${failed} of ${answered} requests failed, the longest took ${longest.toFixed(0)} ms; ${all.toFixed(1)} s with reading, proving and compiling; target ${TARGETS.swap} ms`,
  );
}

async function starts(): Promise<void> {
  const [first, again]: [number[], number[]] = [[], []];
  for (let i = 0; i < STARTS; i++)
    for (const times of [first, again]) {
      const serving = await start(`start-${i}`, 18_983, CONTROLS);
      times.push(serving.readyAfter);
      await serving.kill();
    }
  for (const [what, times] of [
    ['the first start until ready', first],
    ['a start with a kept snapshot until ready', again],
  ] as const) {
    const time = median(times);
    verdict(what, time < TARGETS.ready, `${time.toFixed(0)} ms, target ${TARGETS.ready} ms`);
  }
}

function verdict(what: string, met: boolean, figures: string): void {
  console.log(`${what}: ${figures}: ${met ? 'met' : 'missed'}`);
}

function whole(value: number): string {
  return value.toFixed(0);
}
