import { readFileSync } from 'node:fs';

/** Rampart's own version: package.json stands two folders up in a clone (src/cli) and in a package (dist/cli). */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
