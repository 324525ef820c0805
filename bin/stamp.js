// What the sources look like, without reading them: one line for each file. A bundle is used while this stays the same.
import { readdirSync, readFileSync, statSync } from 'node:fs';

export function sourceStamp(folder, above = '') {
  let stamp = '';
  for (const name of readdirSync(folder).sort()) {
    const path = `${folder}/${name}`;
    if (!name.includes('.')) stamp += sourceStamp(path, `${above}${name}/`);
    else if (name.endsWith('.ts') && !name.endsWith('.test.ts')) {
      const { size, mtimeMs } = statSync(path);
      stamp += `${above}${name} ${size} ${mtimeMs}\n`;
    }
  }
  return stamp;
}

/** The stamp that a bundle was made with; undefined when there is none, or one that was not finished. */
export function bundleStamp(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
