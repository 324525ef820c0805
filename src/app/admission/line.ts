/** The line on which a thread asks, in the middle of an evaluation, and waits for the answer. */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Stopwatch } from '../../policy/index.ts';
import {
  type Answered,
  type AnswerPart,
  type LookUp,
  type LookUpKind,
  type SentLookUp,
  SHARED,
} from './look-ups.ts';

export interface Line {
  /**
   * Asks for a request, for as long as the deadline allows. What was asked once is answered the same until the next request.
   *
   * @throws whatever ends the evaluation: the deadline is over then.
   */
  ask<K extends LookUpKind>(lookUp: LookUp<K>): Answered<K>;
  /** A request begins. */
  begin(deadline: Stopwatch): void;
  /** Whether somebody waited in vain since this was last asked. */
  waitedInVain(): boolean;
}

/** What was answered, for whoever asked to know what it is. */
interface AnyAnswer {
  readonly value: unknown;
  readonly items: readonly unknown[];
}

/** Look-ups of one request; whoever needs more takes the time of others, and has none. */
const MOST_LOOK_UPS = 1_000;

export function createLine(port: MessagePort, shared: Int32Array): Line {
  const known = new Map<string, AnyAnswer>();
  let deadline: Stopwatch;
  let number = 0;
  let asked = 0;
  let inVain = false;

  function ask(lookUp: LookUp): AnyAnswer {
    if (asked++ >= MOST_LOOK_UPS) return end(`more than ${MOST_LOOK_UPS} look-ups`);
    const sent: SentLookUp = { number: ++number, lookUp };
    port.postMessage(sent);
    const items: unknown[] = [];
    Atomics.store(shared, SHARED.waits, 1);
    try {
      for (;;) {
        const part = next();
        if (part === undefined) {
          inVain = true;
          return end('nobody answered in time');
        }
        // What is said to a question that nobody waits for any more.
        if (part.number !== number) continue;
        if ('fault' in part) throw new Error(part.fault);
        if ('value' in part) return { value: part.value, items };
        for (const item of part.items) items.push(item);
      }
    } finally {
      Atomics.store(shared, SHARED.waits, 0);
    }
  }

  function next(): AnswerPart | undefined {
    for (;;) {
      const before = Atomics.load(shared, SHARED.signal);
      const received = receiveMessageOnPort(port);
      if (received !== undefined) return received.message as AnswerPart;
      const left = deadline.at - performance.now();
      if (left <= 0) return undefined;
      Atomics.wait(shared, SHARED.signal, before, left);
    }
  }

  /** The evaluation, not only what asks in it: an expression might take an error for an answer. */
  function end(why: string): never {
    deadline.mayTake(Number.POSITIVE_INFINITY);
    throw new Error(why);
  }

  return {
    ask<K extends LookUpKind>(lookUp: LookUp<K>) {
      const key = keyOf(lookUp);
      const answered = known.get(key) ?? ask(lookUp as LookUp);
      known.set(key, answered);
      return answered as Answered<K>;
    },
    begin(next) {
      deadline = next;
      known.clear();
      asked = 0;
      inVain = false;
    },
    waitedInVain() {
      const before = inVain;
      inVain = false;
      return before;
    },
  };
}

function keyOf(lookUp: object): string {
  return JSON.stringify(lookUp, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}
