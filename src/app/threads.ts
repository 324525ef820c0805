import type { PolicySet } from '../policy/index.ts';
import type { Rendering } from '../render/index.ts';
import { builtin } from './builtin.ts';
import { takeChunks } from './chunks.ts';
import { type Facts, mergeFacts } from './facts.ts';
import type { FromHelper, HelperData, ToHelper } from './helper.ts';
import { openFileMemory } from './kept-file.ts';
import { mergePodPathUse } from './pod-paths.ts';
import type { Pack } from './result-cache.ts';
import { createScanner, type Scanned, type ScanSetup } from './scanner.ts';
import { mergeTally } from './tally.ts';

/** A cache costs about as much as reading this many files; with fewer, a scan is faster without. */
export const WORTHWHILE = 600;
/** A helper thread compiles again what the first has: on two cores two threads take less time than one from twice as many on. */
const FILES_A_THREAD = 4_000;

/** Told how many are done: of the files, then of what is rendered. */
export type OnStep = (done: number, total: number, what: 'files' | 'rendered') => void;

/**
 * Evaluates all files of the setup, on as many threads as pay. The answer does not depend on their number. `render` gets
 * what is known of them when all are read.
 */
export async function scanFiles(
  setup: ScanSetup,
  sets: readonly PolicySet[],
  jobs: number | undefined,
  onStep: OnStep,
  render: (facts: Facts) => Promise<readonly Rendering[]>,
  profileOf: (file: string) => number,
  pack: Pack | undefined,
): Promise<Scanned> {
  const counter = new Int32Array(new SharedArrayBuffer(4));
  const helpers = startHelpers(helperCount(setup.files.length - (pack?.places.size ?? 0), jobs), {
    setup,
    counter,
    pack,
  });
  try {
    const memory = pack === undefined ? undefined : openFileMemory(pack);
    const scanner = createScanner(setup, sets, memory, profileOf);
    for (const range of takeChunks(counter, setup.files.length)) {
      for (let index = range.start; index < range.end; index++) scanner.file(setup.files[index]!);
      onStep(range.end, setup.files.length, 'files');
    }
    const others = await Promise.all(helpers.map((helper) => helper.facts()));
    for (const rendering of await render(mergeFacts([scanner.facts, ...others]))) scanner.rendered(rendering);
    const facts = mergeFacts([scanner.facts, ...others]);
    for (const helper of helpers) helper.send({ facts });
    const own = scanner.finish(facts);
    return merge([own, ...(await Promise.all(helpers.map((helper) => helper.scanned())))]);
  } finally {
    await Promise.all(helpers.map((helper) => helper.end()));
  }
}

/**
 * @param files that are not remembered.
 * @param jobs Whoever asks for threads has them, unless there is next to nothing to do.
 */
function helperCount(files: number, jobs: number | undefined): number {
  const threads =
    jobs === undefined
      ? Math.min(builtin('node:os').availableParallelism(), Math.floor(files / FILES_A_THREAD))
      : Math.min(jobs, Math.floor(files / WORTHWHILE));
  return Math.max(0, threads - 1);
}

interface Helper {
  send(message: ToHelper): void;
  facts(): Promise<Facts>;
  scanned(): Promise<Scanned>;
  end(): Promise<unknown>;
}

function startHelpers(count: number, given: Omit<HelperData, 'codeCache'>): Helper[] {
  if (count === 0) return [];
  const data: HelperData = { ...given, codeCache: builtin('node:module').getCompileCacheDir?.() };
  return Array.from({ length: count }, () => startHelper(data));
}

function startHelper(workerData: HelperData): Helper {
  // Bundled, a thread has a launcher of its own.
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : '../bin/worker.cjs';
  const { Worker } = builtin('node:worker_threads');
  const worker = new Worker(new URL(file, import.meta.url), { workerData });
  const received: FromHelper[] = [];
  let failed: Error | undefined;
  let wake: () => void = () => {};
  worker.on('message', (message: FromHelper) => {
    received.push(message);
    wake();
  });
  worker.on('error', (error: Error) => {
    failed = error;
    wake();
  });
  // A thread that ends before it has answered took files with it that nobody evaluated.
  worker.on('exit', () => {
    failed ??= new Error('a worker thread ended early');
    wake();
  });
  const next = async (): Promise<FromHelper> => {
    while (received.length === 0 && failed === undefined)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    const message = received.shift();
    if (message === undefined) throw failed;
    return message;
  };
  return {
    send: (message) => worker.postMessage(message),
    facts: async () => (await next()).facts!,
    scanned: async () => (await next()).scanned!,
    end: () => worker.terminate(),
  };
}

function merge(parts: readonly Scanned[]): Scanned {
  const [first, ...rest] = parts as [Scanned, ...Scanned[]];
  for (const part of rest) {
    mergeTally(first.tally, part.tally);
    for (const result of part.results) first.results.push(result);
    first.allowances.push(...part.allowances);
    first.suppressions.push(...part.suppressions);
    for (const index of part.met) first.met.add(index);
    mergePodPathUse(first.podPaths, part.podPaths);
    for (const [name, kept] of part.fresh) first.fresh.set(name, kept);
  }
  return first;
}
