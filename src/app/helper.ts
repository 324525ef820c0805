import { parentPort, workerData } from 'node:worker_threads';
import { takeChunks } from './chunks.ts';
import { openMemory } from './compile.ts';
import type { Facts } from './facts.ts';
import { openFileMemory } from './kept-file.ts';
import { compileProfiles } from './profiles.ts';
import type { Pack } from './result-cache.ts';
import { createScanner, type Scanned, type ScanSetup } from './scanner.ts';

export interface HelperData {
  readonly setup: ScanSetup;
  readonly counter: Int32Array;
  /** Results of an earlier scan; undefined: none are kept. */
  readonly pack: Pack | undefined;
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

/** A helper thread: scans files from the common list until there are none, then what waited for facts. */
export function help(): void {
  const { setup, counter, pack } = workerData as HelperData;
  const port = parentPort!;
  const send = (message: FromHelper): void => port.postMessage(message);
  const memory = pack === undefined ? undefined : openFileMemory(pack);
  const scanner = createScanner(setup, compileProfiles(setup.profiles, openMemory), memory);
  for (const range of takeChunks(counter, setup.files.length))
    for (let index = range.start; index < range.end; index++) scanner.file(setup.files[index]!);
  port.once('message', ({ facts }: ToHelper) => {
    send({ scanned: scanner.finish(facts) });
    port.close();
  });
  send({ facts: scanner.facts });
}
