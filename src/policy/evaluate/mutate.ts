/**
 * What mutating policies make of a request's object. Source: k8s.io/apiserver pkg/admission/plugin/policy/mutating/
 * dispatcher.go and kyverno pkg/cel/policies/mpol. The API server takes policies in no particular order; here it is that
 * of their names.
 */
import type { CelError } from '../../cel/errors.ts';
import type { JsonMap, Reason, Schemas } from '../../model/index.ts';
import type { Binding, CompiledPolicy } from '../form.ts';
import { mapAt, stringAt } from '../json.ts';
import { isExempt } from '../match/exempt.ts';
import type { MatchedResource } from '../match/match.ts';
import { unfill } from '../mutate/fill.ts';
import { type AdmissionRequest, apiVersionOf } from '../request.ts';
import { isBuiltIn } from './decode.ts';
import { reasonOf } from './findings.ts';
import { findInvocations, type Invocation } from './invocations.ts';
import type {
  AppliedMutation,
  MutationAnswer,
  MutationDenial,
  MutationError,
  SkippedMutation,
} from './mutation-answer.ts';
import { asShown, type MutationResult, runMutations, type Version } from './mutations.ts';
import { Reinvocation } from './reinvocation.ts';
import { type AuditResult, type Run, type Runnable, runAudit, runBefore } from './run.ts';
import type { Shares } from './shares.ts';
import { RequestState, type SharedContext } from './state.ts';
import { OutOfTime, type Stopwatch } from './stopwatch.ts';
import { chooseTargets, isChosen } from './targets.ts';
import type { Vars } from './vars.ts';

/** What mutating needs beside policies and request. */
export interface MutationTools {
  readonly shared: SharedContext;
  readonly schemas: Schemas | undefined;
  readonly runnable: (policy: CompiledPolicy) => Runnable;
  /** Absent: it may take its time. What is not done by then is an error of its policy. */
  readonly deadline?: Stopwatch | Shares | undefined;
  /** Why a policy is not evaluated: requests that it matches are then its errors. */
  readonly quarantined?: ((policy: string) => string | undefined) | undefined;
}

/** First the API server's own policies, then those of its webhook, as admission goes. */
export function mutate(
  policies: readonly CompiledPolicy[],
  request: AdmissionRequest,
  tools: MutationTools,
): MutationAnswer {
  const isOwn = ({ dialect }: CompiledPolicy) => dialect === 'map';
  const own = mutateAs('typed', policies.filter(isOwn), request, tools);
  const foreign = policies.filter((policy) => !isOwn(policy));
  if (!own.allowed || foreign.length === 0) return own;
  const webhook = mutateAs('as-written', foreign, { ...request, object: own.object }, tools);
  return {
    ...webhook,
    object: webhook.allowed ? webhook.object : request.object,
    errors: [...own.errors, ...webhook.errors],
    applied: [...own.applied, ...webhook.applied],
    skipped: [...own.skipped, ...webhook.skipped],
    late: [...own.late, ...webhook.late],
  };
}

/**
 * Objects that exist: each policy that an expression tells which is asked about the request that leads to it, before any
 * is changed.
 */
export function mutateExisting(
  policies: readonly CompiledPolicy[],
  request: AdmissionRequest,
  trigger: AdmissionRequest | undefined,
  tools: MutationTools,
): MutationAnswer {
  const errors: MutationError[] = [];
  const concerned = policies.filter((policy) => {
    const { targets, id, variant, failurePolicy } = policy;
    if (targets === null || policy.code().issues.length > 0) return true;
    if (trigger === undefined) return false;
    const choice = chooseTargets(tools.runnable(policy), targets, trigger, tools.shared);
    if (choice.kind === 'chosen') return isChosen(choice.objects, request.ref);
    const { message, error } = choice;
    const reason = error === undefined ? 'evaluation-failed' : reasonOf(error);
    const denies = failurePolicy === 'Fail';
    errors.push({ policy: id, variant, binding: null, mutation: null, reason, message, denies });
    return false;
  });
  const seen = { ...request, trigger: trigger ?? updateOf(request) };
  const answer = mutate(concerned, seen, tools);
  return { ...answer, errors: [...errors, ...answer.errors] };
}

/** What Kyverno's controller says it does. */
function updateOf(request: AdmissionRequest): AdmissionRequest {
  return { ...request, operation: 'UPDATE', userInfo: {} };
}

