/** A gate over policies that enforce, by itself or with threads; and reviews to ask it with. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { denying } from '../../src/app/admission/deciding.ts';
import { createElsewhere, type Elsewhere, type ElsewhereOptions } from '../../src/app/admission/elsewhere.ts';
import { parseBody } from '../../src/app/admission/parse.ts';
import type { SlowSetup } from '../../src/app/admission/slow.ts';
import {
  type AdmissionGate,
  type AdmissionGateOptions,
  createAdmissionGate,
  createTally,
  type GateReply,
} from '../../src/gates/index.ts';
import type { JsonMap, StageEntry } from '../../src/model/index.ts';
import { pod, policies, vap } from '../../src/policy/fixture.ts';
import {
  createEvaluator,
  type EvaluationContext,
  type EvaluatorOptions,
  type PolicySet,
} from '../../src/policy/index.ts';
import { createDiscovery, createSchemas } from '../../src/sources/index.ts';
import { admissionReview, type ReviewRequest } from './review.ts';

export const SETUP: SlowSetup = {
  minor: 37,
  definitions: [],
  podPaths: [],
  defaults: false,
  defaultNamespace: 'default',
};

/** What a thread is told from the start, and knows by itself. */
export const CONTEXT: EvaluationContext = { discovery: createDiscovery(37), schemas: createSchemas(37) };

const ENFORCED: readonly StageEntry[] = [{ stage: 'enforce' }];

type GateOver = Partial<AdmissionGateOptions> &
  Pick<AdmissionGateOptions, 'elsewhere' | 'now'> & {
    readonly context?: EvaluationContext;
    readonly evaluator?: EvaluatorOptions;
  };

/** All of the policies enforce, everywhere, without exemptions. */
export function gateOver(
  set: PolicySet,
  { context = CONTEXT, evaluator, ...options }: GateOver,
): AdmissionGate {
  return createAdmissionGate({
    snapshot: {
      digest: 'sha256:00',
      policies: set.policies,
      evaluator: createEvaluator(set, context, evaluator),
      stages: Object.fromEntries(set.policies.map(({ id }) => [id, ENFORCED])),
      tiers: { default: 'high', namespaces: {} },
      exemptions: [],
      observed: new Set(),
      digests: new Map(),
    },
    tally: createTally(),
    parse: parseBody,
    namespaceLabels: () => ({}),
    record: () => {},
    ...options,
  });
}

export interface Made {
  readonly gate: AdmissionGate;
  readonly elsewhere: Elsewhere;
}

export interface MadeOf extends Partial<ElsewhereOptions> {
  readonly holdMs?: number;
  readonly askFor?: AdmissionGateOptions['askFor'];
}

export function make(t: TestContext, text: string, { holdMs, askFor, ...options }: MadeOf = {}): Made {
  const compiled = policies(text);
  assert.deepEqual(compiled.problems, []);
  const set = { ...compiled, policies: compiled.policies.map(denying) };
  const context = options.context ?? CONTEXT;
  const elsewhere = createElsewhere({ set, setup: SETUP, context, askFor, now: Date.now, ...options });
  t.after(() => elsewhere.drain());
  const gate = gateOver(set, {
    context,
    evaluator: { quarantined: elsewhere.quarantineOf },
    elsewhere,
    now: Date.now,
    ...(holdMs === undefined ? {} : { holdMs }),
    ...(askFor === undefined ? {} : { askFor }),
  });
  return { gate, elsewhere };
}

/** A review about an object, which may be given as text. */
export function bodyOf(object: JsonMap | string, of: ReviewRequest = {}): Buffer {
  const review = admissionReview({ ...of, object: 0 });
  const text = typeof object === 'string' ? object : JSON.stringify(object);
  return Buffer.from(JSON.stringify(review).replace('"object":0', `"object":${text}`));
}

export async function ask(
  { gate }: Pick<Made, 'gate'>,
  body: Buffer,
  kind: 'validate' | 'mutate' = 'validate',
): Promise<GateReply> {
  const job = gate.accept(kind, body);
  return 'run' in job ? await job.run() : job;
}

export interface Response {
  readonly allowed: boolean;
  readonly status?: { readonly message: string };
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
  /** JSON Patch in base64. */
  readonly patch?: string;
}

export function responseOf({ status, body }: GateReply): Response {
  assert.equal(status, 200, body);
  return JSON.parse(body).response;
}

export const policy = (name: string, expression: string, more = ''): string =>
  `---${vap(`${more}  validations: [{expression: '${expression}', message: no}]`, undefined, name)}`;

/** A native policy on pods; `spec` is YAML indented by two. */
export const native = (name: string, spec: string): string => `
apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: ${name}}
spec:
  title: t
  severity: low
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: ["*"]}]
${spec}
`;

/** A policy of Kyverno's on pods that are made; `spec` is YAML indented by two. */
export const kyverno = (spec: string): string => `
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: kyverno}
spec:
  validationActions: [Deny]
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE]}]
${spec}
`;

export const tree = (depth: number): JsonMap =>
  Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`k${i}`, depth === 0 ? i : tree(depth - 1)]));

/** Legal, within the cost that an expression may have, and minutes long. Of {@link worstObject}. */
export const WORST = 'object.spec.list.all(x, object.spec.list.all(y, object.spec.tree == object.spec.copy))';

/** True, after a tenth of a second or more: longer than a request may hold the thread. Of {@link slowObject}. */
export const SLOW = 'object.spec.list.all(x, object.spec.tree == object.spec.copy)';

/** 3 MiB, as much as the API server takes. */
export function worstObject(metadata: JsonMap = {}): JsonMap {
  const spec = {
    containers: [{ name: 'app', image: 'a' }],
    list: Array.from({ length: 10_000 }, (_, i) => i),
    tree: tree(4),
    copy: tree(4),
  };
  const left = 3 * 2 ** 20 - JSON.stringify(spec).length - 1_000;
  return pod({ metadata, spec: { ...spec, text: 'a'.repeat(left) } });
}

export function slowObject(metadata: JsonMap = {}): JsonMap {
  const list = Array.from({ length: 1_500 }, (_, i) => i);
  const containers = [{ name: 'app', image: 'a' }];
  return pod({ metadata, spec: { containers, list, tree: tree(2), copy: tree(2) } });
}
