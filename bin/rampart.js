#!/usr/bin/env node
// The launcher: plain JavaScript, so that an older Node can read it and hand over to the one this package brings.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { userCacheFolder } from './cache.js';
import { bundleStamp, sourceStamp } from './stamp.js';

const NEEDED = 24;

if (Number(process.versions.node.split('.')[0]) < NEEDED) await handOver();
else await run();

async function run() {
  const caching = process.env.RAMPART_CACHE !== 'off';
  const codeCache = caching ? userCacheFolder('code') : undefined;
  if (codeCache !== undefined) module.enableCompileCache?.(codeCache);
  const { url, engine } = entry();
  const { main, processIo } = await import(url);
  const libraryCache = caching ? userCacheFolder('library') : undefined;
  const cache = libraryCache === undefined ? undefined : { folder: libraryCache, engine };
  process.exitCode = await main(process.argv.slice(2), processIo(cache));
}

/** A clone runs its sources as they are, or the bundle of them while it is fresh; the packed package has only that. */
function entry() {
  const bundle = new URL('../dist/rampart.js', import.meta.url);
  const source = new URL('../src/cli/index.ts', import.meta.url);
  const stamp = bundleStamp(new URL('../dist/stamp', import.meta.url));
  if (!existsSync(source)) return { url: bundle.href, engine: stamp };
  const engine = sourceStamp(fileURLToPath(new URL('../src', import.meta.url)));
  return { url: stamp === engine ? bundle.href : source.href, engine };
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