/** Built-in kinds are Go structs to the API server, and to a webhook the JSON they are sent as. */
type View = 'typed' | 'as-written';

function mutateAs(
  view: View,
  policies: readonly CompiledPolicy[],
  request: AdmissionRequest,
  tools: MutationTools,
): MutationAnswer {
  const log: Log = { errors: [], applied: [], skipped: [], late: [] };
  const unchanged = { allowed: true, object: request.object, ...log };
  if (policies.length === 0 || request.operation === 'DELETE' || isExempt(request.resource)) return unchanged;
  const reinvocation = new Reinvocation();
  const see = (object: JsonMap | null) => (view === 'typed' ? shown(object, request, tools) : object);
  const oldObject = see(request.oldObject);
  let object = see(request.object);
  for (const reinvoked of [false, true]) {
    if (reinvoked && !reinvocation.needed) break;
    const round = new Round({ ...request, object, oldObject }, { view, reinvoked, reinvocation, log, tools });
    const denial = round.run(policies);
    if (denial !== undefined) return { ...unchanged, allowed: false, denial };
    object = round.object;
  }
  if (object === null || !log.applied.some(({ changed }) => changed)) return unchanged;
  return { ...unchanged, object: view === 'typed' ? unfill(object) : object };
}

function shown(
  object: JsonMap | null,
  { kind }: AdmissionRequest,
  { schemas }: MutationTools,
): JsonMap | null {
  if (object === null || !isBuiltIn(kind.group)) return object;
  return asShown(object, schemas?.ofKind(apiVersionOf(kind), kind.kind));
}

type Patched = Extract<MutationResult, { kind: 'patched' }>;

function isWrong(result: AuditResult): result is Exclude<AuditResult, { kind: 'publish' }> {
  return result.kind !== 'publish';
}

interface Failed {
  readonly message: string;
  /** Absent where it was no expression that failed. */
  readonly error?: CelError;
}

interface Log {
  readonly errors: MutationError[];
  readonly applied: AppliedMutation[];
  readonly skipped: SkippedMutation[];
  readonly late: string[];
}

interface RoundOptions {
  readonly view: View;
  readonly reinvoked: boolean;
  readonly reinvocation: Reinvocation;
  readonly log: Log;
  readonly tools: MutationTools;
}

/** A policy to be run, with all that was found out about it. */
interface Due {
  readonly policy: CompiledPolicy;
  readonly matched: MatchedResource;
  readonly invocation: Invocation;
}

/** All policies once: matched anew against the object as it is, then run one after the other. */
class Round {
  readonly #request: AdmissionRequest;
  readonly #options: RoundOptions;
  readonly #state: RequestState;
  /** Each version of the object that policies asked for; the API server makes them before the first is changed. */
  readonly #versions = new Map<string, Version>();
  #last: Version | undefined;
  #denial: MutationDenial | undefined;

  constructor(request: AdmissionRequest, options: RoundOptions) {
    this.#request = request;
    this.#options = options;
    this.#state = new RequestState(request, options.tools.shared, options.tools.deadline);
  }

  /** The request's object after the round. */
  get object(): JsonMap | null {
    const { object } = this.#request;
    const last = this.#last;
    if (object === null || last?.object === undefined || !last.dirty) return object;
    return { ...last.object, apiVersion: object['apiVersion'] };
  }

  run(policies: readonly CompiledPolicy[]): MutationDenial | undefined {
    const due = policies.flatMap((policy, index) => {
      this.#next(policy, policies.length - index);
      return this.#findInTime(policy);
    });
    for (const [index, each] of due.entries()) {
      this.#next(each.policy, due.length - index);
      const broken = this.#runInTime(each);
      if (broken !== undefined) return { message: broken, reason: 'InternalError', code: 500 };
    }
    if (this.#last?.dirty === true) this.#options.reinvocation.changed();
    return this.#denial;
  }

  #next(policy: CompiledPolicy, left: number): void {
    const { deadline } = this.#options.tools;
    if (deadline !== undefined && 'next' in deadline) deadline.next(policy, left);
  }

  /** What a policy hangs on beside the request may have to be asked for. */
  #findInTime(policy: CompiledPolicy): Due[] {
    try {
      return this.#find(policy);
    } catch (thrown) {
      if (this.#options.tools.deadline?.over !== true) throw thrown;
      this.#late(policy, null);
      return [];
    }
  }

