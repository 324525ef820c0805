import { CelError } from '../../cel/errors.ts';
import { paced } from '../../cel/index.ts';
import type { Finding, Resource } from '../../model/index.ts';
import { podPointer } from '../dialects/native/pods.ts';
import { type CompiledPolicy, TARGET } from '../form.ts';
import { compare, type PolicySet } from '../load.ts';
import { isExempt } from '../match/exempt.ts';
import type { MatchedResource } from '../match/match.ts';
import { type Place, placesLookedInto } from '../related/places.ts';
import { mergeReads, type Part, partOf, pruned } from '../related/reads.ts';
import { isWanted, wantedBy } from '../related/relative.ts';
import type { AdmissionRequest } from '../request.ts';
import { type EvaluationContext, shareContext } from './context.ts';
import { decode } from './decode.ts';
import { embeddedPods } from './embedded.ts';
import { expand, type Resultant } from './expand.ts';
import { findingsOf, type Wanted } from './findings.ts';
import { type Follower, tellAnnotations } from './follower.ts';
import { isGuessed, withGuess } from './guess.ts';
import { findInvocations } from './invocations.ts';
import { type MutationTools, mutate, mutateExisting } from './mutate.ts';
import type { MutationAnswer } from './mutation-answer.ts';
import { findPath } from './path.ts';
import { makePlan, type Plan, planKey } from './plan.ts';
import { viewPod } from './pod.ts';
import { withPresumption } from './presumption.ts';
import { allHold, isPlain } from './quick.ts';
import { type PolicyReview, reviewPolicy } from './review.ts';
import { prepare, type Runnable } from './run.ts';
import { asStored, createScanRequest, decoded } from './seen.ts';
import { withCauses } from './server-causes.ts';
import type { Shares } from './shares.ts';
import { RequestState } from './state.ts';
import { OutOfTime, type Stopwatch } from './stopwatch.ts';
import { Turns } from './turns.ts';

export interface EvaluatorOptions {
  /** Whether to return a finding where all validations hold. Default false: they are only counted. */
  readonly passes?: boolean;
  /** Whether to return a finding where a policy did not apply for a reason that rules do not tell. Default false. */
  readonly skips?: boolean;
  /** Why a policy is not evaluated: requests that it matches are then its errors. Asked for each; absent: all are. */
  readonly quarantined?: (policy: string) => string | undefined;
}

/** Results that were not returned. */
export interface Tally {
  readonly passes: number;
  readonly skips: number;
}

export interface Evaluator {
  /** What the policies say of an object in a file, or one that exists: a CREATE by whoever `userInfo` is. */
  scan(resource: Resource, follower?: Follower): readonly Finding[];
  /** The same without the policies that look up other objects, for as long as not all of them are known. */
  begin(resource: Resource): Begun;
  /** The same with no more of the object than those policies can read. */
  shrink(begun: Begun): Begun;
  /** Where those policies look other objects up. */
  looksInto(begun: Begun): readonly Place[];
  /** Those policies, on an object that was begun with. */
  complete(begun: Begun): readonly Finding[];
  /** What they say of a request. */
  findings(request: AdmissionRequest): readonly Finding[];
  /** The same of a request that waits for its answer. Its object is read as the API server reads it. */
  admit(request: AdmissionRequest, follower: Follower): readonly Finding[];
  /** The same before it is put into findings: each policy with its bindings' runs, for a gate to answer with. */
  review(request: AdmissionRequest): readonly ReviewedPolicy[];
  /**
   * What the mutating policies make of a request's object; those that validate have no part in it.
   *
   * @param isWanted Which of them; absent: all.
   * @param deadline For all of them, or shared among them; those that have no time are errors.
   */
  mutate(
    request: AdmissionRequest,
    isWanted?: (policy: CompiledPolicy) => boolean,
    deadline?: Stopwatch | Shares,
  ): MutationAnswer;
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

/** An object that a scan has seen, and what is said of it so far. */
export interface Begun {
  readonly resource: Resource;
  readonly findings: readonly Finding[];
  /** The object as policies see it. */
  readonly request: AdmissionRequest;
  /** Whether policies that look up other objects concern it. */
  readonly pending: boolean;
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

/** The policies that a kind of request can concern: all, and by whether they look up other objects. */
interface Plans {
  readonly all: Plan;
  readonly alone: Plan;
  readonly looking: Plan;
  /** What the latter read of the object; null: all of it, for all that is known. */
  readonly read: Part | null;
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
  /** Of whoever has time, and wants to know how many there were. */
  const counting: Follower = {
    unknown: 'skip',
    passed: () => tally.passes++,
    skipped: () => tally.skips++,
    unfinished: () => {},
    annotated: () => {},
  };
  const validating = set.policies.filter(({ mutations }) => mutations.length === 0);
  const mutating = set.policies.filter(({ mutations }) => mutations.length > 0);
  const onTargets = mutating.filter(({ variant }) => variant === TARGET);
  const onRequests = mutating.filter(({ variant }) => variant !== TARGET);
  const plans = new Map<string, Plans>();
  const prepared = new Map<CompiledPolicy, Prepared>();
  const expansions = set.expansions ?? [];
  const podPaths = context.podPaths ?? [];
  const sought = wantedBy(validating);

