/** Generates ValidatingAdmissionPolicies with bindings, and requests to them; the same for the same seed. */
import type { JsonMap } from '../../src/model/index.ts';
import { createRandom, type Random } from '../cel/generator/random.ts';
import { FAILING, HEAVY, isDeclared, PLAIN, type Pool } from './admission-expressions.ts';
import { apiVersionOf, KINDS, type ServedKind } from './admission-world.ts';

export interface Case {
  /** As its author wrote it: defaults left out now and then. */
  readonly policy: JsonMap;
  readonly bindings: readonly JsonMap[];
  readonly requests: readonly CaseRequest[];
}

export interface CaseRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
  readonly subresource: string;
  readonly name: string;
  readonly namespace: string;
  readonly object: JsonMap | null;
  readonly oldObject: JsonMap | null;
  readonly options: JsonMap | null;
  readonly dryRun: boolean;
  readonly userInfo: {
    readonly username: string;
    readonly uid?: string;
    readonly groups?: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
}

export function generateCases(seed: number, policies: number, requestsEach: number): Case[] {
  return Array.from({ length: policies }, (_, i) =>
    new Generator(createRandom(seed * 100_003 + i), i).case(requestsEach),
  );
}

const WORDS = ['a', 'b', 'c'];

class Generator {
  readonly #random: Random;
  readonly #focus: ServedKind;
  /** Costs matter in one of eight: those evaluations take long. */
  readonly #heavy: boolean;
  /** More fails in one of sixteen than the audit log is told of. */
  readonly #failing: boolean;
  readonly #pool: Pool;
  readonly #paramKind: ServedKind | null;

  constructor(random: Random, index: number) {
    this.#random = random;
    this.#focus = random.pick(random.chance(0.9) ? POLICED : KINDS);
    this.#heavy = index % 8 === 7;
    this.#failing = index % 16 === 5;
    this.#pool = this.#heavy ? HEAVY : this.#failing ? FAILING : PLAIN;
    this.#paramKind = random.chance(0.4) ? random.pick(PARAM_KINDS) : null;
  }

