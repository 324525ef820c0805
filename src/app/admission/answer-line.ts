/** The other end of a thread's line: each look-up is answered beside what else there is to do. */
import { setImmediate as turn } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import type { AdmissionRequest } from '../../policy/index.ts';
import { type Answered, type AnswerPart, type LookUp, type SentLookUp, SHARED } from './look-ups.ts';

/** A long list is copied for so many milliseconds at a time; others have their turn in between. */
const SLICE_MS = 5;

export interface AnswerLineOptions {
  readonly port: MessagePort;
  readonly shared: Int32Array;
  readonly answer: (lookUp: LookUp, request: AdmissionRequest) => Answered | Promise<Answered>;
  /** That the thread is evaluating; undefined: nobody waits. */
  readonly request: () => AdmissionRequest | undefined;
}

export function answerLine({ port, shared, answer, request }: AnswerLineOptions): void {
  function send(...parts: readonly AnswerPart[]): void {
    for (const part of parts) port.postMessage(part);
  }

  function wake(): void {
    Atomics.add(shared, SHARED.signal, 1);
    Atomics.notify(shared, SHARED.signal);
  }

  async function sendAll(number: number, { value, items }: Answered, isWanted: () => boolean): Promise<void> {
    let until = performance.now() + SLICE_MS;
    for (const item of items) {
      if (performance.now() >= until) {
        await turn();
        if (!isWanted()) return;
        until = performance.now() + SLICE_MS;
      }
      send({ number, items: [item] });
    }
    send({ number, value });
    wake();
  }

  port.on('message', async ({ number, lookUp }: SentLookUp) => {
    const about = request();
    if (about === undefined) return;
    try {
      await sendAll(number, await answer(lookUp, about), () => request() === about);
    } catch (error) {
      send({
        number,
        fault: `no answer to ${lookUp.kind}: ${error instanceof Error ? error.message : error}`,
      });
      wake();
    }
  });
  // It alone keeps no process alive.
  port.unref();
}
