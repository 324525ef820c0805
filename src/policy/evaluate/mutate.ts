/**
 * What mutating policies make of a request's object. Source: k8s.io/apiserver pkg/admission/plugin/policy/mutating/
 * dispatcher.go. The API server takes policies in no particular order; here it is that of their names.
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
import { asShown, runMutations, type Version } from './mutations.ts';
import { Reinvocation } from './reinvocation.ts';
import { type Runnable, runBefore } from './run.ts';
import { RequestState, type SharedContext } from './state.ts';

export interface MutationAnswer {
  readonly allowed: boolean;
  /** After all mutations; as it came where the request is denied. */
  readonly object: JsonMap | null;
  /** Of the first error that denies; the others are among `errors`. */
  readonly denial?: MutationDenial;
  readonly errors: readonly MutationError[];
  /** Patches that were applied, in their order, also those that changed nothing. */
  readonly applied: readonly AppliedMutation[];
}

export interface MutationDenial {
  readonly message: string;
  readonly reason: 'Forbidden' | 'Invalid' | 'InternalError';
  /** HTTP status. */
  readonly code: 403 | 500;
}

export interface MutationError {
  /** Id of the policy. */
  readonly policy: string;
  /** Null when the policy did not get as far as its bindings. */
  readonly binding: string | null;
  /** Index of the mutation; null when it is not about one. */
  readonly mutation: number | null;
  readonly reason: Reason;
  readonly message: string;
  /** False: the failure policy lets the request pass without the mutation. */
  readonly denies: boolean;
}

export interface AppliedMutation {
  readonly policy: string;
  readonly binding: string;
  readonly mutation: number;
  /** Whether it was the second round. */
  readonly reinvoked: boolean;
  readonly changed: boolean;
}

/** What mutating needs beside policies and request. */
export interface MutationTools {
  readonly shared: SharedContext;
  readonly schemas: Schemas | undefined;
  readonly runnable: (policy: CompiledPolicy) => Runnable;
}

export function mutate(
  policies: readonly CompiledPolicy[],
  request: AdmissionRequest,
  tools: MutationTools,
): MutationAnswer {
  const log: Log = { errors: [], applied: [] };
  const unchanged = { allowed: true, object: request.object, ...log };
  if (request.operation === 'DELETE' || isExempt(request.resource)) return unchanged;
  const reinvocation = new Reinvocation();
  const oldObject = shown(request.oldObject, request, tools);
  let object = shown(request.object, request, tools);
  for (const reinvoked of [false, true]) {
    if (reinvoked && !reinvocation.needed) break;
    const round = new Round({ ...request, object, oldObject }, { reinvoked, reinvocation, log, tools });
    const denial = round.run(policies);
    if (denial !== undefined) return { ...unchanged, allowed: false, denial };
    object = round.object;
  }
  if (object === null || !log.applied.some(({ changed }) => changed)) return unchanged;
  return { ...unchanged, object: unfill(object) };
}

function shown(
  object: JsonMap | null,
  { kind }: AdmissionRequest,
  { schemas }: MutationTools,
): JsonMap | null {
  if (object === null || !isBuiltIn(kind.group)) return object;
  return asShown(object, schemas?.ofKind(apiVersionOf(kind), kind.kind));
}

interface Failed {
  readonly message: string;
  /** Absent where it was no expression that failed. */
  readonly error?: CelError;
}

interface Log {
  readonly errors: MutationError[];
  readonly applied: AppliedMutation[];
}

interface RoundOptions {
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
    this.#state = new RequestState(request, options.tools.shared);
  }

  /** The request's object after the round. */
  get object(): JsonMap | null {
    const { object } = this.#request;
    const last = this.#last;
    if (object === null || last?.object === undefined || !last.dirty) return object;
    return { ...last.object, apiVersion: object['apiVersion'] };
  }

  run(policies: readonly CompiledPolicy[]): MutationDenial | undefined {
    const due = policies.flatMap((policy) => this.#find(policy));
    for (const each of due) {
      const broken = this.#runOne(each);
      if (broken !== undefined) return { message: broken, reason: 'InternalError', code: 500 };
    }
    if (this.#last?.dirty === true) this.#options.reinvocation.changed();
    return this.#denial;
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
    return found.invocations.flatMap((invocation): Due[] => {
      if (invocation.kind === 'run') return [{ policy, matched: found.matched, invocation }];
      const { binding, reason, detail } = invocation;
      this.#misconfigured(policy, binding, reason, `failed to configure binding: ${detail}`);
      return [];
    });
  }

  /** The message of an error that ends the request. */
  #runOne({ policy, matched, invocation }: Due): string | undefined {
    const { reinvoked, reinvocation, log, tools } = this.#options;
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
    if (unmet?.kind === 'condition-error') this.#failed(policy, binding, null, unmet);
    if (unmet !== null) return undefined;
    const key = keyOf(policy, binding, params);
    if (reinvoked && !reinvocation.isDue(key)) return undefined;
    this.#last = version;
    let changed = false;
    for (const result of runMutations(runnable, vars, version, tools.schemas)) {
      if (result.kind === 'broken') return result.message;
      if (result.kind === 'failed') this.#failed(policy, binding, result.mutation, result);
      else {
        const { mutation } = result;
        log.applied.push({
          policy: policy.id,
          binding: binding.name,
          mutation,
          reinvoked,
          changed: result.changed,
        });
        changed ||= result.changed;
      }
    }
    if (changed) reinvocation.changed();
    if (policy.reinvocation === 'IfNeeded') reinvocation.invoked(key);
    return undefined;
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
    // A condition that fails under Ignore is taken for one that is not met.
    if (mutation === null && policy.failurePolicy === 'Ignore') return;
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
    const { id } = policy;
    this.#options.log.errors.push({
      policy: id,
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
