/**
 * Writes docs/reference from the code it describes: `npm run docs`. With `--check` it writes nothing and fails when a
 * page is not what the code says.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { referencePages } from '../src/cli/reference.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'reference');
const check = process.argv.includes('--check');
// A policy that is gone leaves no page behind.
if (!check) rmSync(join(folder, 'policies'), { recursive: true, force: true });
for (const [name, text] of Object.entries(await referencePages())) {
  const path = join(folder, name);
  if (!check) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } else if (readFileSync(path, 'utf8') !== text) {
    console.error(`docs/reference/${name} is not what the code says; run npm run docs`);
    process.exitCode = 1;
  }
}
