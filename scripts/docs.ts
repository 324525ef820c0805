/**
 * Writes docs/reference and deploy/crds from the code they describe: `npm run docs`. With `--check` it writes nothing and fails when a
 * page is not what the code says.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { referencePages } from '../src/cli/reference.ts';
import { crdFiles } from './crds.ts';

const root = join(import.meta.dirname, '..');
const check = process.argv.includes('--check');
const placed = (folder: string, files: Readonly<Record<string, string>>) =>
  Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text] as const);
// A policy that is gone leaves no page behind.
if (!check) rmSync(join(root, 'docs/reference/policies'), { recursive: true, force: true });
for (const [name, text] of [
  ...placed('docs/reference', await referencePages()),
  ...placed('deploy/crds', crdFiles()),
]) {
  const path = join(root, name);
  if (!check) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } else if (readFileSync(path, 'utf8') !== text) {
    console.error(`${name} is not what the code says; run npm run docs`);
    process.exitCode = 1;
  }
}
