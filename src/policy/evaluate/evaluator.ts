import { CelError } from '../../cel/errors.ts';
import type { AskContext, ParseYaml } from '../../cel/libraries/index.ts';
import type { Defaults, Discovery, Finding, JsonMap, Resource, Schemas } from '../../model/index.ts';
import { type CompiledPolicy, TARGET } from '../form.ts';
import type { PolicySet } from '../load.ts';
import { isExempt } from '../match/exempt.ts';
import type { MatchedResource } from '../match/match.ts';
import { namespaceLabels } from '../match/namespaces.ts';
import {
  type AdmissionRequest,
  createRequest,
  parseApiVersion,
  resourceInfoOf,
  type UserInfo,
} from '../request.ts';
import { decode, isBuiltIn } from './decode.ts';
import { withCauses } from './default-cause.ts';
import { embeddedPods, type PodPath } from './embedded.ts';
import { expand, type Resultant } from './expand.ts';
import { findingsOf, type Wanted } from './findings.ts';
import { type MutationTools, mutate, mutateExisting } from './mutate.ts';
import type { MutationAnswer } from './mutation-answer.ts';
import { paramSource } from './params.ts';
import { findPath } from './path.ts';
import { makePlan, type Plan, planKey } from './plan.ts';
import { allHold, isPlain } from './quick.ts';
import { type PolicyReview, reviewPolicy } from './review.ts';
import { prepare, type Runnable } from './run.ts';
import { RequestState, type SharedContext } from './state.ts';
import type { Authorize } from './vars.ts';

/** What an evaluation knows beside policies and the request. */
export interface EvaluationContext {
  readonly discovery: Discovery;
  /** Used to read nulls as the API server does; without it they are dropped by their place alone. */
  readonly schemas?: Schemas;
  /** Objects are seen as the API server has them at admission; absent: as they stand. */
  readonly defaults?: Defaults;
  /** Of namespaced objects that name none. Default `default`. */
  readonly defaultNamespace?: string;
  /** Namespaces and parameters: found among the sources, the policies' documents, `--context`, or a cluster. */
  readonly objects?: readonly Resource[];
  /** True when `objects` is all there is, as in a cluster: what is missing then does not exist. Default false. */
  readonly complete?: boolean;
  /** Where custom kinds carry pod templates; absent: nobody knows of any. */
  readonly podPaths?: readonly PodPath[];
  /** Who makes scanned objects; absent: nobody knows. */
  readonly userInfo?: UserInfo;
  /** Who answers authorizer checks; absent: nobody. */
  readonly authorize?: Authorize;
  /** Who answers what Kyverno's policies ask a cluster, registries and the network; absent: nobody. */
  readonly ask?: AskContext;
  /** Reads what Kyverno's `yaml.parse` is given. */
  readonly parseYaml?: ParseYaml;
}

export interface EvaluatorOptions {
  /** Whether to return a finding where all validations hold. Default false: they are only counted. */
  readonly passes?: boolean;
  /** Whether to return a finding where a policy did not apply for a reason that rules do not tell. Default false. */
  readonly skips?: boolean;
}

/** Results that were not returned. */
export interface Tally {
  readonly passes: number;
  readonly skips: number;
}

export interface Evaluator {
  /** What the policies say of an object in a file: a CREATE by whoever `userInfo` is. */
  scan(resource: Resource): readonly Finding[];
  /** What they say of a request. */
  findings(request: AdmissionRequest): readonly Finding[];
  /** The same before it is put into findings: each policy with its bindings' runs, for a gate to answer with. */
  review(request: AdmissionRequest): readonly ReviewedPolicy[];
  /** What the mutating policies make of a request's object; those that validate have no part in it. */
  mutate(request: AdmissionRequest): MutationAnswer;
  /**
   * What those that change objects which exist make of one.
   *
   * @param request The object, as one that is made.
   * @param trigger The request that leads to it; absent: none does, and expressions see an update of the object. Policies
   * that choose objects by an expression then choose none.
   */
  mutateExisting(request: AdmissionRequest, trigger?: AdmissionRequest): MutationAnswer;
  readonly tally: Tally;
}

export interface ReviewedPolicy {
  readonly policy: CompiledPolicy;
  readonly review: PolicyReview;
}

interface Prepared {
  readonly runnable: Runnable;
  /** Whether {@link allHold} may be asked. */
  readonly plain: boolean;
}

const NOTHING: readonly never[] = [];

