/**
 * The admission gate: an AdmissionReview in, the answer of one immutable snapshot out. Thin: what policies find is the
 * evaluator's, what becomes of it the decision room's, how it is said wording.ts's.
 */
import { type Circumstances, decide } from '../decision/index.ts';
import type { Decision, DecisionRecord, Finding, JsonMap } from '../model/index.ts';
import {
  type AdmissionRequest,
  type CompiledPolicy,
  type Follower,
  MUTATION,
  type PatchOperation,
  type Stopwatch,
  startStopwatch,
} from '../policy/index.ts';
import { circumstancesOf } from './circumstances.ts';
import type { DecidingSnapshot } from './deciding.ts';
import { type Change, type Changed, changeOf, changeWith, type Who } from './mutation.ts';
import { replyText } from './reply.ts';
import { readReview } from './review.ts';
import { statusOf } from './status.ts';
import type { DecisionTally } from './tally.ts';
import { unfinishedFinding } from './unfinished.ts';

export interface AdmissionGateOptions {
  readonly snapshot: DecidingSnapshot;
  /** Parsed JSON; throws for what is none. */
  readonly parse: (body: Buffer) => unknown;
  /** Of a namespace; null where they are not known. */
  readonly namespaceLabels: (namespace: string) => JsonMap | null;
  readonly tally: DecisionTally;
  /** Asks for what a request needs and nobody has shown yet; undefined: nothing is missing. */
  readonly prepare?: (request: AdmissionRequest) => Promise<void> | undefined;
  /** Asks what the evaluation of a request wanted to know and nobody knew; undefined: nothing. It is evaluated again then, a few times at most. */
  readonly askFor?: (request: AdmissionRequest) => Promise<void> | undefined;
  /** Told of each request that is let through, and is no dry run. */
  readonly letThrough?: (request: AdmissionRequest) => void;
  /** Told of each decision that a policy had something to say to. */
  readonly record: (record: DecisionRecord) => void;
  readonly elsewhere: AskedElsewhere;
  /** Milliseconds for which one request may hold the thread. */
  readonly holdMs?: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Where policies are asked that took too long; undefined where that took too long as well. `body`: the review as it came. */
export interface AskedElsewhere {
  /** @param policies Ids; the one that took the time of all is named first. */
  ask(request: AdmissionRequest, policies: readonly string[], body: Buffer): Promise<Said | undefined>;
  /** What these mutating policies make of the request's object, all of them, in the order of the snapshot. */
  change(request: AdmissionRequest, policies: readonly string[], body: Buffer): Promise<Change | undefined>;
}

/** What policies say of a request. */
export interface Said {
  readonly findings: readonly Finding[];
  /** Ids of those of which every validation holds; one for each reading of a policy. */
  readonly passed: readonly string[];
  /** By policy and key, as `policy/key`. */
  readonly annotations: Readonly<Record<string, string>>;
}

export interface GateReply {
  /** HTTP. */
  readonly status: number;
  readonly body: string;
}

/** A request that was understood, waiting for its turn. */
export interface GateJob {
  readonly user: string;
  run(): GateReply | Promise<GateReply>;
}

export interface AdmissionGate {
  accept(kind: 'validate' | 'mutate', body: Buffer): GateJob | GateReply;
}

/** What one look at a request came to. */
interface Looked {
  findings: readonly Finding[];
  readonly passed: CompiledPolicy[];
  /** Policies that had no time. */
  readonly unfinished: CompiledPolicy[];
  readonly annotations: Record<string, string>;
}

/** What is made of the object; null: it is only checked. */
type Changes = { readonly patch: readonly PatchOperation[] | null } | null;

/** What is left for looking at a request. */
interface Looks<L> {
  /** Milliseconds. */
  readonly hold: number;
  readonly looks: number;
  /** What the last one came to. */
  readonly before: L | undefined;
}

/** As architecture and issue say; see startStopwatch. */
const HOLD_MS = 100;
/** At one request, or one object: what was asked for may lead to more questions. */
export const MOST_LOOKS = 4;

export function createAdmissionGate(options: AdmissionGateOptions): AdmissionGate {
  const { snapshot, tally, parse, holdMs = HOLD_MS, now } = options;
  const policyOf = new Map(snapshot.policies.map((policy) => [policy.id, policy]));
  const describe = (id: string) => policyOf.get(id)?.info;
  const digestOf = (id: string) => snapshot.digests.get(id);

  function circumstances(request: AdmissionRequest): Circumstances {
    const of = circumstancesOf(snapshot, request.ref, request.object ?? request.oldObject, options);
    // What was approved is the object as a whole, not what is done to it by another way in.
    return request.subresource === '' ? of : { ...of, exemptions: [] };
  }

  function validate(uid: string, request: AdmissionRequest, body: Buffer): GateReply | Promise<GateReply> {
    return inLooks(
      request,
      (deadline) => look(request, deadline),
      (looked, before) => judge(uid, request, body, looked, before?.unfinished ?? []),
    );
  }

  /** Looks again where something was to be asked for; all looks together hold the thread no longer than one may. */
  function inLooks<L>(
    request: AdmissionRequest,
    lookFor: (deadline: Stopwatch) => L,
    then: (looked: L, before: L | undefined) => GateReply | Promise<GateReply>,
    { hold, looks, before }: Looks<L> = { hold: holdMs, looks: MOST_LOOKS, before: undefined },
  ): GateReply | Promise<GateReply> {
    const deadline = startStopwatch(hold);
    const looked = lookFor(deadline);
    const asking = looks > 1 ? options.askFor?.(request) : undefined;
    if (asking === undefined) return then(looked, before);
    const left = Math.max(0, deadline.at - performance.now());
    return asking.then(() =>
      inLooks(request, lookFor, then, { hold: left, looks: looks - 1, before: looked }),
    );
  }

  /** What the policies say, as far as they get in the time there is. */
  function look(request: AdmissionRequest, deadline: Stopwatch): Looked {
    const looked: Looked = { findings: [], passed: [], unfinished: [], annotations: {} };
    const follower: Follower = {
      unknown: 'error',
      deadline,
      passed: (policy) => looked.passed.push(policy),
      skipped: nothing,
      unfinished: (policy) => looked.unfinished.push(policy),
      annotated: (policy, key, value) => {
        looked.annotations[`${policy.id}/${key}`] = value;
      },
    };
    looked.findings = snapshot.evaluator.admit(request, follower);
    return looked;
  }

  function judge(
    uid: string,
    request: AdmissionRequest,
    body: Buffer,
    { findings, passed, unfinished, annotations }: Looked,
    slowBefore: readonly CompiledPolicy[],
  ): GateReply | Promise<GateReply> {
    const count = (ids: readonly string[]) => {
      if (!request.dryRun) for (const id of ids) tally.passed({ id });
    };
    if (unfinished.length === 0) {
      if (!request.dryRun) for (const policy of passed) tally.passed(policy);
      return answer(uid, request, findings, annotations);
    }
    const asked = new Set([...slowBefore.filter((policy) => unfinished.includes(policy)), ...unfinished]);
    const ids = new Set([...asked].map(({ id }) => id));
    // What was found of them so far is found again.
    const own = findings.filter(({ policy }) => policy === null || !ids.has(policy));
    count(passed.flatMap(({ id }) => (ids.has(id) ? [] : [id])));
    return options.elsewhere.ask(request, [...ids], body).then((said) => {
      count(said?.passed ?? []);
      const rest = said?.findings ?? [...ids].map((id) => unfinishedFinding(policyOf.get(id)!, request));
      return answer(uid, request, [...own, ...rest], { ...annotations, ...said?.annotations });
    });
  }

  function answer(
    uid: string,
    request: AdmissionRequest,
    findings: readonly Finding[],
    annotations: Readonly<Record<string, string>>,
    changes: Changes = null,
  ): GateReply {
    const decision = findings.length === 0 ? quiet(request) : decide(findings, circumstances(request));
    note(uid, request, decision, changes);
    const status = statusOf(decision, (id) => policyOf.get(id));
    const body = replyText({
      uid,
      decision,
      describe,
      digestOf,
      status,
      annotations,
      patch: changes?.patch ?? null,
    });
    return { status: 200, body };
  }

  /** Nobody has anything to say, so that it does not matter where the request goes. */
  function quiet(_request: AdmissionRequest): Decision {
    return { answer: 'allow', outcomes: [], tier: snapshot.tiers.default, snapshot: snapshot.digest };
  }

  function note(uid: string, request: AdmissionRequest, decision: Decision, changes: Changes): void {
    // Who is asked for changes is asked about the result as well, and counts then.
    if (changes === null) {
      if (request.dryRun) tally.dryRun();
      else tally.request();
    }
    if (request.dryRun) return;
    if (changes === null && decision.answer !== 'deny') options.letThrough?.(request);
    if (decision.outcomes.length === 0) return;
    for (const outcome of decision.outcomes) tally.add(outcome);
    const { operation, subresource, userInfo, ref } = request;
    options.record({
      ...decision,
      time: now(),
      uid,
      operation,
      resource: ref,
      subresource,
      user: userInfo?.username ?? '',
    });
  }

  function mutate(uid: string, request: AdmissionRequest, body: Buffer): GateReply | Promise<GateReply> {
    const { stageOf } = circumstances(request);
    const who: Who = {
      enforced: ({ id }) => stageOf(id, MUTATION) === 'enforce',
      policyOf: (id) => policyOf.get(id),
    };
    return inLooks(
      request,
      (deadline) => changeWith(snapshot.evaluator, request, who, deadline),
      (changed) => finishChange(uid, request, body, changed, who),
    );
  }

  /** What one of them makes hangs on those before it: where one is late, all are asked again. */
  function finishChange(
    uid: string,
    request: AdmissionRequest,
    body: Buffer,
    changed: Changed,
    { enforced }: Who,
  ): GateReply | Promise<GateReply> {
    if (changed.late.length === 0 && changed.checked)
      return answerChange(uid, request, changeOf(request, changed));
    const mutating = snapshot.policies.filter(({ mutations }) => mutations.length > 0);
    const ids = [...new Set(mutating.filter(enforced).map(({ id }) => id))];
    return options.elsewhere
      .change(request, ids, body)
      .then((change) => answerChange(uid, request, change ?? changeOf(request, changed)));
  }

  function answerChange(uid: string, request: AdmissionRequest, { findings, patch }: Change): GateReply {
    return answer(uid, request, findings, {}, { patch: patch.length === 0 ? null : patch });
  }

  return {
    accept(kind, body) {
      let value: unknown;
      try {
        value = parse(body);
      } catch (error) {
        return fault(400, `the body is no JSON: ${error instanceof Error ? error.message : error}`);
      }
      const review = readReview(value);
      if ('fault' in review) return fault(400, review.fault);
      const { uid, request } = review;
      const decide = kind === 'validate' ? validate : mutate;
      return {
        user: request.userInfo?.username ?? '',
        run() {
          const waiting = options.prepare?.(request);
          return waiting === undefined
            ? decide(uid, request, body)
            : waiting.then(() => decide(uid, request, body));
        },
      };
    },
  };
}

function nothing(): void {}

function fault(status: number, message: string): GateReply {
  return { status, body: JSON.stringify({ error: message }) };
}
