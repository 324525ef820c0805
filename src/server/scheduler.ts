/**
 * Whose turn it is. What came in a few turns of the event loop, as long as each brings more, is parsed together, small bodies first;
 * then jobs run, users in turn, for a few milliseconds; then answers are sent. Each of the three for many requests at once:
 * what it needs stays in the processor's caches, which halves the time of a request under load.
 */
import { type Ending, type Exchange, takeBody } from './exchange.ts';
import { createFairQueue } from './fair-queue.ts';
import type { Accept, HttpReply, Job } from './job.ts';
import type { ServerLimits } from './limits.ts';

export interface Scheduler {
  /** The body is complete. */
  submit(exchange: Exchange): void;
  /** Its client has left, or its time is over: whatever waits of it is forgotten. */
  forget(exchange: Exchange): void;
  /** A connection was accepted. */
  connected(): void;
  /** Requests that wait: to be parsed, for their turn, or for the Promise of their job. */
  size(): number;
}

export interface SchedulerOptions {
  readonly accept: Accept;
  readonly limits: ServerLimits;
  /** Milliseconds, never going back. */
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
  /** Sends an answer and counts how it came about. */
  reply(exchange: Exchange, reply: HttpReply, ending: Ending): void;
}

interface Answer {
  readonly exchange: Exchange;
  readonly answer: HttpReply;
  readonly ending: Ending;
}

/** A body up to this size is parsed before larger ones that came first. */
const SMALL = 64 << 10;

/** Milliseconds that requests wait for one another, and answers. */
const GATHER_MS = 1;

/** What comes in turn once the small bodies have had their time. */
const CYCLE = ['job', 'large', 'job', 'small'] as const;