/** An evaluator over one set of policies. Findings come in the order of policies, then validations. Never throws. */
export function createEvaluator(
  set: Pick<PolicySet, 'policies'> & Partial<Pick<PolicySet, 'expansions'>>,
  context: EvaluationContext,
  options: EvaluatorOptions = {},
): Evaluator {
  const shared = shareContext(context);
  const wanted: Wanted = { passes: options.passes ?? false, skips: options.skips ?? false };
  const tally = { passes: 0, skips: 0 };
  const validating = set.policies.filter(({ mutations }) => mutations.length === 0);
  const mutating = set.policies.filter(({ mutations }) => mutations.length > 0);
  const onTargets = mutating.filter(({ variant }) => variant === TARGET);
  const onRequests = mutating.filter(({ variant }) => variant !== TARGET);
  const plans = new Map<string, Plan>();
  const prepared = new Map<CompiledPolicy, Prepared>();
  const expansions = set.expansions ?? [];
  const podPaths = context.podPaths ?? [];

  const mutationTools: MutationTools = {
    shared,
    schemas: context.schemas,
    runnable: (policy) => preparedFor(policy).runnable,
  };

  function planFor(request: AdmissionRequest): Plan {
    const key = planKey(request);
    let plan = plans.get(key);
    if (plan === undefined) {
      plan = isExempt(request.resource) ? [] : makePlan(validating, request, shared.discovery);
      plans.set(key, plan);
    }
    return plan;
  }

  function preparedFor(policy: CompiledPolicy): Prepared {
    let known = prepared.get(policy);
    if (known === undefined) {
      const runnable = prepare(policy, policy.code());
      known = { runnable, plain: isPlain(runnable) };
      prepared.set(policy, known);
    }
    return known;
  }

  /** What is nearly always so, and nothing but counted. A defect of it is for the exact path to report. */
  function passes(policy: CompiledPolicy, state: RequestState, matched: MatchedResource | null): boolean {
    if (matched === null || wanted.passes) return false;
    try {
      const { runnable, plain } = preparedFor(policy);
      return plain && allHold(runnable, state, matched);
    } catch {
      return false;
    }
  }

  /** Findings about what the object makes belong to the object. */
  function implied(request: AdmissionRequest): readonly Finding[] {
    if (expansions.length === 0) return NOTHING;
    return expand(request, expansions, shared.discovery).flatMap((resultant): readonly Finding[] => {
      if (resultant.pointer === undefined) return NOTHING;
      const plan = planFor(resultant.request).filter(({ policy }) => policy.dialect === 'gatekeeper');
      return findings(resultant.request, plan).map((finding) => impliedBy(resultant, finding));
    });
  }

  /** Findings about the pods that a custom kind makes point into its templates. */
  function embedded(request: AdmissionRequest): readonly Finding[] {
    if (podPaths.length === 0) return NOTHING;
    return embeddedPods(request, podPaths, shared.discovery).flatMap((pod): readonly Finding[] => {
      const source = pod.request.object!;
      const read = decode(source, () => context.schemas?.ofKind('v1', 'Pod'));
      const seen = { ...pod.request, object: context.defaults?.admit('v1', 'Pod', read) ?? read };
      const found = withCauses(findings(seen, planFor(seen)), source, seen.object, context.defaults);
      return found.map((finding) => ({
        ...finding,
        resource: request.ref,
        ...(finding.path === undefined ? {} : { path: pod.pointer + finding.path }),
      }));
    });
  }

  function both(request: AdmissionRequest, plan: Plan): readonly Finding[] {
    const own = findings(request, plan);
    const others = [...implied(request), ...embedded(request)];
    return others.length === 0 ? own : [...own, ...others];
  }

  function findings(request: AdmissionRequest, plan: Plan): readonly Finding[] {
    if (plan.length === 0) return NOTHING;
    const state = new RequestState(request, shared);
    let found: Finding[] | undefined;
    for (const { policy, matched } of plan) {
      if (passes(policy, state, matched)) {
        tally.passes++;
        continue;
      }
      const review = guarded(policy, () => reviewPolicy(preparedFor(policy).runnable, state, matched));
      const outcome = trivialOutcome(review);
      if (outcome !== null && !wanted[outcome]) {
        tally[outcome]++;
        continue;
      }
      const made = findingsOf(policy, review, request.ref, wanted, (index, by, params) =>
        findPath(preparedFor(policy).runnable, state, by, params, index),
      );
      if (made.length === 0) continue;
      if (found === undefined) found = made;
      else found.push(...made);
    }
    return found ?? NOTHING;
  }

  return {
    tally,
    findings: (request) => both(request, planFor(request)),
    scan: (resource) => {
      const request = createScanRequest(resource, resource.object, context);
      const plan = planFor(request);
      // Most kinds meet no policy at all: then nothing of the object needs to be looked at.
      if (plan.length === 0 && expansions.length === 0 && podPaths.length === 0) return NOTHING;
      // Decoding drops nulls, and nothing that a plan hangs on can be one.
      const seen = decoded(request, resource, context);
      const found = withCauses(both(seen, plan), resource.object, seen.object, context.defaults);
      return found.length > 0 && isGuessed(resource, context) ? found.map(withGuess(set, request)) : found;
    },
    mutate: (request) => mutate(onRequests, request, mutationTools),
    mutateExisting: (request, trigger) => mutateExisting(onTargets, request, trigger, mutationTools),
    review: (request) => {
      const state = new RequestState(request, shared);
      return planFor(request).map(({ policy, matched }) => ({
        policy,
        review: guarded(policy, () => reviewPolicy(preparedFor(policy).runnable, state, matched)),
      }));
    },
  };
}

