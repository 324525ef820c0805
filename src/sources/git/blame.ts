import { dirname } from 'node:path';
import { ask } from './git.ts';

/** Who wrote a line, and when. */
export interface Blame {
  readonly author: string;
  /** `YYYY-MM-DD`, in UTC. */
  readonly day: string;
  readonly commit: string;
}

/** Of a line of a file; undefined where Git does not know, and for what is not committed. */
export function blameLine(path: string, line: number): Blame | undefined {
  const answer = ask(dirname(path), 'blame', '--porcelain', '-L', `${line},${line}`, '--', path);
  const commit = /^([0-9a-f]{40,64}) /.exec(answer ?? '')?.[1];
  const author = /^author (.*)$/m.exec(answer ?? '')?.[1];
  const seconds = /^author-time (\d+)$/m.exec(answer ?? '')?.[1];
  if (commit === undefined || author === undefined || seconds === undefined || /^0+$/.test(commit))
    return undefined;
  return { author, day: new Date(Number(seconds) * 1000).toISOString().slice(0, 10), commit };
}
