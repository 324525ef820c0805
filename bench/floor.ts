/**
 * What no scanner can beat: the same files read, and parsed by the fastest YAML parser for JavaScript, nothing more, on
 * as many threads. `node bench/floor.ts FOLDER THREADS failsafe|json` prints how many documents it saw.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { FAILSAFE_SCHEMA, JSON_SCHEMA, loadAll } from 'js-yaml';

interface Share {
  readonly files: readonly string[];
  readonly counter: Int32Array;
  readonly schema: 'failsafe' | 'json';
}

const CHUNK = 32;

function parseShare({ files, counter, schema }: Share): number {
  const options = { schema: schema === 'json' ? JSON_SCHEMA : FAILSAFE_SCHEMA };
  let documents = 0;
  for (
    let start = Atomics.add(counter, 0, CHUNK);
    start < files.length;
    start = Atomics.add(counter, 0, CHUNK)
  )
    for (const file of files.slice(start, start + CHUNK))
      documents += loadAll(readFileSync(file, 'utf8'), options).length;
  return documents;
}

async function main([folder, threads, schema]: readonly string[]): Promise<void> {
  const files = readdirSync(folder!, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const counter = new Int32Array(new SharedArrayBuffer(4));
  const share: Share = { files, counter, schema: schema === 'json' ? 'json' : 'failsafe' };
  const helpers = Array.from({ length: Number(threads) - 1 }, () => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    return new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  });
  const own = parseShare(share);
  const counts = await Promise.all(helpers);
  console.log(counts.reduce((sum, count) => sum + count, own));
}

if (isMainThread) await main(process.argv.slice(2));
else parentPort!.postMessage(parseShare(workerData as Share));
