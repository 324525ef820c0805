/**
 * Proves a snapshot in a process of its own: a policy's tests are somebody else's, and one that loops or eats memory must
 * not be felt by whoever asked.
 */
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { builtin } from '../builtin.ts';
import type { BuiltSnapshot } from './build.ts';
import type { Objection, Proof, ProofCode, ProofRequest, TestCounts } from './prover.ts';

export type { Objection, TestCounts } from './prover.ts';

export interface ProofLimits {
  /** Milliseconds in all. */
  readonly time: number;
  /** MiB of the heap. */
  readonly memory: number;
}

export const PROOF_LIMITS: ProofLimits = { time: 60_000, memory: 1024 };

export type Proved =
  | { readonly ok: true; readonly tests: TestCounts }
  | { readonly ok: false; readonly objections: readonly Objection[] };

/** Never rejects, and never takes longer than the limit. */
export async function proveSnapshot(
  { text, tests }: Pick<BuiltSnapshot, 'text' | 'tests'>,
  { cwd, now }: Pick<ProofRequest, 'cwd' | 'now'>,
  limits: ProofLimits = PROOF_LIMITS,
): Promise<Proved> {
  const ended = await run(JSON.stringify({ text, tests, cwd, now } satisfies ProofRequest), limits);
  const proof = ended.code === 0 ? proofOf(ended.out) : undefined;
  if (proof === undefined) return { ok: false, objections: [objectionOf(ended, limits)] };
  return proof.objections.length === 0
    ? { ok: true, tests: proof.tests }
    : { ok: false, objections: proof.objections };
}

interface Ended {
  /** Null: a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  /** The end of what it complained of. */
  readonly err: string;
  readonly late: boolean;
}

/** Bytes of either output; a proof is far shorter. */
const LONGEST = 1 << 20;

function run(request: string, { time, memory }: ProofLimits): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const child = start(memory);
  let [out, err, late] = ['', '', false];
  // Whatever it is doing, this signal ends it.
  const end = () => child.kill('SIGKILL');
  const timer = setTimeout(() => {
    late = true;
    end();
  }, time);
  child.stdout!.setEncoding('utf8').on('data', (data: string) => {
    out += data;
    if (out.length > LONGEST) end();
  });
  child.stderr!.setEncoding('utf8').on('data', (data: string) => {
    err = (err + data).slice(-LONGEST);
  });
  // It may end before it has read all.
  child.stdin!.on('error', () => {});
  child.stdin!.end(request);
  child.on('error', (error) => {
    clearTimeout(timer);
    resolve({ code: null, out: '', err: error.message, late: false });
  });
  child.on('close', (code) => {
    clearTimeout(timer);
    resolve({ code, out, err, late });
  });
  return promise;
}

/** It sees nothing of our environment, reads files, and can do nothing else. */
function start(memory: number): ChildProcess {
  // Bundled, it has a launcher of its own.
  const file = import.meta.url.endsWith('.ts') ? './prove-child.ts' : '../bin/prover.cjs';
  const script = fileURLToPath(new URL(file, import.meta.url));
  const flags = [`--max-old-space-size=${memory}`, '--permission', '--allow-fs-read=*'];
  return builtin('node:child_process').spawn(process.execPath, [...flags, script], {
    env: {},
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

function proofOf(out: string): Proof | undefined {
  try {
    return JSON.parse(out) as Proof;
  } catch {
    return undefined;
  }
}

function objectionOf({ code, err, late }: Ended, { time, memory }: ProofLimits): Objection {
  const because = (code: ProofCode, detail: string): Objection => ({ code, detail });
  if (late) return because('out-of-time', `the policies and their tests took more than ${time / 1000} s`);
  if (/heap out of memory|heap limit/.test(err))
    return because('out-of-memory', `the policies and their tests took more than ${memory} MiB`);
  const [last = 'it said nothing'] = err.trim().split('\n').slice(-1);
  const [said = last] = err.split('\n').filter((line) => /^\w*Error/.test(line));
  return because(
    'no-proof',
    `the process that proves ended ${code === null ? 'by a signal' : `with ${code}`}: ${said.slice(0, 300)}`,
  );
}
