/** What a helper thread does: it evaluates the policies that had no time beside other requests. */
import { parentPort, workerData } from 'node:worker_threads';
import { readReview } from '../../gates/index.ts';
import type { Finding, Resource } from '../../model/index.ts';
import {
  type CompiledPolicy,
  createEvaluator,
  type EvaluationContext,
  type Follower,
  type KeptSet,
  type KeptText,
  type PodPath,
  type PolicySet,
  reviveSet,
  startStopwatch,
} from '../../policy/index.ts';
import { createDefaults, createDiscovery, createSchemas } from '../../sources/index.ts';
import { parseYaml } from '../value.ts';
import { parseBody } from './parse.ts';

/** What a thread knows of the cluster from the start; plain data. */
export interface SlowSetup {
  /** Of Kubernetes: 37 for 1.37. */
  readonly minor: number;
  /** CustomResourceDefinitions. */
  readonly definitions: readonly Resource[];
  readonly podPaths: readonly PodPath[];
  /** Whether objects are seen with their defaults. */
  readonly defaults: boolean;
}

/** A policy as it is sent to a thread, once. */
export interface SentPolicy {
  readonly set: KeptSet;
  readonly programs: readonly KeptText[];
}

export interface SlowQuestion {
  readonly number: number;
  /** An AdmissionReview, as it came. */
  readonly body: Uint8Array;
  /** In this order. */
  readonly policies: readonly { readonly id: string; readonly sent: SentPolicy | undefined }[];
  /** Namespaces and parameters that they may ask for: all that exist. */
  readonly objects: readonly Resource[];
  /** When all have to be answered: nanoseconds of `process.hrtime`, which threads share. */
  readonly until: bigint;
}

/** About one policy; they come in the order of the question. */
export interface SlowAnswer {
  /** Of the question; {@link READY} before the first. */
  readonly number: number;
  /** Undefined: it ran out of time. */
  readonly findings: readonly Finding[] | undefined;
}

/** The thread has started, and what takes long from here on are policies. */
export const READY = 0;

export function help(): void {
  const setup = workerData as SlowSetup;
  const port = parentPort!;
  const answer = createAnswering(setup);
  port.on('message', (question: SlowQuestion) => {
    for (const findings of answer(question)) {
      const sent: SlowAnswer = { number: question.number, findings };
      port.postMessage(sent);
    }
  });
  port.postMessage({ number: READY, findings: undefined } satisfies SlowAnswer);
}

const NANOSECONDS = 1e6;

/** Answers one question after the other, a policy at a time. */
function createAnswering(
  setup: SlowSetup,
): (question: SlowQuestion) => Iterable<readonly Finding[] | undefined> {
  const context = contextOf(setup);
  const sets = new Map<string, PolicySet>();
  return function* (question) {
    const review = readReview(parseBody(Buffer.from(question.body)));
    if ('fault' in review) throw new Error(review.fault);
    const evaluation: EvaluationContext = { ...context, objects: question.objects, complete: true };
    for (const [index, { id, sent }] of question.policies.entries()) {
      if (sent !== undefined) sets.set(id, revived(sent));
      const evaluator = createEvaluator(sets.get(id)!, evaluation);
      // Who is slow leaves the others their share.
      const left = Number(question.until - process.hrtime.bigint()) / NANOSECONDS;
      const share = left / (question.policies.length - index);
      const { follower, isUnfinished } = followFor(share);
      const findings = evaluator.admit(review.request, follower);
      yield isUnfinished() ? undefined : findings;
    }
  };
}

function contextOf({ minor, definitions, podPaths, defaults }: SlowSetup): EvaluationContext {
  const objects = definitions.map(({ object }) => object);
  const schemas = createSchemas(minor, objects);
  return {
    discovery: createDiscovery(minor, objects),
    schemas,
    parseYaml,
    podPaths,
    now: Date.now,
    ...(defaults ? { defaults: createDefaults(minor, schemas) } : {}),
  };
}

function revived({ set, programs }: SentPolicy): PolicySet {
  return reviveSet(set, (number) => ({ packed: () => programs[number]!.packed, code: undefined }));
}

function followFor(limit: number): { follower: Follower; isUnfinished: () => boolean } {
  const unfinished: CompiledPolicy[] = [];
  const follower: Follower = {
    deadline: startStopwatch(limit),
    passed: () => {},
    skipped: () => {},
    unfinished: (policy) => unfinished.push(policy),
    // Lost: the API server is told what policies that are in time have to say.
    annotated: () => {},
  };
  return { follower, isUnfinished: () => unfinished.length > 0 };
}
