/** The processes that are measured: `rampart serve` with one worker, the bare server, and who asks them, each on its core. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Load, LoadOrder } from './load.ts';

const BIN = join(import.meta.dirname, '..', '..', 'bin', 'rampart.cjs');
const READY_MS = 120_000;

/** Without taskset, or with one core, the scheduler says who runs where. */
export const pinned = process.platform === 'linux' && spawnSync('taskset', ['-c', '1', 'true']).status === 0;

/** What answers is on the first core, everything else on the second. */
function onCore(core: 0 | 1, words: readonly string[]): readonly string[] {
  return pinned ? ['taskset', '-c', String(core), ...words] : words;
}

function node(core: 0 | 1, args: readonly string[], stdin: 'pipe' | 'ignore' = 'pipe'): ChildProcess {
  const [program, ...words] = onCore(core, [process.execPath, ...args]);
  return spawn(program!, words, { stdio: [stdin, 'pipe', 'inherit'] });
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout!.on('data', (part: Buffer) => {
      text += part;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    child.once('exit', (code) => reject(new Error(`a process ended with ${code}: ${text}`)));
  });
}

export interface Serving {
  readonly folder: string;
  readonly data: string;
  readonly port: number;
  /** Milliseconds from the start of the process until /readyz answered 200. */
  readonly readyAfter: number;
  /** Process id of the worker. */
  worker(): number;
  log(): string;
  kill(): Promise<void>;
}

/** Of the policies that `config` names; nothing is watched. */
export function writeConfig(folder: string, config: string): void {
  mkdirSync(join(folder, 'objects'), { recursive: true });
  writeFileSync(join(folder, 'rampart.yaml'), config);
}

export async function serve(folder: string, port: number): Promise<Serving> {
  const start = performance.now();
  const data = join(folder, 'data');
  const child = spawn(
    process.execPath,
    [BIN, 'serve', '--objects', 'objects', '--data', data, '--port', String(port)],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr!.on('data', (part: Buffer) => {
    log += part;
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  for (const until = start + READY_MS; !(await isReady(port)); await sleep(5))
    if (child.exitCode !== null || performance.now() > until) throw new Error(`serve is not ready:\n${log}`);
  const readyAfter = performance.now() - start;
  const pidFile = join(data, 'workers', 'worker-1', 'pid');
  for (const until = performance.now() + READY_MS; !existsSync(pidFile); await sleep(20))
    if (performance.now() > until) throw new Error(`no worker:\n${log}`);
  const worker = () => Number(readFileSync(pidFile, 'utf8'));
  return {
    folder,
    data,
    port,
    readyAfter,
    worker,
    log: () => log,
    async kill() {
      // All: workers and the background scan go on without their controller.
      const pidFiles = globSync(join(data, 'workers', '*', 'pid'));
      const workers = pidFiles.map((file) => Number(readFileSync(file, 'utf8')));
      child.kill('SIGKILL');
      await gone;
      for (const pid of workers) end(pid);
      for (const file of pidFiles) rmSync(file, { force: true });
      await sleep(50);
    },
  };
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Ended by itself.
  }
}

/** The worker on the first core, its controller on the other. */
export function pin({ worker }: Serving): void {
  if (pinned) spawnSync('taskset', ['-a', '-c', '-p', '0', String(worker())], { stdio: 'ignore' });
}

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path: '/readyz', rejectUnauthorized: false, agent: false };
    const sent = request(options, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    sent.on('error', () => resolve(false));
    sent.end();
  });
}

/** MB in memory; undefined where there is no /proc. */
export function residentMegabytes(pid: number): number | undefined {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return undefined;
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(path, 'utf8'))?.[1]) / 1024;
}

/** Seconds of processor time that a process had so far, to a hundredth; undefined where there is no /proc. */
export function cpuSeconds(pid: number): number | undefined {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return undefined;
  const fields = readFileSync(path, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export interface Bare {
  readonly port: number;
  readonly pid: number;
  stop(): void;
}

export async function bare(cert: string, key: string, answer: string): Promise<Bare> {
  const child = node(0, [join(import.meta.dirname, 'bare.ts'), cert, key, answer]);
  const port = Number(await firstLine(child));
  return { port, pid: child.pid!, stop: () => child.stdin!.end() };
}

export async function load(order: LoadOrder): Promise<Load> {
  return JSON.parse(await firstLine(loading(order))) as Load;
}

/** Goes on until it is told to end. */
export function loadUntil(order: Omit<LoadOrder, 'seconds'>): () => Promise<Load> {
  const child = loading({ ...order, seconds: 0 });
  const line = firstLine(child);
  return async () => {
    child.stdin!.end();
    return JSON.parse(await line) as Load;
  };
}

function loading(order: LoadOrder): ChildProcess {
  return node(1, [join(import.meta.dirname, 'load.ts'), JSON.stringify(order)]);
}

/** What the webhook answers to one body. */
export function answerTo(port: number, body: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(
      { host: '127.0.0.1', port, path: '/validate', method: 'POST', rejectUnauthorized: false, headers },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => resolve(Buffer.concat(parts)));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
