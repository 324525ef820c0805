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
const bundle = await rolldown({
  cwd: root,
  platform: 'node',
  input: { rampart: 'src/cli/index.ts', worker: 'src/app/worker.ts' },
  external: /^(?!\.|\/|[a-z]:)/i,
  logLevel: 'warn',
});
await bundle.write({ dir: dist, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name].js' });
// Last: a bundle that was not finished has no stamp and is not used.
writeFileSync(join(dist, 'stamp'), stamp);
