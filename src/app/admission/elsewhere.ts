/**
 * Where admission asks about policies that had no time: a few threads of their own, started when first needed. A thread
 * that holds a request too long is ended and replaced, so nothing here waits longer than it says.
 */
import type { AskedElsewhere, Change, Said } from '../../gates/index.ts';
import { type AdmissionRequest, keepSet, type PolicySet, turnOf } from '../../policy/index.ts';
import { builtin } from '../builtin.ts';
import { answerLine } from './answer-line.ts';
import { SHARED, SHARED_BYTES } from './look-ups.ts';
import { createNearby, type NearbyOptions } from './nearby.ts';
import { createQuarantine, type Quarantined, type QuarantineOptions, type RanOut } from './quarantine.ts';
import { saidOf, TOOK_LONGER, type Unit } from './said.ts';
import type { Judged, Late, SentPolicies, SlowAnswer, SlowQuestion, SlowSetup, SlowStart } from './slow.ts';

export interface ElsewhereOptions extends NearbyOptions {
  /** Those of one snapshot. */
  readonly set: PolicySet;
  readonly setup: SlowSetup;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly threads?: number;
  /** Milliseconds for one request, from the question to the answer; where its thread has to be ended, again for what is left. */
  readonly limitMs?: number;
  /** Requests that may wait for a thread. */
  readonly waiting?: number;
  /** Of one thread, in MiB. */
  readonly memory?: number;
  readonly quarantine?: Omit<QuarantineOptions, 'now'>;
}

export interface ElsewhereCounts {
  asked: number;
  /** Answers of policies that ran out of time or memory. */
  ranOut: number;
  /** Questions that found no place to wait. */
  refused: number;
  /** Questions whose time was over before a thread was free. */
  expired: number;
  /** Threads that had to be ended, or ended themselves. */
  lost: number;
}

export interface Elsewhere extends AskedElsewhere {
  /** What these policies say, the slowest named first; of one that has no answer, what its failure rule makes of that. Never rejects. */
  ask(request: AdmissionRequest, policies: readonly string[], body: Uint8Array): Promise<Said>;
  /** Never rejects. */
  change(
    request: AdmissionRequest,
    policies: readonly string[],
    body: Uint8Array,
  ): Promise<Change | undefined>;
  /** Why a policy is not to be evaluated. */
  quarantineOf(policy: string): string | undefined;
  quarantined(): readonly Quarantined[];
  readonly counts: Readonly<ElsewhereCounts>;
  /** Answers what was asked, then ends the threads. What is asked from here on is answered by failure rules. */
  drain(): Promise<void>;
}

const THREADS = 2;
const LIMIT_MS = 2_000;
const WAITING = 32;
const MEMORY_MIB = 512;
/** A thread stops by itself a little before it is stopped. */
const OWN_SHARE = 0.9;
/** What waiting for a thread has to leave, or nobody is to blame for running out of time. */
const FAIR_SHARE = 0.5;
/** In a millisecond. */
const NANOSECONDS = 1e6;
/** Policies of one request with which a thread may end before the others are given up; within the 10 s of a webhook. */
const MOST_ENDED = 2;

/** A question to one thread, and what is known of its answer. */
interface Asked {
  readonly kind: SlowQuestion['kind'];
  readonly units: readonly Unit[];
  /** Why policies are not to be evaluated, by id, beside those in quarantine. */
  readonly without: ReadonlyMap<string, string>;
  readonly request: AdmissionRequest;
  readonly body: Uint8Array;
  /** When a thread stops by itself: nanoseconds of `process.hrtime`. */
  readonly until: bigint;
  /** Of each unit that was judged. */
  readonly judged: Judged[];
  /** Undefined until it is made. */
  change: Change | undefined;
  /** Id of the policy that was being evaluated when the thread ended; undefined: it did not end, or was at nobody's. */
  endedAt: string | undefined;
  /** Whether a thread could begin with it in time: then who runs out of time has only itself to blame. */
  begunInTime: boolean;
  readonly done: () => void;
  timer: NodeJS.Timeout | undefined;
}

interface Helper {
  readonly worker: import('node:worker_threads').Worker;
  readonly line: import('node:worker_threads').MessagePort;
  readonly shared: Int32Array;
  readonly knows: Set<string>;
  ready: boolean;
  asked: Asked | undefined;
  /** Number of the last. */
  question: number;
}

