/**
 * Processes that a controller starts: each starts again when it ends, and all end when the controller is asked to. Where it is
 * killed they go on, and end when those of the next controller are there (succession.ts).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Log } from '../admission/worker.ts';

export interface Children {
  /** Asks each to end, and waits; what does not end is ended. */
  stop(): Promise<void>;
  /** Id of the process that runs under this name. */
  pid(name: string): number | undefined;
}

export interface ChildOptions {
  /** Descriptor of ours that it has as its first after the standard ones, {@link INHERITED}. */
  readonly inherits?: () => number;
  /** Called when it has ended by itself, with the milliseconds until it starts again. */
  readonly onEnd?: (wait: number) => void;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly name: string;
}

/** The number by which a child knows what it inherits. */
export const INHERITED = 3;

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
/** Who ran so long starts again without waiting. */
const STABLE_MS = 60_000;
const PATIENCE_MS = 40_000;

export function startChildren(children: readonly ChildOptions[], log: Log): Children {
  const all = new Map(children.map((child) => [child.name, keepRunning(child, log)]));
  return {
    stop: async () => {
      await Promise.all([...all.values()].map(({ stop }) => stop()));
    },
    pid: (name) => all.get(name)?.pid(),
  };
}

function keepRunning({ command, name, inherits, onEnd }: ChildOptions, log: Log) {
  const [program = '', ...args] = command;
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  let failures = 0;

  function start(): void {
    const started = Date.now();
    const more = inherits === undefined ? [] : [inherits()];
    const current = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', ...more] });
    child = current;
    current.on('error', (error) => log('cannot start', { process: name, detail: error.message }));
    current.on('close', (code, signal) => {
      child = undefined;
      if (stopping) return;
      failures = Date.now() - started > STABLE_MS ? 0 : failures + 1;
      const wait = failures === 0 ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
      log('process ended', { process: name, code, signal, again: `in ${wait} ms` });
      timer = setTimeout(start, wait);
      onEnd?.(wait);
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
