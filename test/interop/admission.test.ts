/**
 * ValidatingAdmissionPolicies against the API server's own plugin: which requests a policy and its bindings match, what
 * each evaluation decides, and what the requester and the audit log are told.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { JsonMap, Resource } from '../../src/model/index.ts';
import {
  type AdmissionRequest,
  answer,
  compilePolicies,
  createEvaluator,
  type EvaluationContext,
  type Evaluator,
  type ReviewedPolicy,
} from '../../src/policy/index.ts';
import {
  ANSWERS,
  type Case,
  type CaseRequest,
  generateCases,
  NAMESPACES,
  PARAMS,
} from './admission-cases.ts';
import { apiVersionOf, discovery, KINDS } from './admission-world.ts';
import { interop, skipWithoutGo } from './interop.ts';

/** How many policies are compared; each meets {@link REQUESTS} requests. */
const POLICIES = Number(process.env['RAMPART_ADMISSION_POLICIES'] ?? 1000);
const REQUESTS = 12;
const SEED = Number(process.env['RAMPART_ADMISSION_SEED'] ?? 2026);

/** admission.go says what these are. */
interface Answer {
  readonly asked: boolean;
  readonly matched?: boolean;
  readonly matchError?: string;
  readonly matchedKind?: { Group: string; Version: string; Kind: string };
  readonly matchedResource?: { Group: string; Version: string; Resource: string };
  readonly bindings: readonly BindingAnswer[];
  readonly warnings: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly denial?: { policy: boolean; message: string; reason: string; code: number };
}

interface BindingAnswer {
  readonly name: string;
  readonly matched: boolean;
  readonly error?: string;
  readonly runs: readonly {
    readonly decisions: readonly { action: string; evaluation: string; message: string; reason: string }[];
    readonly annotations: readonly { key: string; action: string; value: string; error: string }[];
  }[];
}

test('policies decide on requests as the plugin of the API server does', {
  skip: skipWithoutGo,
}, async (t) => {
  const cases = generateCases(SEED, POLICIES, REQUESTS);
  const answers = await interop<Answer[]>('admission', cases.map(questionOf));
  const differences: string[] = [];
  const seen = new Map<Kind, number>();
  const count = (what: Kind) => seen.set(what, (seen.get(what) ?? 0) + 1);
  for (const [i, of] of cases.entries()) {
    assert.ok(Array.isArray(answers[i]), `policy ${i}: ${JSON.stringify(answers[i])}`);
    const evaluator = evaluatorFor(of);
    for (const [j, request] of of.requests.entries()) {
      const expected: Answer = answers[i]![j]!;
      const [reviewed] = evaluator.review(admissionRequest(request));
      if (needsConversion(reviewed)) {
        assert.equal(expected.matched, true);
        assert.notEqual(expected.matchedKind?.Version, request.kind.version);
        count('needs conversion');
        continue;
      }
      if (expected.denial?.policy === false) {
        // The plugin fails as a whole for want of a namespace, which the API server has checked for before.
        assert.equal(expected.denial.message, 'namespaces "gone" not found');
        assert.equal(request.namespace, 'gone');
        count('no namespace');
        continue;
      }
      const difference = differenceOf(expected, reviewed);
      if (difference === undefined) kindsOf(expected, request).forEach(count);
      else
        differences.push(
          `policy ${i}, request ${j}: ${difference}\n${JSON.stringify({ ...of, requests: [request] })}`,
        );
    }
  }
  assert.equal(
    differences.length,
    0,
    `${differences.length} differ:\n\n${differences.slice(0, 5).join('\n\n')}`,
  );
  t.diagnostic(`${cases.length} policies × ${REQUESTS} requests: ${describe(seen)}`);
  for (const what of EVERY_KIND)
    assert.ok((seen.get(what) ?? 0) > 0 || POLICIES < 1000, `no answer was: ${what}`);
});

/** Where two answers differ, and how; undefined when they do not. */
function differenceOf(expected: Answer, reviewed: ReviewedPolicy | undefined): string | undefined {
  const actual = linesIn(actualOf(reviewed));
  const wanted = linesIn(expectedOf(expected));
  if (isDeepStrictEqual(actual, wanted)) return undefined;
  const only = (lines: readonly string[], others: readonly string[]) =>
    lines.filter((line) => !others.includes(line));
  const ours = only(actual, wanted);
  const theirs = only(wanted, actual);
  if (ours.length === 0 && theirs.length === 0) return `another order: ${actual.join('\n')}`;
  return `\n ours   ${ours.join('\n        ')}\n theirs ${theirs.join('\n        ')}`;
}

