/**
 * Puts src/ into few files, dist/*.cjs: most of the time to a first finding would else go into finding and loading two
 * hundred small ones. What a command loads only sometimes is a file of its own. CommonJS, because an `import` of one of
 * Node's own modules reads each of its exports, which for node:fs loads streams, promises and WebCrypto.
 * The built-in library goes beside them, parsed and checked. `npm ci` runs it by `prepare`; the launcher uses dist/ only
 * while it is what src/ and library/ say, so without it, or with an old one, everything works all the same.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleLoader } from '../bin/load.cjs';
import { libraryStamp, sourceStamp } from '../bin/stamp.cjs';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });

try {
  const stamp = sourceStamp(join(root, 'src'));
  const policies = libraryStamp(join(root, 'library', 'policies'));
  await bundle({
    rampart: 'src/cli/index.ts',
    helper: 'src/app/helper.ts',
    prover: 'src/app/snapshot/prover.ts',
    slow: 'src/app/admission/slow.ts',
  });
  const { prepareLibrary } = await import('../src/app/prepared.ts');
  prepareLibrary(join(dist, 'library'));
  await keepCode();
  // Last: a bundle that was not finished, or does not work, has no stamp and is not used.
  writeFileSync(join(dist, 'stamp'), stamp);
  writeFileSync(join(dist, 'library.stamp'), policies);
} catch (error) {
  // An installation must not fail for want of speed; packing must.
  console.error(
    `rampart runs from src/, a little slower to start: ${error instanceof Error ? error.message : error}`,
  );
  if (process.env.npm_command === 'pack' || process.env.npm_command === 'publish') process.exitCode = 1;
}

/** Scans what there is to scan in a clone, so that V8 compiles what scans call, and keeps that. */
async function keepCode() {
  const loader = bundleLoader(dist);
  const { main } = loader.load('rampart.cjs');
  const nowhere = { write: () => {}, terminal: false, columns: undefined };
  const io = { cwd: root, env: {}, out: nowhere, err: nowhere, cache: { prepared: join(dist, 'library') } };
  const config = join(dist, 'rampart.yaml');
  writeFileSync(config, 'failOn: low\nskip: [severity=info]\npaths: {nowhere: {failOn: none}}\n');
  for (const more of [
    ['--format', 'pretty'],
    ['--format', 'json'],
    ['--format', 'sarif'],
    ['--config', config],
  ]) {
    const code = await main(['scan', 'examples/shop', ...more], io);
    if (code !== 1) throw new Error(`the bundle does not work: a scan ended with ${code}`);
  }
  rmSync(config);
  loader.save();
}

/** The same source: V8 reads and keeps text in half the time and space where no character needs two bytes. */
function inAscii(source) {
  // A backslash before it would escape that of ours.
  if (/\\[^\0-\x7f]|String\.raw`[^`]*[^\0-\x7f`]/.test(source)) return source;
  return source.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

async function bundle(input) {
  const { rolldown } = await import('rolldown');
  const built = await rolldown({
    cwd: root,
    platform: 'node',
    input,
    // Of zod a scan needs a tenth, and only where there is a rampart.yaml: that part goes in. Its licence comes with the
    // package, which is a dependency.
    external: /^(?!\.|\/|[a-z]:|zod\/)/i,
    logLevel: 'warn',
  });
  await built.write({
    dir: dist,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    // What the bundler itself adds would else go into any chunk that needs it, and bring that along.
    codeSplitting: { groups: [{ name: 'runtime', test: /rolldown[:/\\\0]runtime/ }] },
    // White space alone: names stay, for RAMPART_DEBUG=1.
    minify: { compress: false, mangle: false },
  });
  for (const name of readdirSync(dist)) {
    const path = join(dist, name);
    writeFileSync(path, inAscii(readFileSync(path, 'utf8')));
  }
}
