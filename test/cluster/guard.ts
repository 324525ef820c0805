/** Ends what a test started when the test no longer can: signals, even SIGKILL, run no handler of Node's. */
import { spawn } from 'node:child_process';

export interface Guard {
  /** The process is killed when this one ends in whatever way. */
  watch(pid: number): void;
  /** Everything has been ended already. */
  dismiss(): Promise<void>;
}

/** Reads process ids until the pipe closes, which the kernel sees to; the second look is for files written meanwhile. */
const SCRIPT = `
pids=
while read -r line; do
  [ "$line" = dismiss ] && exit 0
  pids="$pids $line"
done
[ -n "$pids" ] && kill -9 $pids
rm -rf "$1"; sleep 1; rm -rf "$1"`;

/** `folder` is removed with the processes. */
export function startGuard(folder: string): Guard {
  // In a group of its own: Ctrl-C goes to the whole group of the test.
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'guard', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => {
    shell.once('exit', () => resolve());
    shell.once('error', () => resolve());
  });
  shell.stdin.on('error', () => {}); // A guard that somebody killed guards nothing.
  return {
    watch: (pid) => void shell.stdin.write(`${pid}\n`),
    dismiss: () => {
      shell.stdin.end('dismiss\n');
      return ended;
    },
  };
}
