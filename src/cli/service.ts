/** What commands share that go on until they are told to end. */
import type { Log } from '../app/admission/worker.ts';
import { plain } from '../report/text.ts';
import type { Io } from './io.ts';

/** One line an event on standard error: time, what happened, and its fields as `name=value`. */
export function logTo(io: Io): Log {
  return (event, fields = {}) => {
    const said = Object.entries(fields).map(([name, value]) => `${name}=${valueText(value)}`);
    const line = [new Date().toISOString(), event, ...said].join(' ');
    io.err.write(`${plain(line)}\n`);
  };
}

function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /[\s"=]/.test(text) ? JSON.stringify(text) : text;
}

/**
 * SIGTERM or SIGINT; or, for a process that another started, that this other one is gone: then nobody is left to say so.
 */
export function untilAskedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    const done = () => resolve();
    process.once('SIGTERM', done);
    process.once('SIGINT', done);
    if (process.env['RAMPART_PARENT'] === 'pipe') {
      process.stdin.on('close', done);
      process.stdin.resume();
    }
  });
}