export function createElsewhere(options: ElsewhereOptions): Elsewhere {
  const { threads = THREADS, limitMs = LIMIT_MS, waiting = WAITING, memory = MEMORY_MIB } = options;
  const counts: ElsewhereCounts = { asked: 0, ranOut: 0, refused: 0, expired: 0, lost: 0 };
  const quarantine = createQuarantine({ now: options.now, ...options.quarantine });
  const nearby = createNearby(options);
  const byId = Map.groupBy(options.set.policies, ({ id }) => id);
  const sending = new Map<string, SentPolicies>();
  const helpers = new Set<Helper>();
  const queue: Asked[] = [];
  let draining: (() => void) | undefined;
  let questions = 0;

  function unitsOf(ids: readonly string[]): Unit[] {
    const policies = [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
    const together = Map.groupBy(policies, (policy) => turnOf(policy)?.policy ?? policy.id);
    return [...together.values()].map((some) => ({
      ids: [...new Set(some.map(({ id }) => id))],
      policies: some,
    }));
  }

  async function ask(request: AdmissionRequest, ids: readonly string[], body: Uint8Array): Promise<Said> {
    const all = unitsOf(ids);
    // The first is the one that took the time of all: it gets what those leave that had no turn.
    const { judged } = await answered('judge', request, all.toReversed(), body);
    const said = all.map((unit) => saidOf(unit, judged.get(unit), request));
    return {
      findings: said.flatMap(({ findings }) => findings),
      passed: said.flatMap(({ passed }) => passed),
      annotations: Object.assign({}, ...said.map(({ annotations }) => annotations)),
    };
  }

  async function change(request: AdmissionRequest, ids: readonly string[], body: Uint8Array) {
    return (await answered('change', request, unitsOf(ids), body)).change;
  }

  /**
   * As far as it is answered. Where a thread ends with a policy, whoever had no turn yet is asked about again, and that one
   * is not evaluated: it is an error of its own, and of nobody else.
   */
  async function answered(
    kind: Asked['kind'],
    request: AdmissionRequest,
    units: readonly Unit[],
    body: Uint8Array,
  ): Promise<{ readonly judged: ReadonlyMap<Unit, Judged>; readonly change: Change | undefined }> {
    counts.asked++;
    const judged = new Map<Unit, Judged>();
    const without = new Map<string, string>();
    for (let left = units; ; left = left.filter((unit) => !judged.has(unit))) {
      const asked = await askedOnce(kind, request, left, body, without);
      for (const [index, one] of asked.judged.entries()) judged.set(left[index]!, one);
      const { endedAt, change } = asked;
      if (endedAt === undefined || without.has(endedAt) || without.size >= MOST_ENDED)
        return { judged, change };
      without.set(endedAt, TOOK_LONGER);
    }
  }

  /** Resolves when a thread has answered, or has not. */
  function askedOnce(
    kind: Asked['kind'],
    request: AdmissionRequest,
    units: readonly Unit[],
    body: Uint8Array,
    without: Asked['without'],
  ): Promise<Asked> {
    return new Promise((resolve) => {
      const asked: Asked = {
        kind,
        units,
        without,
        request,
        body,
        until: process.hrtime.bigint() + BigInt(Math.round(limitMs * OWN_SHARE * NANOSECONDS)),
        judged: [],
        change: undefined,
        endedAt: undefined,
        begunInTime: false,
        timer: undefined,
        done: () => resolve(asked),
      };
      if (units.length === 0 || draining !== undefined) asked.done();
      else if (queue.length >= waiting) {
        counts.refused++;
        asked.done();
      } else {
        asked.timer = setTimeout(() => overdue(asked), limitMs);
        queue.push(asked);
        assign();
      }
    });
  }

  function assign(): void {
    while (queue.length > 0) {
      const helper = [...helpers].find(({ asked }) => asked === undefined) ?? start();
      if (helper === undefined) return;
      give(helper, queue.shift()!);
    }
  }

  function give(helper: Helper, asked: Asked): void {
    helper.asked = asked;
    helper.question = ++questions;
    if (helper.ready) begin(asked);
    const question: SlowQuestion = {
      number: helper.question,
      kind: asked.kind,
      body: asked.body,
      units: asked.units.map((unit) => ({ key: keyOf(unit), sent: toSend(helper, unit) })),
      quarantined: new Map([...quarantinedAmong(asked.units), ...asked.without]),
      until: asked.until,
    };
    try {
      helper.worker.postMessage(question);
    } catch {
      // What cannot be sent cannot be answered.
      finish(asked);
      helper.asked = undefined;
    }
  }

  function quarantinedAmong(units: readonly Unit[]): ReadonlyMap<string, string> {
    const reasons = units.flatMap(({ ids }) => ids.map((id) => [id, quarantine.reason(id)] as const));
    return new Map(reasons.flatMap(([id, why]) => (why === undefined ? [] : [[id, why]])));
  }

  /** Once to each thread. */
  function toSend(helper: Helper, unit: Unit): SentPolicies | undefined {
    const key = keyOf(unit);
    if (helper.knows.has(key)) return undefined;
    helper.knows.add(key);
    let sent = sending.get(key);
    if (sent === undefined) {
      sent = keepSet({ ...options.set, ...NOTHING_ELSE, policies: unit.policies });
      sending.set(key, sent);
    }
    return sent;
  }

  function start(): Helper | undefined {
    if (helpers.size >= threads) return undefined;
    const { MessageChannel, Worker } = builtin('node:worker_threads');
    // Bundled, a thread has a launcher of its own.
    const file = import.meta.url.endsWith('.ts') ? './slow-thread.ts' : '../bin/slow.cjs';
    const { port1: line, port2 } = new MessageChannel();
    const shared = new SharedArrayBuffer(SHARED_BYTES);
    const begin: SlowStart = { setup: options.setup, line: port2, shared };
    const worker = new Worker(new URL(file, import.meta.url), {
      workerData: begin,
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: memory },
    });
    const helper: Helper = {
      worker,
      line,
      shared: new Int32Array(shared),
      knows: new Set(),
      ready: false,
      asked: undefined,
      question: 0,
    };
    helpers.add(helper);
    answerLine({
      port: line,
      shared: helper.shared,
      answer: nearby,
      request: () => helper.asked?.request,
    });
    worker.on('message', (answer: SlowAnswer) => received(helper, answer));
    worker.on('error', (error: NodeJS.ErrnoException) =>
      lose(helper, error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : undefined),
    );
    worker.on('exit', () => lose(helper, undefined));
    // It alone keeps no process alive; the question's timer does.
    worker.unref();
    return helper;
  }

  function received(helper: Helper, answer: SlowAnswer): void {
    if (answer.kind === 'ready') {
      helper.ready = true;
      if (helper.asked !== undefined) begin(helper.asked);
      return;
    }
    const { asked } = helper;
    // One whose time was over is answered for nobody.
    if (asked === undefined || answer.number !== helper.question) return;
    if (answer.kind === 'judged') {
      const { late } = answer.judged;
      if (late !== undefined) blame(late, asked);
      asked.judged.push(answer.judged);
      if (asked.judged.length < asked.units.length) return;
    } else {
      for (const late of answer.late) blame(late, asked);
      asked.change = answer.change;
    }
    helper.asked = undefined;
    finish(asked);
    assign();
  }

  /** No policy is to blame for answers that did not come, or for a thread that came too late. */
  function blame({ policy, waited }: Late, asked: Asked, of: RanOut = 'time'): void {
    counts.ranOut++;
    if (!waited && (of === 'memory' || asked.begunInTime)) quarantine.ranOut(policy, of);
  }

  function begin(asked: Asked): void {
    const left = Number(asked.until - process.hrtime.bigint()) / NANOSECONDS;
    asked.begunInTime = left >= limitMs * FAIR_SHARE;
  }

  /** The policy that was being evaluated; undefined: none was. */
  function currentOf({ shared }: Helper, { units }: Asked): string | undefined {
    return units.flatMap((unit) => unit.policies)[Atomics.load(shared, SHARED.policy)]?.id;
  }

  function overdue(asked: Asked): void {
    const helper = [...helpers].find((one) => one.asked === asked);
    if (helper?.ready === true) {
      lose(helper, 'time');
      return;
    }
    // No policy is to blame for a machine that is busy.
    counts.expired++;
    if (helper === undefined) queue.splice(queue.indexOf(asked), 1);
    else helper.asked = undefined;
    finish(asked);
    assign();
  }

  function lose(helper: Helper, of: RanOut | undefined): void {
    if (!helpers.delete(helper)) return;
    counts.lost++;
    void helper.worker.terminate();
    helper.line.close();
    const { asked } = helper;
    if (asked !== undefined) {
      asked.endedAt = currentOf(helper, asked);
      const waited = Atomics.load(helper.shared, SHARED.waits) === 1;
      if (of !== undefined && asked.endedAt !== undefined)
        blame({ policy: asked.endedAt, waited }, asked, of);
      finish(asked);
    }
    assign();
  }

  function finish(asked: Asked): void {
    clearTimeout(asked.timer);
    asked.done();
    if (queue.length === 0 && [...helpers].every((helper) => helper.asked === undefined)) draining?.();
  }

  return {
    ask,
    change,
    quarantineOf: quarantine.reason,
    quarantined: quarantine.list,
    counts,
    async drain() {
      if (draining !== undefined) return;
      await new Promise<void>((resolve) => {
        draining = resolve;
        if (queue.length === 0 && [...helpers].every((helper) => helper.asked === undefined)) resolve();
      });
      const ending = [...helpers];
      helpers.clear();
      for (const { line } of ending) line.close();
      await Promise.all(ending.map(({ worker }) => worker.terminate()));
    },
  };
}

function keyOf({ ids }: Unit): string {
  return ids.join('\n');
}

/** Of the set, a policy by itself needs only what Gatekeeper's expansions make of a request. */
const NOTHING_ELSE = { inactive: [], problems: [], warnings: [], objects: [], exemptions: [] };