  const mutationTools: MutationTools = {
    shared,
    schemas: context.schemas,
    quarantined: options.quarantined,
    runnable: (policy) => preparedFor(policy).runnable,
  };

  function plansFor(request: AdmissionRequest): Plans {
    const key = planKey(request);
    const known = plans.get(key);
    if (known !== undefined) return known;
    const made = makePlans(request);
    plans.set(key, made);
    return made;
  }

  function makePlans(request: AdmissionRequest): Plans {
    const all = isExempt(request.resource) ? [] : makePlan(validating, request, shared.discovery);
    const looksUp = ({ policy }: Plan[number]) => policy.related !== undefined;
    const looking = all.filter(looksUp);
    const reads = looking.map(({ policy }) => policy.code().reads);
    return {
      all,
      alone: all.filter((entry) => !looksUp(entry)),
      looking,
      read: reads.every((some) => some !== undefined)
        ? partOf(mergeReads(reads), podPointer(request.kind.group, request.kind.kind))
        : null,
    };
  }

  function planFor(request: AdmissionRequest): Plan {
    return plansFor(request).all;
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
  function implied(request: AdmissionRequest, follower: Follower): readonly Finding[] {
    if (expansions.length === 0) return NOTHING;
    return expand(request, expansions, shared.discovery).flatMap((resultant): readonly Finding[] => {
      if (resultant.pointer === undefined) return NOTHING;
      const plan = planFor(resultant.request).filter(({ policy }) => policy.dialect === 'gatekeeper');
      return findings(resultant.request, plan, follower).map((finding) => impliedBy(resultant, finding));
    });
  }

  /** Findings about the pods that a custom kind makes point into its templates. `which`: of the policies that concern them. */
  function embedded(
    request: AdmissionRequest,
    which: 'all' | 'alone' | 'looking',
    follower: Follower,
  ): readonly Finding[] {
    if (podPaths.length === 0) return NOTHING;
    return embeddedPods(request, podPaths, shared.discovery).flatMap((pod): readonly Finding[] => {
      const source = pod.request.object!;
      const read = decode(source, () => context.schemas?.ofKind('v1', 'Pod'));
      const seen = { ...pod.request, object: context.defaults?.admit('v1', 'Pod', read) ?? read };
      const found = withCauses(
        findings(seen, plansFor(seen)[which], follower),
        source,
        seen.object,
        context.defaults,
      );
      return found.map((finding) => ({
        ...finding,
        resource: request.ref,
        ...(finding.path === undefined ? {} : { path: pod.pointer + finding.path }),
      }));
    });
  }

  /** On the object, and on what it makes. */
  function both(
    request: AdmissionRequest,
    which: 'all' | 'alone',
    follower: Follower = counting,
    plan = plansFor(request)[which],
  ): readonly Finding[] {
    const own = findings(request, plan, follower);
    if (expansions.length + podPaths.length === 0) return own;
    const others = [...implied(request, follower), ...embedded(request, which, follower)];
    return others.length === 0 ? own : [...own, ...others];
  }

  function findings(request: AdmissionRequest, plan: Plan, follower: Follower): readonly Finding[] {
    if (plan.length === 0) return NOTHING;
    const { deadline } = follower;
    const state = new RequestState(request, shared, deadline);
    const turns = new Turns();
    let found: Finding[] | undefined;
    for (const { policy, matched } of plan) {
      if (deadline?.over === true) {
        follower.unfinished(policy);
        continue;
      }
      if (turns.isOver(policy)) {
        follower.skipped(policy);
        continue;
      }
      follower.begins?.(policy);
      const quarantine = options.quarantined?.(policy.id);
      if (quarantine === undefined && passes(policy, state, matched)) {
        follower.passed(policy);
        continue;
      }
      try {
        const made =
          quarantine === undefined
            ? judged(policy, state, matched, turns, follower)
            : setAside(policy, state, matched, quarantine, follower);
        if (found === undefined) found = made;
        else found.push(...made);
      } catch (thrown) {
        if (!(thrown instanceof OutOfTime)) throw thrown;
        follower.unfinished(policy);
      }
    }
    return found ?? NOTHING;
  }

  /** A policy in quarantine: who it concerns is told why nobody asked it. */
  function setAside(
    policy: CompiledPolicy,
    state: RequestState,
    matched: MatchedResource | null,
    why: string,
    follower: Follower,
  ): Finding[] {
    const review = guarded(policy, state, () => unasked(policy, state, matched, why));
    if (trivialOutcome(review) !== null) {
      follower.skipped(policy);
      return [];
    }
    return findingsOf(policy, review, state.request.ref, wanted, follower.unknown, () => undefined);
  }

  /** One policy by the exact path. */
  function judged(
    policy: CompiledPolicy,
    state: RequestState,
    matched: MatchedResource | null,
    turns: Turns,
    follower: Follower,
  ): Finding[] {
    const ask = () =>
      guarded(policy, state, () => reviewPolicy(preparedFor(policy).runnable, state, matched));
    const review = ask();
    turns.took(policy, review);
    tellAnnotations(policy, review, follower);
    const outcome = trivialOutcome(review);
    if (outcome !== null && !wanted[outcome]) {
      if (outcome === 'passes') follower.passed(policy);
      else follower.skipped(policy);
      return [];
    }
    const plain = findingsOf(
      policy,
      review,
      state.request.ref,
      wanted,
      follower.unknown,
      (index, by, params, denied) => findPath(preparedFor(policy).runnable, state, by, params, index, denied),
    );
    // It published something, and had nothing to say against the object.
    if (plain.length === 0) follower.passed(policy);
    return withPresumption(policy, plain, review, state, ask);
  }

  function begin(resource: Resource, follower: Follower = counting): Begun {
    const request = createScanRequest(resource, resource.object, context);
    const { alone, looking } = plansFor(request);
    const carries = podPaths.length > 0 && embeddedPods(request, podPaths, shared.discovery).length > 0;
    const pending = looking.length > 0 || carries;
    // Most kinds meet no policy at all: then nothing of the object needs to be looked at.
    if (alone.length === 0 && !pending && expansions.length === 0 && !isWanted(sought, request.kind))
      return { resource, request, pending, findings: NOTHING };
    // Decoding drops nulls, and nothing that a plan hangs on can be one.
    const seen = decoded(request, resource, context);
    const found = explained(both(seen, 'alone', follower, alone), resource, seen);
    return { resource, request: seen, pending, findings: found };
  }

  /** What has to be kept of an object for {@link complete}: see {@link Reads}. */
  function shrink(begun: Begun): Begun {
    const { resource, request } = begun;
    const { read } = plansFor(request);
    const { object, kind } = request;
    if (read === null || object === null || podPaths.length > 0) return begun;
    const template = podPointer(kind.group, kind.kind);
    // A template that cannot be read is reported as it stands.
    if (template !== undefined && !isReadable(viewPod(object, template))) return begun;
    const part = pruned(object, read);
    const raw = object === resource.object ? part : pruned(resource.object, read);
    return { ...begun, resource: { ...resource, object: raw }, request: { ...request, object: part } };
  }

  function looksInto({ request }: Begun): readonly Place[] {
    const related = (policies: readonly CompiledPolicy[]) =>
      policies.flatMap((policy) => policy.related ?? []);
    // Which pods a custom kind makes, and where, is seen when they are evaluated.
    if (podPaths.length > 0) return placesLookedInto(related(validating), '');
    const looking = plansFor(request).looking.map(({ policy }) => policy);
    return placesLookedInto(related(looking), request.namespace);
  }

  function complete({ resource, request }: Begun, follower: Follower = counting): readonly Finding[] {
    const looked = findings(request, plansFor(request).looking, follower);
    const found = [...looked, ...embedded(request, 'looking', follower)];
    return explained(found, resource, request);
  }

  /** With what the findings owe to defaults, and to guesses. */
  function explained(
    found: readonly Finding[],
    resource: Resource,
    seen: AdmissionRequest,
  ): readonly Finding[] {
    if (found.length === 0) return found;
    const caused = withCauses(found, resource.object, seen.object, context.defaults);
    return isGuessed(resource, context) ? caused.map(withGuess(set, seen)) : caused;
  }

  return {
    tally,
    findings: (request) => both(request, 'all'),
    admit: (request, follower) =>
      paced(follower.deadline, () => both(asStored(request, context), 'all', follower)),
    scan: (resource, follower) =>
      paced(follower?.deadline, () => {
        const begun = begin(resource, follower);
        if (!begun.pending) return begun.findings;
        return [...begun.findings, ...complete(begun, follower)].sort(byPolicy);
      }),
    begin: (resource) => begin(resource),
    shrink,
    looksInto,
    complete: (begun) => complete(begun),
    mutate: (request, isWanted, deadline) => {
      const wanted = isWanted === undefined ? onRequests : onRequests.filter(isWanted);
      return paced(deadline, () => mutate(wanted, request, { ...mutationTools, deadline }));
    },
    mutateExisting: (request, trigger) => mutateExisting(onTargets, request, trigger, mutationTools),
    review: (request) => {
      const state = new RequestState(request, shared);
      const turns = new Turns();
      return planFor(request).flatMap(({ policy, matched }): ReviewedPolicy[] => {
        if (turns.isOver(policy)) return [];
        const review = guarded(policy, state, () =>
          reviewPolicy(preparedFor(policy).runnable, state, matched),
        );
        turns.took(policy, review);
        return [{ policy, review }];
      });
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

function isReadable(view: ReturnType<typeof viewPod>): boolean {
  return view === null || !('detail' in view);
}

/** Policies are sorted by id, and so are their findings. */
function byPolicy(a: Finding, b: Finding): number {
  return compare(a.policy ?? '', b.policy ?? '');
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

/** As if its first condition had run out: what becomes of that say its bindings and its failure rule. */
function unasked(
  policy: CompiledPolicy,
  state: RequestState,
  matched: MatchedResource | null,
  why: string,
): PolicyReview {
  const found = findInvocations(policy, state, matched);
  if (found.kind !== 'invoked') return found;
  const error = new CelError('cost-exceeded', why);
  const runs = found.invocations.map((invocation) => {
    if (invocation.kind !== 'run') return invocation;
    return { ...invocation, run: { kind: 'condition-error', message: why, error } as const };
  });
  return { kind: 'reviewed', matched: found.matched, runs };
}

/** One policy's defect never touches another's verdict. */
function guarded(
  policy: CompiledPolicy,
  { deadline }: RequestState,
  review: () => PolicyReview,
): PolicyReview {
  const issues = policy.code().issues;
  if (issues.length > 0) {
    return { kind: 'not-evaluated', reason: 'invalid-policy', detail: issues[0]!.issue.message };
  }
  try {
    return review();
  } catch (thrown) {
    if (thrown instanceof OutOfTime || deadline?.over === true) throw new OutOfTime();
    const detail = thrown instanceof CelError ? thrown.$message : String(thrown);
    return {
      kind: 'not-evaluated',
      reason: 'evaluation-failed',
      detail: `defect of Rampart, please report: ${detail}`,
    };
  }
}
