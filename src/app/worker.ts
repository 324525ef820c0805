/** Entry of a helper thread: scans files from the common list until there are none, then what waited for facts. */
import module from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { Facts } from './facts.ts';
import type { Scanned, ScanSetup } from './scanner.ts';

export interface HelperData {
  readonly setup: ScanSetup;
  readonly counter: Int32Array;
  /** Where the launcher keeps compiled code; each thread has to be told. */
  readonly codeCache: string | undefined;
}

export interface ToHelper {
  readonly facts: Facts;
}

/** First `facts`, then `scanned`. */
export interface FromHelper {
  readonly facts?: Facts;
  readonly scanned?: Scanned;
}

const data = workerData as HelperData;
const port = parentPort!;
if (data.codeCache !== undefined) module.enableCompileCache(data.codeCache);
void help(data);

/** Loads what it runs only now, when compiled code is known to be kept. */
async function help({ setup, counter }: HelperData): Promise<void> {
  const { createScanner } = await import('./scanner.ts');
  const { compileSet, openMemory } = await import('./compile.ts');
  const { takeChunks } = await import('./chunks.ts');
  // Every document was compiled once before it came here, so each expression may wait until it is needed.
  const lazily = { ...setup.policies, lazy: true };
  const scanner = createScanner(setup, compileSet(lazily, openMemory(lazily.memory)));
  for (const range of takeChunks(counter, setup.files.length))
    for (let index = range.start; index < range.end; index++) scanner.file(setup.files[index]!);
  port.once('message', ({ facts }: ToHelper) => {
    send({ scanned: scanner.finish(facts) });
    port.close();
  });
  send({ facts: scanner.facts });
}

function send(message: FromHelper): void {
  port.postMessage(message);
}