  #find(policy: CompiledPolicy): Due[] {
    const issue = policy.code().issues[0]?.issue;
    const found =
      issue === undefined
        ? findInvocations(policy, this.#state, null)
        : ({ kind: 'not-evaluated', reason: 'invalid-policy', detail: issue.message } as const);
    if (found.kind === 'not-evaluated')
      this.#misconfigured(policy, null, found.reason, `failed to configure policy: ${found.detail}`);
    if (found.kind !== 'invoked') return [];
    const quarantine = this.#options.tools.quarantined?.(policy.id);
    return found.invocations.flatMap((invocation): Due[] => {
      if (invocation.kind === 'run') {
        if (quarantine === undefined) return [{ policy, matched: found.matched, invocation }];
        this.#error(policy, invocation.binding, null, 'budget-exceeded', quarantine, 'Forbidden');
        return [];
      }
      const { binding, reason, detail } = invocation;
      this.#misconfigured(policy, binding, reason, `failed to configure binding: ${detail}`);
      return [];
    });
  }

  /** One that has no time, or takes it, leaves the object as it was. */
  #runInTime(due: Due): string | undefined {
    const { reinvoked, log, tools } = this.#options;
    const { policy, matched, invocation } = due;
    const { deadline } = tools;
    if (deadline === undefined) return this.#runOne(due);
    // It would be late again.
    if (log.late.includes(policy.id)) return undefined;
    // What patches an object walks through all of it: the clock is looked at between them.
    if (!deadline.mayTake(0)) {
      const isWaitedFor = !reinvoked || policy.reinvocation === 'IfNeeded';
      return isWaitedFor ? void this.#late(policy, invocation.binding) : undefined;
    }
    const before = { applied: log.applied.length, errors: log.errors.length, denial: this.#denial };
    const version = this.#versionOf(matched);
    const { object, dirty } = version;
    try {
      const broken = this.#runOne(due);
      // What was refused for want of time may have been taken for an error of the policy's own.
      if (deadline.over) throw new OutOfTime();
      return broken;
    } catch (thrown) {
      if (!deadline.over) throw thrown;
      log.applied.length = before.applied;
      log.errors.length = before.errors;
      this.#denial = before.denial;
      Object.assign(version, { object, dirty });
      return void this.#late(policy, invocation.binding);
    }
  }