/** One line for each statement. */
function linesIn({ runs, matched, resource, denial, warnings, annotations }: Said): string[] {
  return [
    `matched: ${matched} ${resource}`,
    ...Object.entries(runs).flatMap(([name, all]) =>
      all.flatMap((lines, i) => [`${name} ${i}`, ...lines.map((line) => `${name} ${i} ${line}`)]),
    ),
    `denial: ${JSON.stringify(denial)}`,
    ...warnings.map((text) => `warning: ${text}`),
    ...Object.keys(annotations)
      .sort()
      // Half a character at the end of a value that was cut is no text.
      .map((key) => `${key}: ${annotations[key]!.replaceAll('\ufffd', '')}`),
  ];
}

/** What both sides say, in one form. */
interface Said {
  readonly matched: boolean | string;
  /** What matched, where it was evaluated. */
  readonly resource: string;
  /** By binding, one list for each evaluation. */
  readonly runs: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly denial: { readonly message: string; readonly reason: string; readonly code: number } | null;
  readonly warnings: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
}

function expectedOf({
  matchError,
  matched = false,
  bindings,
  denial,
  warnings,
  annotations,
  ...of
}: Answer): Said {
  const evaluated = bindings.filter((binding) => binding.runs.length > 0);
  return {
    matched: matchError ?? matched,
    resource: evaluated.length === 0 ? '' : resourceText(of),
    runs: Object.fromEntries(evaluated.map(({ name, runs }) => [name, runs.map(linesOf)])),
    denial:
      denial === undefined ? null : { message: denial.message, reason: denial.reason, code: denial.code },
    warnings,
    annotations,
  };
}

function linesOf({ decisions, annotations }: BindingAnswer['runs'][number]): string[] {
  return [
    ...decisions.flatMap(({ evaluation, message, reason }, i) =>
      evaluation === 'admit' ? [] : [`${i} ${evaluation} ${reason}: ${message}`],
    ),
    ...annotations.flatMap(({ key, action, value, error }) =>
      action === 'exclude' ? [] : [`${key}=${value}${error}`],
    ),
  ];
}

function resourceText({
  matchedResource: r,
  matchedKind: k,
}: Pick<Answer, 'matchedKind' | 'matchedResource'>): string {
  return `${r!.Group}/${r!.Version}/${r!.Resource} ${k!.Group}/${k!.Version}/${k!.Kind}`;
}

function actualOf(reviewed: ReviewedPolicy | undefined): Said {
  const {
    denial = null,
    warnings,
    auditAnnotations: annotations,
  } = answer(reviewed === undefined ? [] : [reviewed]);
  const said = { resource: '', runs: {}, denial, warnings, annotations };
  const review = reviewed?.review;
  if (review === undefined || review.kind === 'not-matched') return { matched: false, ...said };
  if (review.kind === 'not-evaluated') return { matched: review.detail, ...said };
  if (review.kind === 'not-bound') return { matched: true, ...said };
  const runs: Record<string, string[][]> = {};
  for (const entry of review.runs) {
    if (entry.kind !== 'run') continue;
    runs[entry.binding.name] ??= [];
    runs[entry.binding.name]!.push(linesOfRun(entry.run, reviewed!.policy.failurePolicy === 'Ignore'));
  }
  const { resource: r, kind: k } = review.matched;
  const resource = `${r.group}/${r.version}/${r.resource} ${k.group}/${k.version}/${k.kind}`;
  return { ...said, matched: true, resource: Object.keys(runs).length === 0 ? '' : resource, runs };
}

type Run = Extract<
  Extract<ReviewedPolicy['review'], { kind: 'reviewed' }>['runs'][number],
  { kind: 'run' }
>['run'];

/** Errors that failurePolicy Ignore makes nothing of leave no trace in the plugin's results either. */
function linesOfRun(run: Run, ignore: boolean): string[] {
  if (run.kind === 'condition-error') return ignore ? [] : [`0 error : ${run.message}`];
  if (run.kind !== 'decided') return [];
  return [
    ...run.decisions.map((decision) => {
      const reason = decision.kind === 'deny' ? decision.reason : '';
      return `${decision.index ?? 0} ${decision.kind} ${reason}: ${decision.message}`;
    }),
    ...run.audit.flatMap((audit) => {
      if (audit.kind === 'publish') return [`${audit.key}=${audit.value}`];
      return ignore && audit.kind === 'error' ? [] : [`${audit.key}=${audit.message}`];
    }),
  ];
}

