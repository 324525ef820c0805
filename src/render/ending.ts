/** What has to be done when this process ends before it is done: nothing may go on, or lie about, without it. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const acts = new Set<() => void>();

/** Calls `act` when the process ends, also by a signal. Returns what to call when there is no need any more. */
export function atEnd(act: () => void): () => void {
  if (acts.size === 0) {
    for (const signal of SIGNALS) process.on(signal, onSignal);
    process.on('exit', actAll);
  }
  acts.add(act);
  return () => {
    if (acts.delete(act) && acts.size === 0) stop();
  };
}

function onSignal(signal: NodeJS.Signals): void {
  actAll();
  stop();
  // Without handlers the signal does what it always does.
  process.kill(process.pid, signal);
}

function actAll(): void {
  for (const act of acts) act();
  acts.clear();
}

function stop(): void {
  for (const signal of SIGNALS) process.off(signal, onSignal);
  process.off('exit', actAll);
}
