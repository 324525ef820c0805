/** What commands share that go on until they are told to end. */
import type { Log } from '../app/admission/worker.ts';
import { plain } from '../report/text.ts';
import type { Io } from './io.ts';

/** Which of the processes of `rampart serve` says something; they share one standard error. */
type Role = 'controller' | 'admission' | 'background';

/** One line an event on standard error: time, process, what happened, and its fields as `name=value`. */
export function logTo(io: Io, role: Role): Log {
  return (event, fields = {}) => {
    const said = Object.entries(fields).map(([name, value]) => `${name}=${valueText(value)}`);
    const line = [new Date().toISOString(), `${role}[${process.pid}]`, event, ...said].join(' ');
    io.err.write(`${plain(line)}\n`);
  };
}

function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /[\s"=]/.test(text) ? JSON.stringify(text) : text;
}

/** Signals of one wish: sent to a group of processes, it comes from each that passes it on. */
const SAME_WISH_MS = 1_000;

/**
 * SIGTERM or SIGINT. A second SIGINT, a while later, ends the process at once: whoever sends it has waited long enough.
 */
export function untilAskedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    let asked = Number.POSITIVE_INFINITY;
    const ask = (signal: NodeJS.Signals) => {
      if (signal === 'SIGINT' && performance.now() - asked > SAME_WISH_MS) process.exit(130);
      asked = Math.min(asked, performance.now());
      resolve();
    };
    process.on('SIGTERM', ask);
    process.on('SIGINT', ask);
  });
}
