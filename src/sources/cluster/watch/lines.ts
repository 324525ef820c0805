/** The lines of a stream whose parts are cut anywhere, also within a character. */
import { ClusterError } from '../error.ts';

export interface Lines {
  /**
   * The lines that this part completes, without their ends. What never gets an end is never returned.
   *
   * @throws ClusterError where a line grows longer than it may.
   */
  push(chunk: Buffer): string[];
}

const NEWLINE = 0x0a;

/** @param mostBytes Of one line. */
export function createLines(mostBytes: number): Lines {
  let begun: Buffer[] = [];
  let size = 0;
  return {
    push(chunk) {
      const lines: string[] = [];
      for (let from = 0; from < chunk.length; ) {
        const end = chunk.indexOf(NEWLINE, from);
        const part = chunk.subarray(from, end < 0 ? chunk.length : end);
        size += part.length;
        if (size > mostBytes)
          throw new ClusterError(`one line of the watch is longer than ${mostBytes} bytes`);
        // A copy: the part would keep the whole chunk in memory.
        begun.push(end < 0 ? Buffer.from(part) : part);
        if (end < 0) break;
        lines.push((begun.length === 1 ? begun[0]! : Buffer.concat(begun)).toString('utf8'));
        begun = [];
        size = 0;
        from = end + 1;
      }
      return lines;
    },
  };
}
