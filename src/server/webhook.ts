/** `/validate` and `/mutate`: reads bodies within their limits, hands them to the scheduler, answers each once. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { isJson, lengthOf, timeoutOf } from './address.ts';
import type { ServerCounters } from './counters.ts';
import { collect, type Ending, type Exchange } from './exchange.ts';
import type { Accept, HttpReply, WebhookKind } from './job.ts';
import type { ServerLimits } from './limits.ts';
import { createOpenList } from './open-list.ts';
import { createScheduler } from './scheduler.ts';
import { type Lifecycle, write } from './write.ts';

export interface Webhook {
  handle(kind: WebhookKind, request: IncomingMessage, response: ServerResponse): void;
  /** A connection was accepted. */
  connected(): void;
  /** Answers what takes too long; to be called every now and then. */
  sweep(): void;
  /** Counts what is not answered as cut off. */
  cutOff(): void;
  /** Whether a request of this connection waits for its answer. */
  isBusy(socket: Socket): boolean;
  /** Requests read but not yet answered. */
  waiting(): number;
}

export interface WebhookOptions {
  readonly accept: Accept;
  readonly limits: ServerLimits;
  readonly now: () => number;
  readonly counters: ServerCounters;
  readonly lifecycle: Lifecycle;
  readonly onError: (error: unknown) => void;
  readonly mayAsk: (socket: TLSSocket) => boolean;
}

const SLOW_AFTER_MS = 1_000;
/** The API server gets its answer this much before it stops waiting, or a tenth of its timeout if that is less. */
const MARGIN_MS = 500;

const EXCHANGE = Symbol('exchange');

/** Listeners find their exchange here: they are made once, not for each request. */
interface Tracked {
  [EXCHANGE]?: Exchange;
}

export function createWebhook(options: WebhookOptions): Webhook {
  const { limits, now, counters, lifecycle, mayAsk } = options;
  const retryAfter = ['retry-after', String(limits.retryAfterSeconds)];
  const open = createOpenList<Exchange>();
  const scheduler = createScheduler({ ...options, reply: end });
  let buffered = 0;

  function handle(kind: WebhookKind, request: IncomingMessage, response: ServerResponse): void {
    counters.requests++;
    const exchange = openExchange(kind, request, response, now(), limits);
    open.add(exchange);
    (response as Tracked)[EXCHANGE] = exchange;
    response.on('close', onClose);
    const { headers } = request;
    if (request.method !== 'POST') end(exchange, { status: 405, body: 'only POST' }, 'wrongMethod');
    else if (!mayAsk(request.socket as TLSSocket))
      end(exchange, { status: 403, body: 'no client certificate that may ask' }, 'unauthorized');
    else if (!isJson(headers['content-type']) || headers['content-encoding'] !== undefined)
      end(exchange, { status: 415, body: 'only application/json, not encoded' }, 'wrongType');
    else if (exchange.declared > limits.bodyBytes) refuseSize(exchange);
    else {
      (request as Tracked)[EXCHANGE] = exchange;
      request.on('data', onData);
      request.on('end', onEnd);
    }
  }

  function onData(this: IncomingMessage & Tracked, part: Buffer): void {
    const exchange = this[EXCHANGE]!;
    if (exchange.stage !== 'reading') return;
    if (exchange.received + part.length > limits.bodyBytes) {
      refuseSize(exchange);
      return;
    }
    buffered += part.length;
    collect(exchange, part);
    if (buffered > limits.bufferedBytes)
      end(exchange, { status: 429, body: 'too much is being read' }, 'bufferFull');
  }

  function onEnd(this: IncomingMessage & Tracked): void {
    const exchange = this[EXCHANGE]!;
    if (exchange.stage === 'reading') scheduler.submit(exchange);
  }

  function refuseSize(exchange: Exchange): void {
    end(exchange, { status: 413, body: `a review may have ${limits.bodyBytes} bytes` }, 'tooLarge');
  }

  function onClose(this: ServerResponse & Tracked): void {
    const exchange = this[EXCHANGE]!;
    open.remove(exchange);
    if (exchange.stage !== 'done') leave(exchange, 'disconnected');
  }

  function end(exchange: Exchange, { status, body }: HttpReply, ending: Ending): void {
    const { request, response } = exchange;
    leave(exchange, ending);
    if (!request.complete) {
      // What is still to come of a body that nobody wants is not read to its end.
      response.shouldKeepAlive = false;
      request.resume();
    }
    write(response, lifecycle, status, body, status === 429 ? retryAfter : undefined);
  }

  /** Nothing more becomes of it. */
  function leave(exchange: Exchange, ending: Ending): void {
    scheduler.forget(exchange);
    counters[ending]++;
    buffered -= exchange.received;
    exchange.stage = 'done';
    exchange.received = 0;
    exchange.whole = null;
    exchange.parts = null;
    exchange.job = null;
  }

  function sweep(): void {
    const time = now();
    for (const exchange of open.all()) {
      const { stage, deadline } = exchange;
      if (stage === 'reading') {
        if (isSlow(exchange, time, limits))
          end(exchange, { status: 408, body: 'the body comes too slowly' }, 'slowBody');
      } else if (stage !== 'done' && time >= deadline)
        end(exchange, { status: 503, body: 'no answer in time' }, stage === 'running' ? 'late' : 'expired');
    }
  }

  return {
    handle,
    connected: scheduler.connected,
    sweep,
    cutOff() {
      for (const exchange of open.all()) if (exchange.stage !== 'done') leave(exchange, 'cutOff');
    },
    isBusy: (socket) => open.all().some(({ request }) => request.socket === socket && request.complete),
    waiting: scheduler.size,
  };
}

function openExchange(
  kind: WebhookKind,
  request: IncomingMessage,
  response: ServerResponse,
  arrived: number,
  { timeoutMs }: ServerLimits,
): Exchange {
  const timeout = timeoutOf(request.url!) ?? timeoutMs;
  return {
    request,
    response,
    kind,
    arrived,
    deadline: arrived + timeout - Math.min(MARGIN_MS, timeout / 10),
    declared: lengthOf(request.headers['content-length']),
    place: -1,
    stage: 'reading',
    received: 0,
    whole: null,
    parts: null,
    job: null,
  };
}

function isSlow({ arrived, received }: Exchange, time: number, { bodyBytesPerSecond }: ServerLimits) {
  const seconds = (time - arrived - SLOW_AFTER_MS) / 1_000;
  return seconds > 0 && received < seconds * bodyBytesPerSecond;
}
