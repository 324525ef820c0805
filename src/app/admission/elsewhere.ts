/**
 * Where admission asks about policies that had no time: a few threads of their own, started when first needed. A thread
 * that holds a request too long is ended and replaced, so nothing here waits longer than it says.
 */
import { unfinishedFinding } from '../../gates/index.ts';
import type { Finding, Resource } from '../../model/index.ts';
import { type AdmissionRequest, type CompiledPolicy, keepSet, type PolicySet } from '../../policy/index.ts';
import { builtin } from '../builtin.ts';
import { createQuarantine, type Quarantined, type QuarantineOptions, type RanOut } from './quarantine.ts';
import { READY, type SentPolicy, type SlowAnswer, type SlowQuestion, type SlowSetup } from './slow.ts';

export interface ElsewhereOptions {
  /** Those of one snapshot. */
  readonly set: PolicySet;
  readonly setup: SlowSetup;
  /** Namespaces and parameters that the policies may ask for: all that exist. */
  readonly objectsFor: (
    request: AdmissionRequest,
    policies: readonly CompiledPolicy[],
  ) => readonly Resource[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly threads?: number;
  /** Milliseconds for one request, from the question to the answer. */
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

export interface Elsewhere {
  /** Findings of these policies, the slowest named first; of one that has no answer, what its failure rule makes of that. Never rejects. */
  ask(request: AdmissionRequest, policies: readonly string[], body: Uint8Array): Promise<readonly Finding[]>;
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
/** In a millisecond. */
const NANOSECONDS = 1e6;

/** A question, and what is known of its answer. */
interface Asked {
  readonly policies: readonly CompiledPolicy[];
  readonly request: AdmissionRequest;
  readonly body: Uint8Array;
  readonly objects: readonly Resource[];
  /** When a thread stops by itself: nanoseconds of `process.hrtime`. */
  readonly until: bigint;
  readonly answers: (readonly Finding[] | undefined)[];
  readonly done: () => void;
  timer: NodeJS.Timeout | undefined;
}

interface Helper {
  readonly worker: import('node:worker_threads').Worker;
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
  const policyOf = new Map(options.set.policies.map((policy) => [policy.id, policy]));
  const sending = new Map<string, SentPolicy>();
  const helpers = new Set<Helper>();
  const queue: Asked[] = [];
  let draining: (() => void) | undefined;
  let questions = 0;

  function ask(request: AdmissionRequest, ids: readonly string[], body: Uint8Array): Promise<Finding[]> {
    counts.asked++;
    const policies = ids.flatMap((id) => policyOf.get(id) ?? []);
    // What they look up is not known in a thread: nobody may take that for nothing being there.
    const known = policies.filter(({ related }) => related === undefined);
    // The first is the one that took the time of all: it gets what those leave that had no turn.
    const answerable = known.toReversed();
    return new Promise((resolve) => {
      const asked: Asked = {
        policies: answerable,
        request,
        body,
        objects: options.objectsFor(request, answerable),
        until: process.hrtime.bigint() + BigInt(Math.round(limitMs * OWN_SHARE * NANOSECONDS)),
        answers: [],
        timer: undefined,
        done: () => resolve(findingsOf(asked, policies)),
      };
      if (answerable.length === 0 || draining !== undefined) asked.done();
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

  function findingsOf({ policies, answers, request }: Asked, all: readonly CompiledPolicy[]): Finding[] {
    const known = new Map(policies.map((policy, index) => [policy, answers[index]]));
    return all.flatMap((policy) => known.get(policy) ?? [unfinishedFinding(policy, request)]);
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
    const question: SlowQuestion = {
      number: helper.question,
      body: asked.body,
      policies: asked.policies.map((policy) => ({ id: policy.id, sent: toSend(helper, policy) })),
      objects: asked.objects,
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

  /** Once to each thread. */
  function toSend(helper: Helper, policy: CompiledPolicy): SentPolicy | undefined {
    const { id } = policy;
    if (helper.knows.has(id)) return undefined;
    helper.knows.add(id);
    let sent = sending.get(id);
    if (sent === undefined) {
      sent = keepSet({ ...options.set, ...NOTHING_ELSE, policies: [policy] });
      sending.set(id, sent);
    }
    return sent;
  }

  function start(): Helper | undefined {
    if (helpers.size >= threads) return undefined;
    const { Worker } = builtin('node:worker_threads');
    // Bundled, a thread has a launcher of its own.
    const file = import.meta.url.endsWith('.ts') ? './slow-thread.ts' : '../bin/slow.cjs';
    const worker = new Worker(new URL(file, import.meta.url), {
      workerData: options.setup,
      resourceLimits: { maxOldGenerationSizeMb: memory },
    });
    const helper: Helper = { worker, knows: new Set(), ready: false, asked: undefined, question: 0 };
    helpers.add(helper);
    worker.on('message', (answer: SlowAnswer) => received(helper, answer));
    worker.on('error', (error: NodeJS.ErrnoException) =>
      lose(helper, error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : undefined),
    );
    worker.on('exit', () => lose(helper, undefined));
    // It alone keeps no process alive; the question's timer does.
    worker.unref();
    return helper;
  }

  function received(helper: Helper, { number, findings }: SlowAnswer): void {
    helper.ready ||= number === READY;
    const { asked } = helper;
    // One whose time was over is answered for nobody.
    if (asked === undefined || number !== helper.question) return;
    if (findings === undefined) blame(asked, 'time');
    asked.answers.push(findings);
    if (asked.answers.length < asked.policies.length) return;
    helper.asked = undefined;
    finish(asked);
    assign();
  }

  /** The policy that was being evaluated. */
  function blame({ policies, answers }: Asked, of: RanOut): void {
    counts.ranOut++;
    quarantine.ranOut(policies[answers.length]!.id, of);
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
    const { asked } = helper;
    if (asked !== undefined) {
      if (of !== undefined) blame(asked, of);
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
      await Promise.all(ending.map(({ worker }) => worker.terminate()));
    },
  };
}

/** Of the set, a policy by itself needs only what Gatekeeper's expansions make of a request. */
const NOTHING_ELSE = { inactive: [], problems: [], warnings: [], objects: [], exemptions: [] };
