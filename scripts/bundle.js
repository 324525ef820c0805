/**
 * Puts src/ into two files, dist/rampart.js and dist/worker.js: most of the time to a first finding would else go into
 * finding and loading two hundred small ones. `npm ci` runs it by `prepare`; the launcher uses dist/ only while it is
 * what src/ says, so without it, or with an old one, everything works all the same.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceStamp } from '../bin/stamp.js';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });

try {
  const stamp = sourceStamp(join(root, 'src'));
  await bundle('rampart', 'src/cli/index.ts');
  await bundle('worker', 'src/app/worker.ts');
  // Last: a bundle that was not finished, or does not load, has no stamp and is not used.
  await import(join(dist, 'rampart.js'));
  writeFileSync(join(dist, 'stamp'), stamp);
} catch (error) {
  // An installation must not fail for want of speed; packing must.
  console.error(
    `rampart runs from src/, a little slower to start: ${error instanceof Error ? error.message : error}`,
  );
  if (process.env.npm_command === 'pack' || process.env.npm_command === 'publish') process.exitCode = 1;
}

async function bundle(name, input) {
  const { rolldown } = await import('rolldown');
  const built = await rolldown({
    cwd: root,
    platform: 'node',
    input: { [name]: input },
    external: /^(?!\.|\/|[a-z]:)/i,
    logLevel: 'warn',
  });
  await built.write({
    dir: dist,
    format: 'esm',
    entryFileNames: '[name].js',
    codeSplitting: false,
    // White space alone: names stay, for RAMPART_DEBUG=1.
    minify: { compress: false, mangle: false },
  });
}
