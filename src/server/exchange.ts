/** One request to `/validate` or `/mutate`, from its headers to its answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerCounters } from './counters.ts';
import type { Job, WebhookKind } from './job.ts';
import type { Placed } from './open-list.ts';

/** What of it is under way; `done`: answered, or there is nobody left to answer. */
type Stage = 'reading' | 'unread' | 'waiting' | 'running' | 'done';

export interface Exchange extends Placed {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly kind: WebhookKind;
  /** Milliseconds of the server's clock. */
  readonly arrived: number;
  /** When nobody waits for an answer any more. */
  readonly deadline: number;
  /** Bytes; -1: unknown. */
  readonly declared: number;
  stage: Stage;
  received: number;
  /** Of the declared length, once a part of it has arrived. */
  whole: Buffer | null;
  parts: Buffer[] | null;
  /** From `waiting` on. */
  job: Job | null;
}

/** How an exchange may end; the name of its counter. */
export type Ending = Exclude<keyof ServerCounters, 'requests'>;

/** Adds a part of the body. The only part of a body is kept as it is. */
export function collect(exchange: Exchange, part: Buffer): void {
  const { declared, received } = exchange;
  exchange.received = received + part.length;
  if (exchange.whole !== null) part.copy(exchange.whole, received);
  else if (declared === part.length) exchange.whole = part;
  else if (declared > 0) {
    exchange.whole = Buffer.allocUnsafeSlow(declared);
    part.copy(exchange.whole, 0);
  } else {
    exchange.parts ??= [];
    exchange.parts.push(part);
  }
}

/** All of it, and lets go of it. */
export function takeBody(exchange: Exchange): Buffer {
  const { whole, parts } = exchange;
  exchange.whole = null;
  exchange.parts = null;
  return whole ?? Buffer.concat(parts ?? []);
}
