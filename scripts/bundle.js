/**
 * Puts src/ into few files, dist/*.cjs: most of the time to a first finding would else go into finding and loading two
 * hundred small ones. What a command loads only sometimes is a file of its own. CommonJS, because an `import` of one of
 * Node's own modules reads each of its exports, which for node:fs loads streams, promises and WebCrypto.
 * The built-in library goes beside them, parsed and checked. `npm ci` runs it by `prepare`; the launcher uses dist/ only
 * while it is what src/ and library/ say, so without it, or with an old one, everything works all the same.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { libraryStamp, sourceStamp } from '../bin/stamp.js';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });

try {
  const stamp = sourceStamp(join(root, 'src'));
  const policies = libraryStamp(join(root, 'library', 'policies'));
  await bundle({ rampart: 'src/cli/index.ts' }, true);
  // Its own, in one: it needs all of it at once.
  await bundle({ worker: 'src/app/worker.ts' }, false);
  // Last: a bundle that was not finished, or does not load, has no stamp and is not used.
  createRequire(import.meta.url)(join(dist, 'rampart.cjs'));
  writeFileSync(join(dist, 'stamp'), stamp);
  const { prepareLibrary } = await import('../src/app/prepared.ts');
  prepareLibrary(join(dist, 'library.txt'));
  writeFileSync(join(dist, 'library.stamp'), policies);
} catch (error) {
  // An installation must not fail for want of speed; packing must.
  console.error(
    `rampart runs from src/, a little slower to start: ${error instanceof Error ? error.message : error}`,
  );
  if (process.env.npm_command === 'pack' || process.env.npm_command === 'publish') process.exitCode = 1;
}

async function bundle(input, codeSplitting) {
  const { rolldown } = await import('rolldown');
  const built = await rolldown({
    cwd: root,
    platform: 'node',
    input,
    external: /^(?!\.|\/|[a-z]:)/i,
    logLevel: 'warn',
  });
  await built.write({
    dir: dist,
    format: 'cjs',
    codeSplitting,
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    // White space alone: names stay, for RAMPART_DEBUG=1.
    minify: { compress: false, mangle: false },
  });
}
