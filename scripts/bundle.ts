/**
 * Puts src/ into the few files of dist/: half of the time to a first finding would else go into finding and loading
 * two hundred small ones. `npm ci` runs it by `prepare`; the launcher uses dist/ only while it is what src/ says.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { sourceStamp } from '../bin/stamp.js';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
const stamp = sourceStamp(join(root, 'src'));
// Each entry is one file: every further one would cost about a millisecond before the first finding.
for (const [name, input] of Object.entries({ rampart: 'src/cli/index.ts', worker: 'src/app/worker.ts' })) {
  const bundle = await rolldown({
    cwd: root,
    platform: 'node',
    input: { [name]: input },
    external: /^(?!\.|\/|[a-z]:)/i,
    logLevel: 'warn',
  });
  await bundle.write({
    dir: dist,
    format: 'esm',
    entryFileNames: '[name].js',
    codeSplitting: false,
  });
}
// Last: a bundle that was not finished, or does not load, has no stamp and is not used.
await import(join(dist, 'rampart.js'));
writeFileSync(join(dist, 'stamp'), stamp);
