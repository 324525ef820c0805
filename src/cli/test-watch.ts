import { resolve } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { testSession } from '../app/test.ts';
import { UsageError } from '../app/usage.ts';
import { many, plain } from '../report/text.ts';
import type { Io } from './io.ts';

/** An editor that saves several files, or one in several steps, makes one change. */
const QUIET_MS = 50;
const SHOWN = 3;

/**
 * Runs the tests, and again those that a change of files touches, until the process is interrupted.
 *
 * @param tell Prints a report and says which exit code it means.
 * @returns The exit code of the last report.
 */
export async function watchTests(
  paths: readonly string[],
  options: Parameters<typeof testSession>[1],
  io: Io,
  tell: (report: ReturnType<ReturnType<typeof testSession>>['report']) => number,
): Promise<number> {
  const test = testSession(paths, options);
  const first = test([]);
  let code = tell(first.report);
  const watcher = await watched([...paths, ...first.files], io.cwd);
  const waiting = say(io);
  waiting();
  const rerun = (changed: readonly string[]): void => {
    try {
      const { report, ran, tests, files } = test(changed);
      watcher.add([...files]);
      if (ran === 0) return;
      io.out.write(`\n${named(changed)} changed: ran ${ran} of ${many(tests, 'test')}\n`);
      code = tell(report);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      io.out.write(`\n${error.message}\n`);
      code = 2;
    }
    waiting();
  };
  await untilInterrupted(watcher, rerun);
  return code;
}

function say(io: Io): () => void {
  return () => io.err.write('Waiting for changes; Ctrl+C ends.\n');
}

/** Settled once every file is known, so that no change after that is missed. */
async function watched(paths: readonly string[], cwd: string): Promise<FSWatcher> {
  const watcher = watch([...paths], {
    cwd,
    ignoreInitial: true,
    ignored: (path) => /(^|[\\/])(\.git|node_modules)([\\/]|$)/.test(path.slice(resolve(cwd).length)),
  });
  await new Promise<void>((done) => watcher.once('ready', done));
  return watcher;
}

async function untilInterrupted(
  watcher: FSWatcher,
  rerun: (changed: readonly string[]) => void,
): Promise<void> {
  let changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((end, fail) => {
    watcher.on('all', (_, path) => {
      changed.add(path.replaceAll('\\', '/'));
      clearTimeout(timer);
      timer = setTimeout(() => {
        const paths = [...changed];
        changed = new Set();
        try {
          rerun(paths);
        } catch (error) {
          fail(error);
        }
      }, QUIET_MS);
    });
    watcher.on('error', fail);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end());
  }).finally(() => {
    clearTimeout(timer);
    return watcher.close();
  });
}

function named(paths: readonly string[]): string {
  const shown = paths.slice(0, SHOWN).map(plain).join(', ');
  return paths.length > SHOWN ? `${shown} and ${paths.length - SHOWN} more` : shown;
}
