// What the sources look like, without reading them: one line for each file. A bundle is used while this stays the same.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export function sourceStamp(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .sort()
    .map((name) => {
      const { size, mtimeMs } = statSync(join(folder, name));
      return `${name} ${size} ${mtimeMs}\n`;
    })
    .join('');
}

/** Whether the stamp that a bundle was made with is what the sources look like now. */
export function isFresh(folder, stamp) {
  try {
    return readFileSync(stamp, 'utf8') === sourceStamp(fileURLToPath(folder));
  } catch {
    return false; // no bundle, or one that was not finished
  }
}