  case(requests: number): Case {
    const policy = this.#policy();
    const { name } = policy['metadata'] as { name: string };
    const bindings = this.#list(1, 3, (i) => this.#binding(`b-${i}`, name));
    return { policy, bindings, requests: this.#list(requests, requests, () => this.#request()) };
  }

  #list<T>(least: number, most: number, make: (index: number) => T): T[] {
    return Array.from({ length: least + this.#random.below(most - least + 1) }, (_, i) => make(i));
  }

  #maybe(probability: number, make: () => JsonMap): JsonMap {
    return this.#random.chance(probability) ? make() : {};
  }

  #policy(): JsonMap {
    const declared = new Set<string>();
    const usable = (text: string) => isDeclared(text, declared, this.#paramKind !== null);
    const variables: JsonMap[] = [];
    for (const [name, expression] of this.#pool.variables) {
      if (!usable(expression) || !this.#random.chance(0.6)) continue;
      variables.push({ name, expression });
      declared.add(name);
    }
    const from = (texts: readonly string[]) => {
      const choices = texts.filter(usable);
      return () => this.#random.pick(choices);
    };
    const condition = from(this.#pool.conditions.filter((text) => !text.includes('variables.')));
    const validation = from(this.#pool.validations);
    const message = from(this.#pool.messages);
    const annotation = from(this.#pool.annotations);
    const annotationOfParams = from(this.#pool.annotations.filter((text) => text.includes('params')));
    // A few messages alone rarely use up a budget, so evaluators may leave them out: not always.
    const messages = this.#heavy ? this.#random.pick([0.05, 0.5]) : 0.5;
    const [least, most] = this.#heavy ? [8, 24] : this.#failing ? [20, 30] : [1, 4];
    const validations = this.#list(least, most, () => ({
      expression: this.#random.chance(0.1) ? ` ${validation()} ` : validation(),
      ...this.#maybe(0.5, () => ({
        message: this.#random.pick(['plain', '  padded ', '<&>', '\u0085x\u0085']),
      })),
      ...this.#maybe(messages, () => ({ messageExpression: message() })),
      ...this.#maybe(0.4, () => ({
        reason: this.#random.pick(['Invalid', 'Forbidden', 'RequestEntityTooLarge']),
      })),
    }));
    return {
      apiVersion: this.#random.pick(VERSIONS),
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: this.#random.pick(['p', 'policy.example.com']) },
      spec: {
        matchConstraints: this.#match(true),
        ...this.#maybe(0.6, () => ({ failurePolicy: this.#random.pick(['Fail', 'Ignore']) })),
        ...(this.#paramKind === null
          ? {}
          : { paramKind: { apiVersion: apiVersionOf(this.#paramKind), kind: this.#paramKind.kind } }),
        ...this.#maybe(this.#heavy ? 0.7 : 0.4, () => ({
          matchConditions: this.#list(1, this.#heavy ? 6 : 3, (i) => ({
            name: `c${i}`,
            expression: condition(),
          })),
        })),
        ...(variables.length === 0 ? {} : { variables }),
        validations,
        ...this.#maybe(this.#heavy ? 0.7 : 0.4, () => ({
          auditAnnotations: this.#list(1, this.#heavy ? 16 : 3, (i) => ({
            key: `k${i}`,
            valueExpression:
              this.#paramKind !== null && !this.#heavy && this.#random.chance(0.5)
                ? annotationOfParams()
                : annotation(),
          })),
        })),
      },
    };
  }

  #binding(name: string, policyName: string): JsonMap {
    return {
      apiVersion: this.#random.pick(VERSIONS),
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: {
        policyName,
        validationActions: this.#failing ? ['Audit'] : this.#random.pick(ACTIONS),
        ...this.#maybe(0.4, () => ({ matchResources: this.#match(false) })),
        ...this.#maybe(this.#paramKind === null ? 0.05 : 0.85, () => ({ paramRef: this.#paramRef() })),
      },
    };
  }

  #paramRef(): JsonMap {
    const parameterNotFoundAction = this.#random.pick(['Allow', 'Deny']);
    const namespace = this.#maybe(0.3, () => ({ namespace: this.#random.pick(['shop', 'test', 'nowhere']) }));
    if (this.#random.chance(0.5)) {
      return {
        parameterNotFoundAction,
        ...namespace,
        name: this.#random.pick(['limits-a', 'limits-b', 'none']),
      };
    }
    const selector = this.#random.pick<JsonMap>([
      {},
      { matchLabels: { tier: 'gold' } },
      { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
      { matchExpressions: [{ key: 'tier', operator: 'In', values: ['silver', 'none'] }] },
      { matchLabels: { tier: 'none' } },
    ]);
    return { parameterNotFoundAction, ...namespace, selector };
  }

  #match(rulesRequired: boolean): JsonMap {
    const rules = (most: number) => this.#list(1, most, () => this.#rule());
    return {
      ...(rulesRequired || this.#random.chance(0.4) ? { resourceRules: rules(3) } : {}),
      ...this.#maybe(0.15, () => ({ excludeResourceRules: rules(2) })),
      ...this.#maybe(0.5, () => ({ matchPolicy: this.#random.pick(['Exact', 'Equivalent']) })),
      ...this.#maybe(0.3, () => ({ namespaceSelector: this.#selector(NAMESPACE_KEYS) })),
      ...this.#maybe(0.25, () => ({ objectSelector: this.#selector(OBJECT_KEYS) })),
    };
  }

  #selector(keys: LabelKeys): JsonMap {
    const key = this.#random.pick(Object.keys(keys));
    const value = () => this.#random.pick(keys[key]!);
    const operator = this.#random.pick(['In', 'NotIn', 'Exists', 'DoesNotExist']);
    const values = operator.endsWith('In') ? { values: this.#list(1, 2, value) } : {};
    return this.#random.pick<JsonMap>([
      {},
      { matchLabels: { [key]: value() } },
      { matchExpressions: [{ key, operator, ...values }] },
      { matchLabels: { [key]: value() }, matchExpressions: [{ key, operator, ...values }] },
    ]);
  }

  #rule(): JsonMap {
    const of = this.#random.chance(0.85) ? this.#focus : this.#random.pick(KINDS);
    const whole = of.subresource === '' ? of.resource : `${of.resource}/${of.subresource}`;
    const groups = this.#random.pick([[of.group], [of.group], ['*'], ['*'], ['apps', of.group], ['batch']]);
    return {
      apiGroups: [...new Set(groups)],
      apiVersions: this.#random.pick([[of.version], [of.version], ['*'], ['*'], ['v1'], ['v1beta1', 'v2']]),
      resources: this.#random.pick([
        [whole],
        [whole],
        [whole],
        ['*'],
        ['*/*'],
        [`${of.resource}/*`],
        ['*/status'],
        [of.resource, `${of.resource}/status`],
        ['pods', whole],
      ]),
      operations: this.#random.pick([
        ['*'],
        ['*'],
        ['*'],
        ['CREATE', 'UPDATE'],
        ['DELETE'],
        ['CREATE'],
        ['UPDATE', 'CONNECT'],
      ]),
      ...this.#maybe(0.3, () => ({ scope: this.#random.pick(['*', 'Namespaced', 'Cluster']) })),
      ...this.#maybe(0.15, () => ({ resourceNames: this.#random.pick([['a'], ['a', 'b'], ['zzz']]) })),
    };
  }

  #request(): CaseRequest {
    const of = this.#random.chance(0.7) ? this.#focus : this.#related();
    const operation = this.#random.pick([
      'CREATE',
      'CREATE',
      'UPDATE',
      'UPDATE',
      'DELETE',
      'CONNECT',
    ] as const);
    const isNamespace = of.group === '' && of.resource === 'namespaces';
    const named = this.#random.pick(WORDS);
    const name = isNamespace ? this.#random.pick([...NAMESPACE_NAMES, 'new']) : named;
    const within = this.#random.chance(0.04) ? 'gone' : this.#random.pick(NAMESPACE_NAMES);
    const namespace = of.namespaced ? within : isNamespace ? name : '';
    const generated = operation === 'CREATE' && !isNamespace && this.#random.chance(0.1);
    const hasOld = operation === 'UPDATE' || operation === 'DELETE';
    const object = () => this.#object(of, generated ? '' : name, of.namespaced ? namespace : '');
    return {
      operation,
      kind: { group: of.kindGroup, version: of.kindVersion, kind: of.kind },
      resource: { group: of.group, version: of.version, resource: of.resource },
      subresource: of.subresource,
      name: generated ? '' : name,
      namespace,
      object: operation === 'DELETE' ? null : object(),
      oldObject: hasOld ? object() : null,
      options: this.#options(operation),
      dryRun: this.#random.chance(0.3),
      userInfo: this.#random.pick(USERS),
    };
  }

  /** Other versions and parts of what the policy is about, or anything. */
  #related(): ServedKind {
    const same = KINDS.filter(
      ({ group, resource }) => group === this.#focus.group && resource === this.#focus.resource,
    );
    return this.#random.pick(this.#random.chance(0.6) ? same : KINDS);
  }

  #object(of: ServedKind, name: string, namespace: string): JsonMap {
    const apiVersion = apiVersionOf({ group: of.kindGroup, version: of.kindVersion });
    const isNamespace = of.group === '' && of.resource === 'namespaces';
    // The API server gives every namespace this label before any policy sees it.
    const own: Record<string, string> = isNamespace ? { 'kubernetes.io/metadata.name': name } : {};
    const keys: LabelKeys = isNamespace ? NAMESPACE_KEYS : OBJECT_KEYS;
    for (const key of Object.keys(keys)) {
      if (key !== 'kubernetes.io/metadata.name' && this.#random.chance(0.5))
        own[key] = this.#random.pick(keys[key]!);
    }
    const metadata = {
      ...(name === '' ? { generateName: 'a-' } : { name }),
      ...(namespace === '' ? {} : { namespace }),
      ...(Object.keys(own).length === 0 ? {} : { labels: own }),
    };
    const spec = {
      ...this.#maybe(0.8, () => ({ replicas: this.#random.below(6) })),
      ...this.#maybe(0.6, () => ({ image: this.#random.pick(['good/app', 'bad/app', 'good/App']) })),
      ...this.#maybe(0.6, () => ({ list: this.#list(0, 4, () => this.#random.below(5)) })),
      ...this.#maybe(0.4, () => ({ memory: this.#random.pick(['512Mi', '2Gi', 'plenty']) })),
      ...this.#maybe(0.3, () => ({ ratio: Object(this.#random.pick([1, 1.5])) as number })),
      ...this.#maybe(0.3, () => ({ nothing: null })),
      ...(this.#heavy && this.#random.chance(0.7)
        ? { long: 'x'.repeat(6000 + this.#random.below(3000)) }
        : {}),
    };
    return { apiVersion, kind: of.kind, metadata, ...(this.#random.chance(0.95) ? { spec } : {}) };
  }

  #options(operation: CaseRequest['operation']): JsonMap | null {
    const kind = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions', CONNECT: '' }[
      operation
    ];
    if (kind === '' || this.#random.chance(0.3)) return null;
    return {
      kind,
      apiVersion: 'meta.k8s.io/v1',
      ...this.#maybe(0.3, () => ({ dryRun: ['All'] })),
      ...(kind === 'DeleteOptions' ? {} : this.#maybe(0.5, () => ({ fieldManager: 'kubectl' }))),
    };
  }
}

/** No policy is ever asked about the others. */
const POLICED = KINDS.filter(({ group }) => !/^a(dmission|uth)/.test(group));

const PARAM_KINDS = KINDS.filter(
  ({ kind, version, subresource }) =>
    ['ConfigMap', 'Widget', 'Gadget'].includes(kind) && version === 'v1' && subresource === '',
);

const VERSIONS = ['admissionregistration.k8s.io/v1', 'admissionregistration.k8s.io/v1beta1'];

const ACTIONS = [
  ['Deny'],
  ['Deny'],
  ['Warn'],
  ['Audit'],
  ['Deny', 'Audit'],
  ['Audit', 'Deny'],
  ['Warn', 'Audit'],
];

const NAMESPACE_NAMES = ['shop', 'test', 'bare'];
type LabelKeys = Readonly<Record<string, readonly string[]>>;
const NAMESPACE_KEYS: LabelKeys = {
  env: ['prod', 'test'],
  team: ['x', 'y'],
  'kubernetes.io/metadata.name': NAMESPACE_NAMES,
};
const OBJECT_KEYS: LabelKeys = { app: ['web', 'db'], tier: ['gold', 'silver'] };

const USERS: readonly CaseRequest['userInfo'][] = [
  { username: 'alice', groups: ['dev', 'ops'], uid: '1' },
  { username: 'bob', groups: ['dev'], extra: { scopes: ['x', 'y'] } },
  { username: 'carol' },
];

/** All namespaces there are. */
export const NAMESPACES: readonly JsonMap[] = [
  namespace('shop', { env: 'prod' }, { annotations: { owner: 'x' }, generateName: 's' }),
  namespace(
    'test',
    { env: 'test', team: 'x' },
    { creationTimestamp: '2024-05-01T10:00:00Z', resourceVersion: '7' },
  ),
  namespace('bare', {}, {}),
];

function namespace(name: string, labels: JsonMap, metadata: JsonMap): JsonMap {
  const phase = name === 'bare' ? {} : { phase: 'Active' };
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { ...labels, 'kubernetes.io/metadata.name': name }, ...metadata },
    spec: name === 'bare' ? {} : { finalizers: ['kubernetes'] },
    status: phase,
  };
}

/** Objects that bindings may choose as parameters. */
export const PARAMS: readonly JsonMap[] = PARAM_KINDS.flatMap((of) =>
  (of.namespaced ? ['shop', 'test'] : ['']).flatMap((within, i) =>
    ['limits-a', 'limits-b', 'limits-c'].map((name, j) => ({
      apiVersion: apiVersionOf(of),
      kind: of.kind,
      metadata: {
        name,
        ...(within === '' ? {} : { namespace: within }),
        ...(j === 2 ? {} : { labels: { tier: ['gold', 'silver'][(i + j) % 2]! } }),
      },
      ...(j === 1 && i === 1 ? {} : { data: { max: String(2 + i + j) } }),
    })),
  ),
);

/** What the authorizer says; no opinion on anything else. */
export const ANSWERS: Readonly<
  Record<string, { decision: 'allow' | 'deny' | ''; reason?: string; error?: string }>
> = {
  'alice get /healthz': { decision: 'allow' },
  'bob get /healthz': { decision: 'deny', reason: 'no' },
  'alice list /pods/ shop/': { decision: 'allow', reason: 'because' },
  'bob list /pods/ shop/': { decision: '', reason: 'because' },
  'alice update apps/deployments/scale /a': { decision: 'allow', error: 'broken' },
  'bob update apps/deployments/scale /a': { decision: '', error: 'broken' },
  'alice approve example.com/widgets/ shop/a': { decision: 'allow' },
  'carol approve /pods/ test/b': { decision: 'allow' },
  'alice approve /namespaces/ shop/shop': { decision: 'allow' },
  'system:serviceaccount:shop:robot get /healthz': { decision: 'allow' },
};