  #late(policy: CompiledPolicy, binding: Binding | null): void {
    this.#options.log.late.push(policy.id);
    const message = 'it took longer than a request may take';
    this.#error(policy, binding, null, 'budget-exceeded', message, 'Forbidden');
  }

  /** The message of an error that ends the request. */
  #runOne({ policy, matched, invocation }: Due): string | undefined {
    const { reinvoked, reinvocation, tools } = this.#options;
    const { binding, params } = invocation;
    const runnable = tools.runnable(policy);
    const version = this.#versionOf(matched);
    const vars = this.#state.vars(matched);
    const conditionVars = policy.conditionsSeeAll ? vars : this.#state.conditionVars(matched);
    for (const each of [vars, conditionVars]) {
      each.params = params;
      each.object = version.object;
    }
    const unmet = runBefore(runnable, vars, conditionVars);
    if (unmet !== null) {
      this.#unmet(policy, binding, unmet);
      return undefined;
    }
    const key = keyOf(policy, binding, params);
    if (reinvoked && !reinvocation.isDue(key)) return undefined;
    this.#last = version;
    const broken = policy.firstFailureOnly
      ? this.#runWhole(runnable, binding, vars, version)
      : this.#runEach(runnable, binding, vars, version);
    if (policy.reinvocation === 'IfNeeded') reinvocation.invoked(key);
    return broken;
  }

  /** Mutations fail one by one. */
  #runEach(runnable: Runnable, binding: Binding, vars: Vars, version: Version): string | undefined {
    const { policy } = runnable;
    const { view, tools } = this.#options;
    let changed = false;
    for (const result of runMutations(runnable, vars, version, {
      schemas: tools.schemas,
      typed: view === 'typed',
    })) {
      if (result.kind === 'broken') return result.message;
      if (result.kind === 'failed') this.#failed(policy, binding, result.mutation, result);
      else {
        this.#applied(policy, binding, result);
        changed ||= result.changed;
      }
    }
    if (changed) this.#options.reinvocation.changed();
    return undefined;
  }

  /** One that fails undoes those before it. */
  #runWhole(runnable: Runnable, binding: Binding, vars: Vars, version: Version): undefined {
    const { policy } = runnable;
    const { view, tools, reinvocation } = this.#options;
    const { object, dirty } = version;
    const undo = (mutation: number | null, failed: Failed) => {
      Object.assign(version, { object, dirty });
      vars.object = object;
      this.#failed(policy, binding, mutation, failed);
    };
    const done: Patched[] = [];
    for (const result of runMutations(runnable, vars, version, {
      schemas: tools.schemas,
      typed: view === 'typed',
    })) {
      if (result.kind !== 'patched') return void undo(result.mutation, result);
      done.push(result);
    }
    const audit = runnable.code.auditAnnotations.length === 0 ? [] : runAudit(runnable, vars);
    const wrong = 'error' in audit ? { message: audit.error.$message } : audit.find(isWrong);
    if (wrong !== undefined) return void undo(null, wrong);
    for (const result of done) this.#applied(policy, binding, result);
    if (done.some(({ changed }) => changed)) reinvocation.changed();
    return undefined;
  }

  #applied({ id, variant }: CompiledPolicy, binding: Binding, { mutation, changed }: Patched): void {
    const { log, reinvoked } = this.#options;
    log.applied.push({ policy: id, variant, binding: binding.name, mutation, reinvoked, changed });
  }

  #unmet(policy: CompiledPolicy, binding: Binding, unmet: Run): void {
    const { id, variant } = policy;
    const skip = (as: SkippedMutation['as'], detail: string) => {
      this.#options.log.skipped.push({ policy: id, variant, binding: binding.name, as, detail });
    };
    if (unmet.kind === 'condition-error') this.#failed(policy, binding, null, unmet);
    else if (unmet.kind === 'condition-false') skip('skip', `match condition ${unmet.condition} is false`);
    else if (unmet.kind === 'exempted') skip(unmet.as, `exempted by ${unmet.by.join(', ')}`);
  }

  #versionOf(matched: MatchedResource): Version {
    const { group, version, kind } = matched.kind;
    const key = `${group}/${version}/${kind}`;
    let made = this.#versions.get(key);
    if (made === undefined) {
      made = { kind: matched.kind, object: this.#state.vars(matched).object as JsonMap | null, dirty: false };
      this.#versions.set(key, made);
    }
    return made;
  }

  #failed(policy: CompiledPolicy, binding: Binding, mutation: number | null, failed: Failed): void {
    // The API server takes a condition that fails under Ignore for one that is not met.
    if (mutation === null && policy.failurePolicy === 'Ignore' && !policy.conditionsSeeAll) return;
    this.#error(
      policy,
      binding,
      mutation,
      failed.error === undefined ? 'evaluation-failed' : reasonOf(failed.error),
      failed.message,
      'Invalid',
    );
  }

  #misconfigured(policy: CompiledPolicy, binding: Binding | null, reason: Reason, message: string): void {
    this.#error(policy, binding, null, reason, message, 'Forbidden');
  }

  #error(
    policy: CompiledPolicy,
    binding: Binding | null,
    mutation: number | null,
    reason: Reason,
    message: string,
    status: MutationDenial['reason'],
  ): void {
    const denies = policy.failurePolicy === 'Fail';
    const { id, variant } = policy;
    this.#options.log.errors.push({
      policy: id,
      variant,
      binding: binding?.name ?? null,
      mutation,
      reason,
      message,
      denies,
    });
    if (!denies || this.#denial !== undefined) return;
    const by = binding === null ? `policy "${id}"` : `policy '${id}' with binding '${binding.name}'`;
    this.#denial = { message: `${by} denied request: ${message}`, reason: status, code: 403 };
  }
}

/** What a second round goes by. */
function keyOf(policy: CompiledPolicy, binding: Binding, params: JsonMap | null): string {
  const metadata = (params === null ? undefined : mapAt(params, 'metadata')) ?? {};
  return JSON.stringify([
    policy.id,
    binding.name,
    stringAt(metadata, 'namespace'),
    stringAt(metadata, 'name'),
  ]);
}
