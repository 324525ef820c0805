/** What a helper thread does: it evaluates the policies that had no time beside other requests. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type Change, changeOf, changeWith, readReview, type Said } from '../../gates/index.ts';
import type { JsonMap } from '../../model/index.ts';
import {
  type AdmissionRequest,
  type CompiledPolicy,
  createEvaluator,
  type EvaluationContext,
  type EvaluatorOptions,
  type Follower,
  type KeptSet,
  type KeptText,
  type PodPath,
  type PolicySet,
  reviveSet,
  type Shares,
  startShares,
} from '../../policy/index.ts';
import { createDefaults, createDiscovery, createSchemas } from '../../sources/index.ts';
import { parseYaml } from '../value.ts';
import { createDistant, type Distant } from './distant.ts';
import { createLine, type Line } from './line.ts';
import { SHARED } from './look-ups.ts';
import { parseBody } from './parse.ts';

/** What a thread knows of the cluster from the start; plain data. All else it asks for. */
export interface SlowSetup {
  /** Of Kubernetes: 37 for 1.37. */
  readonly minor: number;
  /** CustomResourceDefinitions. */
  readonly definitions: readonly JsonMap[];
  readonly podPaths: readonly PodPath[];
  /** Whether objects are seen with their defaults. */
  readonly defaults: boolean;
  readonly defaultNamespace: string;
}

/** What a thread is started with. */
export interface SlowStart {
  readonly setup: SlowSetup;
  readonly line: MessagePort;
  readonly shared: SharedArrayBuffer;
}

/** Policies that are evaluated together, as they are sent to a thread, once. */
export interface SentPolicies {
  readonly set: KeptSet;
  readonly programs: readonly KeptText[];
}

export interface SlowQuestion {
  readonly number: number;
  /** `judge`: what each says of the request; `change`: what all together make of its object. */
  readonly kind: 'judge' | 'change';
  /** An AdmissionReview, as it came. */
  readonly body: Uint8Array;
  /** In this order. */
  readonly units: readonly { readonly key: string; readonly sent: SentPolicies | undefined }[];
  /** Why policies are not to be evaluated, by id. */
  readonly quarantined: ReadonlyMap<string, string>;
  /** When all have to be answered: nanoseconds of `process.hrtime`, which threads share. */
  readonly until: bigint;
}

/** A policy that ran out of time. */
export interface Late {
  readonly policy: string;
  /** Whether somebody was to blame for it but the policy. */
  readonly waited: boolean;
}

/** Of one unit. */
export interface Judged extends Said {
  /** Absent: every policy of it has its answer. */
  readonly late?: Late & {
    /** Ids of all that have none: the one that ran out, and rules that count only where it does not apply. */
    readonly unfinished: readonly string[];
  };
}

export type SlowAnswer =
  /** It has started, and what takes long from here on are policies. */
  | { readonly kind: 'ready' }
  /** About one unit; they come in the order of the question. */
  | { readonly kind: 'judged'; readonly number: number; readonly judged: Judged }
  | {
      readonly kind: 'changed';
      readonly number: number;
      readonly change: Change;
      readonly late: readonly Late[];
    };

export function help(): void {
  const { setup, line: linePort, shared } = workerData as SlowStart;
  const port = parentPort!;
  const say = (answer: SlowAnswer) => port.postMessage(answer);
  const answer = createAnswering(setup, linePort, new Int32Array(shared));
  Atomics.store(new Int32Array(shared), SHARED.policy, -1);
  port.on('message', (question: SlowQuestion) => {
    for (const each of answer(question)) say(each);
  });
  say({ kind: 'ready' });
}

const NANOSECONDS = 1e6;

