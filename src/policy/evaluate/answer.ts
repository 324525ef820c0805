/**
 * What the API server answers to a request, given what its ValidatingAdmissionPolicies made of it: the first denial,
 * all warnings, and the audit annotations. Source: apiserver pkg/admission/plugin/policy/validating/dispatcher.go.
 */
import type { Binding, CompiledPolicy, StatusReason } from '../form.ts';
import type { ReviewedPolicy } from './evaluator.ts';
import type { BindingRun } from './review.ts';
import type { Decision, Run } from './run.ts';

export interface Answer {
  readonly allowed: boolean;
  /** Of the first denial; the others are not told. */
  readonly denial?: Denial;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

export interface Denial {
  readonly message: string;
  readonly reason: StatusReason;
  /** HTTP status. */
  readonly code: number;
}

const STATUS_CODES: Readonly<Record<StatusReason, number>> = {
  Invalid: 422,
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
};

export const FAILURE_ANNOTATION = 'validation.policy.admission.k8s.io/validation_failure';
const MAX_FAILURES = 50;
const MAX_ANNOTATION_BYTES = 10 * 1024;

interface Collected {
  readonly denials: Denial[];
  readonly warnings: string[];
  /** Entries of the annotation, in the field order the API server writes. */
  readonly failures: object[];
  readonly annotations: Map<string, string[]>;
}

/** Merges the reviews of one request, in their order. */
export function answer(reviews: readonly ReviewedPolicy[]): Answer {
  const collected: Collected = { denials: [], warnings: [], failures: [], annotations: new Map() };
  for (const { policy, review } of reviews) {
    if (review.kind === 'not-evaluated') misconfigured(policy, null, review.detail, collected);
    if (review.kind !== 'reviewed') continue;
    for (const entry of review.runs) addRun(policy, entry, collected);
  }
  const [denial] = collected.denials;
  return {
    allowed: denial === undefined,
    ...(denial === undefined ? {} : { denial }),
    warnings: collected.warnings,
    auditAnnotations: annotationsOf(collected),
  };
}

/** Configuration errors do not go through the binding's actions. */
function misconfigured(
  policy: CompiledPolicy,
  binding: Binding | null,
  detail: string,
  into: Collected,
): void {
  if (policy.failurePolicy === 'Ignore') return;
  const what = binding === null ? 'policy' : 'binding';
  into.denials.push(denial(policy, binding, `failed to configure ${what}: ${detail}`, 'Invalid'));
}

function denial(
  policy: CompiledPolicy,
  binding: Binding | null,
  message: string,
  reason: StatusReason,
): Denial {
  const by = binding === null ? '' : ` with binding '${binding.name}'`;
  return {
    message: `ValidatingAdmissionPolicy '${policy.id}'${by} denied request: ${message}`,
    reason,
    code: STATUS_CODES[reason],
  };
}

function addRun(policy: CompiledPolicy, entry: BindingRun, into: Collected): void {
  const { binding } = entry;
  if (entry.kind === 'configuration') {
    misconfigured(policy, binding, entry.detail, into);
    return;
  }
  for (const [index, decision] of decisionsOf(entry.run)) {
    if (decision.kind === 'error' && policy.failurePolicy === 'Ignore') continue;
    act(policy, binding, index, decision, into);
  }
  addAnnotations(policy, binding, entry.run, into);
}

/** With the index the audit annotation shows: failures of the whole are the first entry of their list. */
function decisionsOf(run: Run): (readonly [number, Decision])[] {
  if (run.kind === 'condition-error') {
    return [[0, { kind: 'error', index: null, message: run.message, error: run.error }]];
  }
  return run.kind === 'decided' ? run.decisions.map((decision) => [decision.index ?? 0, decision]) : [];
}

function act(
  policy: CompiledPolicy,
  binding: Binding,
  expressionIndex: number,
  decision: Decision,
  into: Collected,
): void {
  const { message } = decision;
  for (const action of binding.actions) {
    if (action === 'Deny') {
      const reason = decision.kind === 'deny' ? decision.reason : 'Invalid';
      into.denials.push(denial(policy, binding, message, reason));
    } else if (action === 'Warn') {
      into.warnings.push(
        `Validation failed for ValidatingAdmissionPolicy '${policy.id}' with binding '${binding.name}': ${message}`,
      );
    } else {
      into.failures.push({
        message,
        policy: policy.id,
        binding: binding.name,
        expressionIndex,
        validationActions: binding.actions,
      });
    }
  }
}

function addAnnotations(policy: CompiledPolicy, binding: Binding, run: Run, into: Collected): void {
  if (run.kind !== 'decided') return;
  for (const annotation of run.audit) {
    if (annotation.kind === 'publish') {
      addDistinct(into.annotations, `${policy.id}/${annotation.key}`, cut(annotation.value));
    } else if (annotation.kind === 'wrong-type' || policy.failurePolicy === 'Fail') {
      into.denials.push(denial(policy, binding, annotation.message, 'Invalid'));
    }
  }
}

function addDistinct(annotations: Map<string, string[]>, key: string, value: string): void {
  const values = annotations.get(key);
  if (values === undefined) annotations.set(key, [value]);
  else if (!values.includes(value)) values.push(value);
}

/** The API server cuts bytes; a character cut in two is left out here, since it would not be a string any more. */
function cut(value: string): string {
  if (Buffer.byteLength(value) <= MAX_ANNOTATION_BYTES) return value;
  return new TextDecoder('utf-8')
    .decode(Buffer.from(value).subarray(0, MAX_ANNOTATION_BYTES))
    .replace(/\ufffd$/, '');
}

function annotationsOf({ annotations, failures }: Collected): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [key, values] of annotations) result[key] = values.join(', ');
  if (failures.length > 0) result[FAILURE_ANNOTATION] = goJson(failures.slice(0, MAX_FAILURES));
  return result;
}

/** JSON as Go's encoder writes it, which escapes what HTML and JavaScript could misread. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
