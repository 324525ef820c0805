/** What must be done however this process ends: a test that is interrupted leaves nothing running. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const tasks = new Set<() => void>();

/** Runs the task when the process ends, by itself or by a signal. Returns what makes that undone. */
export function whenEnding(task: () => void): () => void {
  if (tasks.size === 0) listen();
  tasks.add(task);
  return () => {
    tasks.delete(task);
    if (tasks.size === 0) unlisten();
  };
}

function listen(): void {
  process.on('exit', runAll);
  for (const signal of SIGNALS) process.on(signal, onSignal);
}

function unlisten(): void {
  process.off('exit', runAll);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

function onSignal(signal: NodeJS.Signals): void {
  runAll();
  // Having a listener keeps a signal from ending the process; the test runner's own do end it.
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}

function runAll(): void {
  unlisten();
  for (const task of tasks) task();
  tasks.clear();
}
