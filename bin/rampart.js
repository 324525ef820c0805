#!/usr/bin/env node
// The launcher: plain JavaScript, so that an older Node can read it and hand over to the one this package brings.
import module from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { userCacheFolder } from './cache.js';
import { keptStamp, libraryStamp, sourceStamp } from './stamp.js';

// Not imported: that would read each export of node:fs, and so load streams before anything is done.
const require = module.createRequire(import.meta.url);
const { existsSync } = require('node:fs');

const NEEDED = 24;

if (Number(process.versions.node.split('.')[0]) < NEEDED) await handOver();
else await run();

async function run() {
  const caching = process.env.RAMPART_CACHE !== 'off';
  const codeCache = caching ? userCacheFolder('code') : undefined;
  if (codeCache !== undefined) module.enableCompileCache?.(codeCache);
  const { file, engine, prepared } = entry();
  const { main, processIo } = file.endsWith('.cjs') ? require(file) : await import(pathToFileURL(file).href);
  const cache = caching ? { folder: userCacheFolder('library'), engine, prepared } : undefined;
  process.exitCode = await main(process.argv.slice(2), processIo(cache));
}

/** A clone runs its sources as they are, or the bundle of them while it is fresh; the packed package has only that. */
function entry() {
  const home = fileURLToPath(new URL('..', import.meta.url));
  const bundle = `${home}dist/rampart.cjs`;
  const source = `${home}src/cli/index.ts`;
  const prepared = `${home}dist/library.txt`;
  const stamp = keptStamp(`${home}dist/stamp`);
  if (!existsSync(source)) return { file: bundle, engine: stamp, prepared };
  const engine = sourceStamp(`${home}src`);
  if (stamp !== engine) return { file: source, engine };
  const fresh = keptStamp(`${home}dist/library.stamp`) === libraryStamp(`${home}library/policies`);
  return { file: bundle, engine, ...(fresh ? { prepared } : {}) };
}

/** Runs the same command line under the Node that `npm ci` installed beside us. */
async function handOver() {
  const { spawn } = await import('node:child_process');
  let node;
  try {
    const { dirname, join } = await import('node:path');
    const home = dirname(module.createRequire(import.meta.url).resolve('node/package.json'));
    node = ['node', 'node.exe'].map((name) => join(home, 'bin', name)).find((path) => existsSync(path));
  } catch {
    // Not installed: an installed package, not a clone.
  }
  if (node === undefined) {
    process.stderr.write(
      `rampart: needs Node ${NEEDED} or newer, this is ${process.version}; in a clone, npm ci brings one\n`,
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