/** Says whose template implies it, points into the template, and takes over its action. */
function impliedBy({ expansion, pointer, request }: Resultant, finding: Finding): Finding {
  const { action, name } = expansion;
  const detail = `[Implied by ${name}] ${finding.detail}`;
  const weaker = finding.action === 'allow' || action === null ? finding.action : ACTIONS[action];
  const { path, ...rest } = { ...finding, detail, action: weaker, resource: request.ref };
  return path === undefined ? rest : { ...rest, path: pointer + path };
}

const ACTIONS = { Deny: 'deny', Warn: 'warn', Audit: 'audit' } as const;

function shareContext(context: EvaluationContext): SharedContext {
  const { complete = false, defaultNamespace = 'default' } = context;
  const objects = (context.objects ?? []).map((object) => decodedObject(object, context));
  const namespaces = { objects: namespacesAmong(objects), complete };
  return {
    discovery: context.discovery,
    namespaces,
    namespaceLabels: namespaceLabels(namespaces),
    params: paramSource(objects, complete, defaultNamespace),
    ...(context.authorize === undefined ? {} : { authorize: context.authorize }),
    ...(context.ask === undefined ? {} : { ask: context.ask }),
    ...(context.parseYaml === undefined ? {} : { parseYaml: context.parseYaml }),
  };
}

function decodedObject(resource: Resource, { schemas, defaults }: EvaluationContext): Resource {
  const { apiVersion, kind } = resource.ref;
  if (!isBuiltIn(parseApiVersion(apiVersion).group)) return resource;
  const read = decode(resource.object, () => schemas?.ofKind(apiVersion, kind));
  const object = defaults?.apply(apiVersion, kind, read) ?? read;
  return object === resource.object ? resource : { ...resource, object };
}

function namespacesAmong(objects: readonly Resource[]): ReadonlyMap<string, JsonMap> {
  const namespaces = objects.filter(({ ref }) => ref.kind === 'Namespace' && ref.apiVersion === 'v1');
  return new Map(namespaces.map(({ ref, object }) => [ref.name, object]));
}

/** A scanned object as a request. */
function createScanRequest(
  resource: Resource,
  object: JsonMap,
  { discovery, defaultNamespace = 'default', userInfo }: EvaluationContext,
): AdmissionRequest {
  const info = resourceInfoOf(discovery, resource);
  return createRequest(object === resource.object ? resource : { ...resource, object }, info, {
    defaultNamespace,
    ...(userInfo === undefined ? {} : { userInfo }),
  });
}

function decoded(
  request: AdmissionRequest,
  resource: Resource,
  context: EvaluationContext,
): AdmissionRequest {
  if (!isBuiltIn(request.kind.group)) return request;
  const { apiVersion, kind } = resource.ref;
  const read = decode(resource.object, () => context.schemas?.ofKind(apiVersion, kind));
  const object = context.defaults?.admit(apiVersion, kind, read) ?? read;
  return object === resource.object ? request : createScanRequest(resource, object, context);
}

function isGuessed(resource: Resource, { discovery }: EvaluationContext): boolean {
  return resourceInfoOf(discovery, resource).guessed;
}

/** Says in a finding's detail that its policy matched a resource whose name and scope nobody describes. */
function withGuess(
  { policies }: Pick<PolicySet, 'policies'>,
  { resource, namespace }: AdmissionRequest,
): (finding: Finding) => Finding {
  const scope = namespace === '' ? 'cluster-scoped' : 'namespaced';
  return (finding) => {
    const policy = policies.find(({ id }) => id === finding.policy);
    // Kinds that carry pods are known for what they are, whichever version the file names.
    if (policy === undefined || policy.subject === 'pod' || !asksForNames(policy)) return finding;
    const guess = `no schema describes the kind: "${resource.resource}", ${scope}, is a guess`;
    return { ...finding, detail: `${finding.detail} (${guess})` };
  };
}

/** Rules on everything match whatever the resource is called. */
function asksForNames({ match }: CompiledPolicy): boolean {
  return match.resourceRules.some(
    (rule) => rule.scope !== '*' || rule.resources.some(({ resource }) => resource !== '*'),
  );
}

/** Which counter a review belongs to when nobody asked to see it; null when it has something to say. */
function trivialOutcome(review: PolicyReview): keyof Tally | null {
  if (review.kind === 'not-matched' || review.kind === 'not-bound') return 'skips';
  if (review.kind !== 'reviewed') return null;
  let outcome: keyof Tally = 'skips';
  for (const entry of review.runs) {
    if (entry.kind !== 'run') return null;
    if (entry.run.kind === 'pass') outcome = 'passes';
    else if (entry.run.kind !== 'condition-false') return null;
  }
  return outcome;
}

/** One policy's defect never touches another's verdict. */
function guarded(policy: CompiledPolicy, review: () => PolicyReview): PolicyReview {
  const issues = policy.code().issues;
  if (issues.length > 0) {
    return { kind: 'not-evaluated', reason: 'invalid-policy', detail: issues[0]!.issue.message };
  }
  try {
    return review();
  } catch (thrown) {
    const detail = thrown instanceof CelError ? thrown.$message : String(thrown);
    return {
      kind: 'not-evaluated',
      reason: 'evaluation-failed',
      detail: `defect of Rampart, please report: ${detail}`,
    };
  }
}