const FAILED: HttpReply = { status: 500, body: 'the request could not be evaluated' };
const FULL: HttpReply = { status: 429, body: 'too many requests wait' };
const EXPIRED: HttpReply = { status: 503, body: 'the request waited as long as its client does' };

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { accept, limits, now, onError, reply } = options;
  const lanes: Record<'small' | 'large', Exchange[]> = { small: [], large: [] };
  const queue = createFairQueue<Exchange>(limits.waiting);
  const answers: Answer[] = [];
  let running = 0;
  let step = 0;
  let scheduled = false;
  /** Bodies that were there in the turn before. */
  let known = 0;
  let readUntil = 0;
  /** Whether jobs run that may finish together. */
  let gathering = false;
  /** Whether jobs had their whole share of the last turn. */
  let exhausted = false;
  /** Turns for which more connections are likely to wait: the event loop takes one in each. */
  let arriving = 0;
  /** Until when they come before jobs: as long as jobs had before. */
  let acceptUntil = 0;

  const unread = () => lanes.small.length + lanes.large.length;
  const runnable = () => queue.size() > 0 && running < limits.running;
  const isBusy = () => unread() > 0 || runnable();

  function submit(exchange: Exchange): void {
    if (unread() >= limits.unread) {
      reply(exchange, FULL, 'queueFull');
      return;
    }
    exchange.stage = 'unread';
    (isSmall(exchange) ? lanes.small : lanes.large).push(exchange);
    schedule();
  }

  /** At the end of this turn of the event loop, after whatever else is ready to be read. */
  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(nextTurn);
  }

  function nextTurn(): void {
    scheduled = false;
    const time = now();
    if (isGrowing(time)) {
      schedule();
      return;
    }
    if (exhausted) acceptUntil = time + limits.turnMs;
    exhausted = false;
    if (isBusy() && (arriving === 0 || time >= acceptUntil)) work(time);
    if (arriving > 0) arriving--;
    if (isBusy()) schedule();
  }

  /** Whether this turn of the event loop brought more, as the next one may. */
  function isGrowing(time: number): boolean {
    const size = unread();
    if (known === 0) readUntil = time + GATHER_MS;
    const grows = size > known && time < readUntil;
    known = grows ? size : 0;
    return grows;
  }

  function work(start: number): void {
    gathering = true;
    // Parsing them is cheap beside a job, and only then is known whose they are.
    while (lanes.small.length > 0 && now() < start + limits.turnMs / 2) parseNext(lanes.small);
    let [time, gatheredUntil] = [start, start + GATHER_MS];
    do {
      advance();
      time = now();
      if (time >= gatheredUntil) {
        sendAll();
        gatheredUntil = time + GATHER_MS;
      }
    } while (isBusy() && time < start + limits.turnMs);
    gathering = false;
    sendAll();
    exhausted = time >= start + limits.turnMs;
  }

  /** One body parsed, or one job run. */
  function advance(): void {
    for (let tries = 0; tries < CYCLE.length; tries++) {
      const what = CYCLE[step]!;
      step = (step + 1) % CYCLE.length;
      if (what === 'job' ? runNext() : parseNext(lanes[what])) return;
    }
  }

  function parseNext(lane: Exchange[]): boolean {
    const exchange = lane.shift();
    if (exchange === undefined) return false;
    if (!isSmall(exchange)) sendAll();
    if (!isExpired(exchange)) enqueue(exchange, parse(exchange));
    return true;
  }

  function enqueue(exchange: Exchange, job: Job | null): void {
    if (job === null) return;
    exchange.stage = 'waiting';
    exchange.job = job;
    const added = queue.add(job.user, exchange);
    if (added === 'full') reply(exchange, FULL, 'queueFull');
    else if (added.displaced !== null) reply(added.displaced, FULL, 'overShare');
  }

  function runNext(): boolean {
    if (!runnable()) return false;
    const exchange = queue.take()!;
    if (!isSmall(exchange)) sendAll();
    if (!isExpired(exchange)) run(exchange, exchange.job!);
    return true;
  }

  function isExpired(exchange: Exchange): boolean {
    if (now() < exchange.deadline) return false;
    reply(exchange, EXPIRED, 'expired');
    return true;
  }

  /** null: answered already. */
  function parse(exchange: Exchange): Job | null {
    try {
      const taken = accept(exchange.kind, takeBody(exchange));
      if ('run' in taken) return taken;
      send(exchange, taken, 'refused');
    } catch (error) {
      fail(exchange, error);
    }
    return null;
  }

  function run(exchange: Exchange, job: Job): void {
    exchange.stage = 'running';
    try {
      const result = job.run();
      if (isPromise(result)) {
        running++;
        settle(exchange, result);
      } else send(exchange, result, 'answered');
    } catch (error) {
      fail(exchange, error);
    }
  }

  async function settle(exchange: Exchange, result: Promise<HttpReply>): Promise<void> {
    try {
      send(exchange, await result, 'answered');
    } catch (error) {
      fail(exchange, error);
    } finally {
      running--;
      schedule();
    }
  }

  function send(exchange: Exchange, answer: HttpReply, ending: Ending): void {
    if (exchange.stage === 'done') return;
    if (!isReply(answer)) throw new TypeError('a job must answer {status, body}');
    if (gathering) answers.push({ exchange, answer, ending });
    else reply(exchange, answer, ending);
  }

  function sendAll(): void {
    for (const { exchange, answer, ending } of answers)
      if (exchange.stage !== 'done') reply(exchange, answer, ending);
    answers.length = 0;
  }

  function fail(exchange: Exchange, error: unknown): void {
    try {
      onError(error);
    } catch {
      // Whoever is told of errors must not cause more of them.
    }
    if (exchange.stage !== 'done') reply(exchange, FAILED, 'failed');
  }

  return {
    submit,
    forget(exchange) {
      if (exchange.stage === 'waiting') queue.remove(exchange.job!.user, exchange);
      else if (exchange.stage === 'unread')
        for (const lane of [lanes.small, lanes.large]) {
          const at = lane.indexOf(exchange);
          if (at >= 0) lane.splice(at, 1);
        }
    },
    connected() {
      arriving = 2;
    },
    size: () => unread() + queue.size() + running,
  };
}

function isSmall({ received }: Exchange): boolean {
  return received <= SMALL;
}

function isPromise(result: HttpReply | Promise<HttpReply>): result is Promise<HttpReply> {
  return typeof (result as { then?: unknown } | null)?.then === 'function';
}

function isReply(answer: HttpReply | null | undefined): boolean {
  return (
    typeof answer?.body === 'string' &&
    Number.isInteger(answer.status) &&
    answer.status >= 200 &&
    answer.status <= 599
  );
}
