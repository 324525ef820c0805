#!/usr/bin/env node
// The launcher: plain JavaScript, so that an older Node can read it and hand over to the one this package brings.
// CommonJS, because Node's loader of ES modules takes milliseconds before it runs anything.
const { existsSync } = require('node:fs');
const { dirname } = require('node:path');

/** Of Node 24, the first with what `serve` holds its port by. */
const NEEDED = [24, 19];
const HOME = dirname(__dirname);
const DIST = `${HOME}/dist`;

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) handOver();
else run();

async function run() {
  const caching = process.env.RAMPART_CACHE !== 'off';
  const { userCacheFolder, userStateFolder } = require('./cache.cjs');
  const { load, engine, prepared } = entry(() => (caching ? userCacheFolder('code') : undefined));
  const { main, processIo } = await load();
  const cache = caching
    ? {
        folder: userCacheFolder('library'),
        engine,
        prepared,
        results: () => userCacheFolder('results'),
        state: userStateFolder,
      }
    : undefined;
  process.exitCode = await main(process.argv.slice(2), processIo(cache));
}

/** A clone runs its sources as they are, or the bundle of them while it is fresh; the packed package has only that. */
function entry(cacheFolder) {
  const { keptStamp, libraryStamp, sourceStamp } = require('./stamp.cjs');
  const source = `${HOME}/src/cli/index.ts`;
  const prepared = `${DIST}/library`;
  const load = () => require('./load.cjs').loadBundle(DIST, 'rampart.cjs', cacheFolder);
  const stamp = keptStamp(`${DIST}/stamp`);
  if (!existsSync(source)) return { load, engine: stamp, prepared };
  const engine = sourceStamp(`${HOME}/src`);
  if (stamp !== engine) return { load: () => loadSource(source, cacheFolder), engine };
  const fresh = keptStamp(`${DIST}/library.stamp`) === libraryStamp(`${HOME}/library/policies`);
  return { load, engine, ...(fresh ? { prepared } : {}) };
}

function loadSource(source, cacheFolder) {
  const { pathToFileURL } = require('node:url');
  require('./load.cjs').enableCodeCache(cacheFolder());
  return import(pathToFileURL(source).href);
}

/** Runs the same command line under the Node that `npm ci` installed beside us. */
function handOver() {
  const { spawn } = require('node:child_process');
  let node;
  try {
    const bin = `${dirname(require.resolve('node/package.json'))}/bin`;
    node = [`${bin}/node`, `${bin}/node.exe`].find((path) => existsSync(path));
  } catch {
    // Not installed: an installed package, not a clone.
  }
  if (node === undefined) {
    process.stderr.write(
      `rampart: needs Node ${NEEDED.join('.')} or newer, this is ${process.version}\n` +
        `  help: install a newer one; in a clone of Rampart npm ci brings it, in .pre-commit-config.yaml language_version: ${NEEDED.join('.')}.0\n`,
    );
    process.exitCode = 2;
    return;
  }
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`rampart: cannot start ${node}: ${error.message}\n`);
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    // 128 + n is what a shell reports for a signal; 3 would claim an evaluation.
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
  });
}