/** Answers one question after the other. */
function createAnswering(
  setup: SlowSetup,
  port: MessagePort,
  shared: Int32Array,
): (question: SlowQuestion) => Iterable<SlowAnswer> {
  const line = createLine(port, shared);
  const distant = createDistant(line, setup.defaultNamespace);
  const context = contextOf(setup, distant);
  const sets = new Map<string, PolicySet>();

  function setFor({ key, sent }: SlowQuestion['units'][number]): PolicySet {
    if (sent !== undefined) {
      const set = revived(sent);
      for (const policy of set.policies) distant.know(policy);
      sets.set(key, set);
    }
    return sets.get(key)!;
  }

  return function* (question) {
    const review = readReview(parseBody(Buffer.from(question.body)));
    if ('fault' in review) throw new Error(review.fault);
    const asked = question.units.map(setFor);
    const policies = asked.flatMap((set) => set.policies);
    const left = Number(question.until - process.hrtime.bigint()) / NANOSECONDS;
    const begins = (policy: CompiledPolicy | undefined) =>
      Atomics.store(shared, SHARED.policy, policy === undefined ? -1 : policies.indexOf(policy));
    const time = startShares(left, begins);
    line.begin(time);
    const { number, kind, quarantined } = question;
    const options = { quarantined: (id: string) => quarantined.get(id) };
    const work: Work = { number, request: review.request, sets: asked, context, options, time, begins, line };
    yield* kind === 'judge' ? judge(work) : change(work);
    begins(undefined);
  };
}

interface Work {
  readonly number: number;
  readonly request: AdmissionRequest;
  readonly sets: readonly PolicySet[];
  readonly context: EvaluationContext;
  readonly options: EvaluatorOptions;
  readonly time: Shares;
  /** Told whose turn it is; undefined: nobody's. */
  readonly begins: (policy: CompiledPolicy | undefined) => void;
  readonly line: Line;
}

function* judge({ number, request, sets, context, options, time, begins, line }: Work): Iterable<SlowAnswer> {
  for (const [index, set] of sets.entries()) {
    time.next(set.policies[0]!, sets.length - index);
    const unfinished: string[] = [];
    const passed: string[] = [];
    const annotations: Record<string, string> = {};
    const follower: Follower = {
      unknown: 'error',
      deadline: time,
      begins,
      passed: ({ id }) => passed.push(id),
      skipped: () => {},
      unfinished: ({ id }) => unfinished.push(id),
      annotated: ({ id }, key, value) => {
        annotations[`${id}/${key}`] = value;
      },
    };
    const findings = createEvaluator(set, context, options).admit(request, follower);
    const waited = line.waitedInVain();
    // Whoever comes after the first that ran out has no time, and is not to blame.
    const [first] = unfinished;
    const late = first === undefined ? {} : { late: { policy: first, waited, unfinished } };
    yield { kind: 'judged', number, judged: { findings, passed, annotations, ...late } };
  }
}

/** One after the other on one object, with all that hangs on their order. */
function* change({
  number,
  request,
  sets,
  context,
  options,
  time,
  begins,
  line,
}: Work): Iterable<SlowAnswer> {
  const policies = sets.flatMap((set) => set.policies);
  const policyOf = new Map(policies.map((policy) => [policy.id, policy]));
  const who = { enforced: () => true, policyOf: (id: string) => policyOf.get(id) };
  const changed = changeWith(createEvaluator({ policies }, context, options), request, who, time);
  // What is left is the patch, which is no policy's.
  begins(undefined);
  const waited = line.waitedInVain();
  const late = changed.late.map((policy) => ({ policy, waited }));
  yield { kind: 'changed', number, change: changeOf(request, changed), late };
}

function contextOf(
  { minor, definitions, podPaths, defaults, defaultNamespace }: SlowSetup,
  distant: Distant,
): EvaluationContext {
  const schemas = createSchemas(minor, definitions);
  return {
    ...distant.context,
    discovery: createDiscovery(minor, definitions),
    schemas,
    parseYaml,
    podPaths,
    defaultNamespace,
    now: Date.now,
    ...(defaults ? { defaults: createDefaults(minor, schemas) } : {}),
  };
}

function revived({ set, programs }: SentPolicies): PolicySet {
  return reviveSet(set, (number) => ({ packed: () => programs[number]!.packed, code: undefined }));
}
