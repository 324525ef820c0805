/**
 * `npm run bench:cel`: the same rules on the same objects, by hand, by us and by the other JavaScript evaluators, in one
 * process, in turn; medians over rounds. First all have to give the same answer.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEnvironment, kubernetesLibraries, types } from '../src/cel/index.ts';
import { HANDWRITTEN } from './cel-handwritten.ts';
import { bufbuild, type Evaluate, marcbachmann } from './cel-peers.ts';
import { median } from './measure.ts';

interface Rule {
  readonly name: string;
  readonly object: string;
  readonly expression: string;
}

interface Contestants {
  readonly hand: Evaluate;
  readonly ours: Evaluate;
  readonly marcbachmann: Evaluate | undefined;
  readonly bufbuild: Evaluate | undefined;
}

type Times = Record<keyof Contestants, number | undefined>;

const SUITE = join(import.meta.dirname, 'suites', 'cel');
/** Many short ones: most then fall between two interruptions by whatever else runs on the machine. */
const ROUNDS = 31;
/** Length of one measurement. */
const SLICE_NS = 1_000_000;

/** cel-go in kube-apiserver 1.37 and alone, ns per evaluation: bench data, 2026-11, another machine. */
const CEL_GO: Readonly<Record<string, readonly [apiServer: number, alone: number]>> = {
  'name-prefix': [1_253, 154],
  privileged: [7_339, 3_416],
  'drop-all': [17_387, 8_475],
  'run-as-non-root': [7_544, 2_541],
  'registry-prefix': [9_251, 3_306],
  'image-pattern': [10_491, 6_607],
  'memory-limit': [12_812, 6_306],
  'required-labels': [8_905, 2_815],
  'host-namespaces': [2_458, 297],
  'no-plain-secrets': [15_267, 5_370],
  'rbac-wildcard': [23_856, 12_325],
  'rbac-escalation': [59_800, 20_892],
};

// What keeps the engine from dropping work whose result nobody looks at.
let answers = 0;

function main(): void {
  const rules = ['cel-rules.json', 'extension-rules.json'].flatMap((file) => readSuite(file) as Rule[]);
  const contestants = rules.map(prepare);
  for (const [index, rule] of rules.entries()) agree(rule, contestants[index]!);
  for (const each of contestants) warmUp(each);
  const times = contestants.map(() => [] as Times[]);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, each] of contestants.entries()) times[index]!.push(measureAll(each, round));
  }
  report(rules, times.map(medians));
}

function readSuite(file: string): unknown {
  return JSON.parse(readFileSync(join(SUITE, file), 'utf8'));
}

function prepare(rule: Rule): Contestants {
  const object = readSuite(rule.object);
  const byHand = HANDWRITTEN[rule.name]!;
  const environment = createEnvironment({
    variables: { object: types.DYN },
    libraries: kubernetesLibraries(37),
  });
  const compiled = environment.compile(rule.expression, { expected: [types.BOOL] });
  if (!compiled.ok) throw new Error(`${rule.name}: ${compiled.issues[0]!.message}`);
  const { program } = compiled;
  const vars = { object };
  return {
    hand: () => byHand(object as never),
    ours: () => {
      const outcome = program.evaluate(vars);
      // The cost is part of the answer.
      return outcome.ok && outcome.cost > 0 && outcome.value;
    },
    marcbachmann: marcbachmann(rule.expression, object),
    bufbuild: bufbuild(rule.expression, object),
  };
}

function agree(rule: Rule, contestants: Contestants): void {
  const expected = contestants.hand();
  for (const [name, evaluate] of Object.entries(contestants) as [string, Evaluate | undefined][]) {
    const actual = evaluate?.();
    if (actual !== undefined && actual !== expected) {
      throw new Error(`${rule.name}: by hand ${String(expected)}, ${name} ${String(actual)}`);
    }
  }
}

