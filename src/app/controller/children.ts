/** Processes that a controller starts: each starts again when it ends, and all end when the controller does. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Log } from '../admission/worker.ts';

export interface Children {
  /** Asks each to end, and waits; what does not end is ended. */
  stop(): Promise<void>;
  /** Ids of the processes that run. */
  pids(): readonly number[];
}

export interface ChildOptions {
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly name: string;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
/** Who ran so long starts again without waiting. */
const STABLE_MS = 60_000;
const PATIENCE_MS = 40_000;

export function startChildren(children: readonly ChildOptions[], log: Log): Children {
  const all = children.map((child) => keepRunning(child, log));
  return {
    stop: async () => {
      await Promise.all(all.map(({ stop }) => stop()));
    },
    pids: () => all.flatMap(({ pid }) => pid() ?? []),
  };
}

function keepRunning({ command, name }: ChildOptions, log: Log) {
  const [program = '', ...args] = command;
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  let failures = 0;

  function start(): void {
    const started = Date.now();
    // A closed pipe tells it that nobody is left, whatever became of the controller.
    const current = spawn(program, args, { stdio: ['pipe', 'inherit', 'inherit'] });
    child = current;
    current.on('error', (error) => log('cannot start', { process: name, detail: error.message }));
    current.on('close', (code, signal) => {
      child = undefined;
      if (stopping) return;
      failures = Date.now() - started > STABLE_MS ? 0 : failures + 1;
      const wait = failures === 0 ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
      log('process ended', { process: name, code, signal, again: `in ${wait} ms` });
      timer = setTimeout(start, wait);
    });
  }

  async function stop(): Promise<void> {
    stopping = true;
    clearTimeout(timer);
    const current = child;
    if (current === undefined) return;
    const ended = new Promise((resolve) => current.once('close', resolve));
    current.kill('SIGTERM');
    const late = setTimeout(() => current.kill('SIGKILL'), PATIENCE_MS);
    await ended;
    clearTimeout(late);
  }

  start();
  return { stop, pid: () => child?.pid };
}