function needsConversion(reviewed: ReviewedPolicy | undefined): boolean {
  return reviewed?.review.kind === 'not-evaluated' && reviewed.review.reason === 'needs-conversion';
}

/** What an answer may be an example of. */
const EVERY_KIND = [
  'not asked',
  'not matched',
  'equivalent',
  'no binding',
  'several runs',
  'admitted',
  'denied',
  'validation error',
  'budget',
  'message budget',
  'misconfigured',
  'warning',
  'failure annotation',
  'annotation',
  'joined annotation',
  'needs conversion',
  'no namespace',
  'cut failures',
  'cut annotation',
] as const;
type Kind = (typeof EVERY_KIND)[number];

function kindsOf(of: Answer, request: CaseRequest): Kind[] {
  if (!of.asked) return ['not asked'];
  if (of.matched !== true) return ['not matched'];
  const runs = of.bindings.flatMap((binding) => binding.runs);
  const decisions = runs.flatMap((run) => run.decisions);
  const met: Partial<Record<Kind, boolean>> = {
    equivalent: of.matchedKind!.Version !== request.kind.version,
    'no binding': of.bindings.every((binding) => !binding.matched),
    'several runs': of.bindings.some((binding) => binding.runs.length > 1),
    admitted: of.denial === undefined && runs.length > 0,
    denied: of.denial !== undefined,
    'validation error': decisions.some(({ evaluation }) => evaluation === 'error'),
    budget: decisions.some(({ message }) => message.startsWith('validation failed due to running out')),
    'message budget': decisions.some(({ message }) => message.startsWith('failed messageExpression: ')),
    misconfigured: of.denial?.message.includes('denied request: failed to configure') === true,
    warning: of.warnings.length > 0,
    'failure annotation': 'validation.policy.admission.k8s.io/validation_failure' in of.annotations,
    'cut failures': failureCount(of) === 50,
    'cut annotation': Object.values(of.annotations).some(
      (value) => value.startsWith('x') && value.length > 5000,
    ),
    annotation: runs.some((run) => run.annotations.some(({ action }) => action === 'publish')),
    'joined annotation': Object.values(of.annotations).some((value) => /^[^{[].*, /.test(value)),
  };
  return (Object.keys(met) as Kind[]).filter((kind) => met[kind]);
}

function failureCount({ annotations }: Answer): number {
  const text = annotations['validation.policy.admission.k8s.io/validation_failure'] ?? '[]';
  return (JSON.parse(text) as unknown[]).length;
}

function describe(seen: ReadonlyMap<string, number>): string {
  return [...seen].map(([what, times]) => `${times} ${what}`).join(', ');
}

function questionOf(of: Case): unknown {
  return { ...of, params: PARAMS, namespaces: NAMESPACES, kinds: KINDS, answers: ANSWERS };
}

function evaluatorFor(of: Case): Evaluator {
  const set = compilePolicies([of.policy, ...of.bindings].map(resourceOf));
  assert.deepEqual(set.problems, [], JSON.stringify(of.policy));
  return createEvaluator(set, {
    discovery,
    objects: [...NAMESPACES, ...PARAMS].map(resourceOf),
    complete: true,
    authorize,
  });
}

const authorize: NonNullable<EvaluationContext['authorize']> = (check, { userInfo }) => {
  const { subject, verb } = check;
  const user =
    subject.kind === 'request-user'
      ? userInfo!.username
      : `system:serviceaccount:${subject.namespace}:${subject.name}`;
  const about =
    check.kind === 'path'
      ? check.path
      : `${check.group}/${check.resource}/${check.subresource} ${check.namespace}/${check.name}`;
  const { decision, ...rest } = ANSWERS[`${user} ${verb} ${about}`] ?? { decision: '' };
  return { allowed: decision === 'allow', ...rest };
};

function admissionRequest(request: CaseRequest): AdmissionRequest {
  const { kind, name, namespace } = request;
  return { ...request, ref: { apiVersion: apiVersionOf(kind), kind: kind.kind, namespace, name } };
}

function resourceOf(object: JsonMap): Resource {
  const { apiVersion, kind, metadata } = object as {
    apiVersion: string;
    kind: string;
    metadata: { name: string; namespace?: string };
  };
  return {
    ref: { apiVersion, kind, namespace: metadata.namespace ?? '', name: metadata.name },
    object,
    origin: { file: 'generated.json', document: 0, line: 1, pointer: '' },
  };
}
