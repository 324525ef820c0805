/**
 * Runs a program over files that nobody trusts: no shell reads what they hold, the environment is only what is handed
 * in, and time, memory and output are bounded. Whatever happens, the whole group of processes has ended afterwards.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { atEnd } from './ending.ts';

export interface Limits {
  /** Of the clock, and as much of the processor. */
  readonly seconds: number;
  /** Address space; what the system does not bound (macOS, Windows) is bounded by time alone. */
  readonly memoryBytes: number;
  /** Of standard output. */
  readonly outputBytes: number;
}

export const RUN_LIMITS: Limits = {
  seconds: 60,
  // A Go program reserves more than a gigabyte that it never touches.
  memoryBytes: 3 * 2 ** 30,
  outputBytes: 64 * 2 ** 20,
};

export type Ran =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly reason: 'failed' | 'too-large'; readonly detail: string };

export interface RunOptions {
  readonly cwd: string;
  /** All of it: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly limits: Limits;
}

/** More of what a program complains about says nothing new. */
const COMPLAINT_BYTES = 64 * 1024;

/** `program` is an absolute path. Never rejects. */
export function run(program: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  const { limits } = options;
  const child = start(program, args, options);
  // A program in a group of its own does not hear Ctrl-C.
  const ended = atEnd(() => kill(child));
  return new Promise((resolve) => {
    const output = collect(limits.outputBytes);
    const complaint = collect(COMPLAINT_BYTES);
    let broken: Ran | undefined;
    const stop = (reason: 'failed' | 'too-large', detail: string): void => {
      broken ??= { ok: false, reason, detail };
      kill(child);
    };
    const clock = setTimeout(
      () => stop('too-large', `was not done after ${limits.seconds} s and was stopped`),
      limits.seconds * 1000,
    );
    child.stdout?.on('data', (chunk: Buffer) => {
      if (!output.add(chunk)) stop('too-large', `printed more than ${mebibytes(limits.outputBytes)}`);
    });
    child.stderr?.on('data', (chunk: Buffer) => void complaint.add(chunk));
    child.on('error', (error) => stop('failed', `cannot be started: ${error.message}`));
    child.on('close', (code, signal) => {
      clearTimeout(clock);
      kill(child);
      ended();
      if (broken !== undefined) resolve(broken);
      else if (code === 0) resolve({ ok: true, output: output.text() });
      else resolve(failure(complaint.text(), code, signal, limits));
    });
    // A program that could not be started closes nothing.
    if (child.pid === undefined)
      child.on('error', () => {
        clearTimeout(clock);
        ended();
        resolve(broken!);
      });
  });
}

/** The shell sets what bounds the program, then becomes it. */
const BOUNDED = 'ulimit -v "$1" 2>/dev/null; ulimit -t "$2" 2>/dev/null; ulimit -c 0; shift 2; exec "$@"';

function start(program: string, args: readonly string[], { cwd, env, limits }: RunOptions): ChildProcess {
  const options: SpawnOptions = { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true };
  if (process.platform === 'win32') return spawn(program, args, options);
  const bounds = [String(Math.floor(limits.memoryBytes / 1024)), String(limits.seconds)];
  // A group of its own, so that what it starts ends with it.
  return spawn('/bin/sh', ['-c', BOUNDED, 'sh', ...bounds, program, ...args], { ...options, detached: true });
}

function kill({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

function collect(limit: number): { add(chunk: Buffer): boolean; text(): string } {
  const chunks: Buffer[] = [];
  let length = 0;
  return {
    add(chunk) {
      if (length + chunk.length > limit) return false;
      length += chunk.length;
      chunks.push(chunk);
      return true;
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}

function failure(complaint: string, code: number | null, signal: NodeJS.Signals | null, limits: Limits): Ran {
  if (signal === 'SIGXCPU' || code === 128 + 24)
    return {
      ok: false,
      reason: 'too-large',
      detail: `used up ${limits.seconds} s of the processor and was stopped`,
    };
  // The limit of the processor does the same, and a Go program does not hear the warning before.
  if (signal === 'SIGKILL' || code === 128 + 9)
    return {
      ok: false,
      reason: 'too-large',
      detail: `used up ${limits.seconds} s of the processor, or all memory there is, and was stopped`,
    };
  if (/out of memory|cannot allocate memory/i.test(complaint))
    return {
      ok: false,
      reason: 'too-large',
      detail: `needed more than ${mebibytes(limits.memoryBytes)} of memory and was stopped`,
    };
  const said = complaint.trim();
  if (said !== '') return { ok: false, reason: 'failed', detail: said };
  return {
    ok: false,
    reason: 'failed',
    detail: signal === null ? `ended with ${code}` : `ended by ${signal}`,
  };
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}
