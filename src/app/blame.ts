import type { Origin } from '../model/index.ts';
import { blameLine } from '../sources/index.ts';

const COMMIT_DIGITS = 12;

/** Says of a line who added it; asked once for each. `pathOf` opens a file by the name it has in results. */
export function openBlame(pathOf: (file: string) => string | undefined): (origin: Origin) => string {
  const known = new Map<string, string>();
  return ({ file, line }) => {
    const key = `${line} ${file}`;
    let said = known.get(key);
    if (said === undefined) {
      const path = pathOf(file);
      const found = path === undefined ? undefined : blameLine(path, line);
      said =
        found === undefined
          ? ''
          : ` (added by ${found.author} on ${found.day}, commit ${found.commit.slice(0, COMMIT_DIGITS)})`;
      known.set(key, said);
    }
    return said;
  };
}