/** Enough for the optimising compiler, and to see how many evaluations fill a slice. */
function warmUp(contestants: Contestants): void {
  for (const evaluate of Object.values(contestants) as (Evaluate | undefined)[]) {
    if (evaluate !== undefined) for (let i = 0; i < 5; i++) measure(evaluate, SLICE_NS * 4);
  }
}

function measureAll(contestants: Contestants, round: number): Times {
  const names = Object.keys(contestants) as (keyof Contestants)[];
  const times = {} as Times;
  // Another one begins in each round.
  for (let i = 0; i < names.length; i++) {
    const name = names[(i + round) % names.length]!;
    const evaluate = contestants[name];
    times[name] = evaluate === undefined ? undefined : measure(evaluate, SLICE_NS);
  }
  return times;
}

/** Nanoseconds per evaluation. */
function measure(evaluate: Evaluate, sliceNs: number): number {
  let count = 0;
  let elapsed = 0;
  const start = process.hrtime.bigint();
  for (let batch = 16; elapsed < sliceNs; batch = Math.min(batch * 2, 4_096)) {
    for (let i = 0; i < batch; i++) if (evaluate() === true) answers++;
    count += batch;
    elapsed = Number(process.hrtime.bigint() - start);
  }
  return elapsed / count;
}

function medians(rounds: readonly Times[]): Times {
  const times = {} as Times;
  for (const name of Object.keys(rounds[0]!) as (keyof Times)[]) {
    const values = rounds.map((round) => round[name]).filter((value) => value !== undefined);
    times[name] = values.length === 0 ? undefined : median(values);
  }
  return times;
}

function report(rules: readonly Rule[], times: readonly Times[]): void {
  const header = [
    'rule',
    'by hand',
    'ours',
    '× hand',
    'cel-js',
    '× ours',
    '@bufbuild',
    '× ours',
    'API server',
    '× ours',
    'cel-go',
  ];
  const rows = rules.map((rule, index) => row(rule, times[index]!));
  console.log(
    `CEL, ns per evaluation, medians of ${ROUNDS} rounds, Node ${process.versions.node}; costs counted by ours\n`,
  );
  for (const cells of [header, ...rows]) {
    console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(18) : cell.padStart(11))).join(''));
  }
  console.log(
    `\nMedian rule: ours ${ratio(times, (t) => t.ours! / t.hand!)}× by hand; fastest other JavaScript evaluator ${ratio(times, fastestPeer)}× ours;`,
  );
  const twelve = rules.map((rule, i) => [CEL_GO[rule.name]?.[0], times[i]!.ours!] as const);
  const published = twelve.flatMap(([go, ours]) => (go === undefined ? [] : [go / ours]));
  console.log(
    `cel-go in the API server (published figures, another machine) ${median(published).toFixed(0)}× ours.`,
  );
  console.log(`cel-js: @marcbachmann/cel-js. — : cannot run the rule. (${answers} answers)`);
}

function row(rule: Rule, times: Times): string[] {
  const { hand, ours } = times as { hand: number; ours: number };
  const go = CEL_GO[rule.name];
  return [
    rule.name,
    nanoseconds(hand),
    nanoseconds(ours),
    (ours / hand).toFixed(1),
    nanoseconds(times.marcbachmann),
    factor(times.marcbachmann, ours),
    nanoseconds(times.bufbuild),
    factor(times.bufbuild, ours),
    nanoseconds(go?.[0]),
    factor(go?.[0], ours),
    nanoseconds(go?.[1]),
  ];
}

function nanoseconds(value: number | undefined): string {
  if (value === undefined) return '—';
  return value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}

function factor(value: number | undefined, ours: number): string {
  return value === undefined ? '—' : (value / ours).toFixed(0);
}

function fastestPeer(times: Times): number {
  const peers = [times.marcbachmann, times.bufbuild].filter((value) => value !== undefined);
  return peers.length === 0 ? Number.NaN : Math.min(...peers) / times.ours!;
}

function ratio(times: readonly Times[], of: (times: Times) => number): string {
  return median(times.map(of).filter((value) => !Number.isNaN(value))).toFixed(1);
}

main();
