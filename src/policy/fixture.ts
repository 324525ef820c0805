/**
 * What the tests of this room are built from: documents written as YAML text, and a discovery that knows a handful of
 * kinds. Imported by tests alone.
 */
import { JSON_SCHEMA, loadAll } from 'js-yaml';
import type {
  Discovery,
  EquivalentResource,
  FieldSchema,
  Finding,
  JsonMap,
  Resource,
  ResourceInfo,
  Schemas,
} from '../model/index.ts';
import { type CompileOptions, compilePolicies } from './compile.ts';
import type { EvaluationContext } from './evaluate/context.ts';
import { createEvaluator, type EvaluatorOptions } from './evaluate/evaluator.ts';
import type { Follower } from './evaluate/follower.ts';
import type { PolicySet } from './load.ts';
import type { AdmissionRequest } from './request.ts';

/** Documents of a text as resources of a file; the first line of each is where its text begins. */
export function documents(text: string, file = 'policies.yaml'): Resource[] {
  return (loadAll(text, { schema: JSON_SCHEMA }) as JsonMap[]).map((object, document) =>
    resource(object, { file, document, line: 1, pointer: '' }),
  );
}

export function resource(object: JsonMap, origin: Resource['origin'] = ORIGIN): Resource {
  const metadata = (object['metadata'] ?? {}) as Record<string, string>;
  const generated = metadata['generateName'] === undefined ? '' : `${metadata['generateName']}*`;
  return {
    ref: {
      apiVersion: String(object['apiVersion']),
      kind: String(object['kind']),
      namespace: metadata['namespace'] ?? '',
      name: metadata['name'] ?? generated,
    },
    object,
    origin,
  };
}

const ORIGIN = { file: 'objects.yaml', document: 0, line: 1, pointer: '' };

export function policies(text: string, options: CompileOptions = {}): PolicySet {
  return compilePolicies(documents(text), options);
}

/** Details of a set's problems. */
export function problemsOf(text: string, options: CompileOptions = {}): string[] {
  return policies(text, options).problems.map(({ detail }) => detail);
}

const KINDS: readonly [
  group: string,
  version: string,
  kind: string,
  resource: string,
  namespaced: boolean,
][] = [
  ['', 'v1', 'Pod', 'pods', true],
  ['', 'v1', 'ConfigMap', 'configmaps', true],
  ['', 'v1', 'Namespace', 'namespaces', false],
  ['', 'v1', 'Node', 'nodes', false],
  ['', 'v1', 'ReplicationController', 'replicationcontrollers', true],
  ['apps', 'v1', 'Deployment', 'deployments', true],
  ['apps', 'v1beta1', 'Deployment', 'deployments', true],
  ['batch', 'v1', 'CronJob', 'cronjobs', true],
  ['batch', 'v1beta1', 'CronJob', 'cronjobs', true],
  ['admissionregistration.k8s.io', 'v1', 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies', false],
  ['authentication.k8s.io', 'v1', 'TokenReview', 'tokenreviews', false],
];

const INFOS: readonly ResourceInfo[] = KINDS.map(([group, version, kind, plural, namespaced]) => ({
  group,
  version,
  kind,
  resource: plural,
  namespaced,
  subresources: ['ephemeralcontainers', 'scale', 'status'],
  guessed: false,
}));

/** CronJobs have the same shape in both versions; Deployments do not. */
export const discovery: Discovery = {
  meant: () => undefined,
  minor: 37,
  ofKind: (apiVersion, kind, namespace = '') => {
    const known = INFOS.find((info) => info.kind === kind && apiVersionOf(info) === apiVersion);
    if (known !== undefined) return known;
    const [version = '', group = ''] = apiVersion.split('/').reverse();
    const guess = { group, version, kind, resource: `${kind.toLowerCase()}s`, subresources: [] };
    return { ...guess, namespaced: namespace !== '', guessed: true };
  },
  ofResource: (group, version, plural) =>
    INFOS.find((info) => info.group === group && info.version === version && info.resource === plural),
  equivalents: (of) =>
    INFOS.filter(
      (info) => info.group === of.group && info.resource === of.resource && info.version !== of.version,
    ).map((info): EquivalentResource => ({ ...info, sameShape: info.kind === 'CronJob' })),
};

function apiVersionOf({ group, version }: ResourceInfo): string {
  return group === '' ? version : `${group}/${version}`;
}

export function scan(
  set: PolicySet,
  object: JsonMap,
  context: Partial<EvaluationContext> = {},
  options: EvaluatorOptions = { passes: true, skips: true },
): readonly Finding[] {
  return createEvaluator(set, { discovery, ...context }, options).scan(resource(object));
}

/** A request to create a pod, unless told otherwise. */
export function request(of: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    operation: 'CREATE',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    subresource: '',
    name: 'web',
    namespace: 'shop',
    dryRun: false,
    options: null,
    object: pod(),
    oldObject: null,
    ref: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web' },
    ...of,
  };
}

export function pod(of: { metadata?: JsonMap; spec?: JsonMap } = {}): JsonMap {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', ...of.metadata },
    spec: { containers: [{ name: 'app', image: 'app:1' }], ...of.spec },
  };
}

/** A ValidatingAdmissionPolicy on pods; `spec` is YAML indented by two, over the default validation. */
export function vap(spec: string, rules = POD_RULES, name = 'p'): string {
  return `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${name}}
spec:
  matchConstraints:
    resourceRules: [${rules}]
${spec}
`;
}

export const POD_RULES = '{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: ["*"]}';

export function binding(spec: string, name = 'b', policyName = 'p'): string {
  return `---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: ${name}}
spec:
  policyName: ${policyName}
${spec}
`;
}

/** A MutatingAdmissionPolicy on pods; `spec` is YAML indented by two. */
export function mutating(spec: string, rules = CHANGES, name = 'm'): string {
  return `---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: ${name}}
spec:
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules: [${rules}]
${spec}
`;
}

export const CHANGES =
  '{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE, UPDATE]}';

export function mutatingBinding(spec = '', name = 'b', policyName = 'm'): string {
  return binding(spec, name, policyName).replace('Validating', 'Mutating');
}

export const DENY = '  validationActions: [Deny]';

/** A schema of named fields. */
function schema(
  type: FieldSchema['type'],
  of: Partial<FieldSchema> & { fields?: Record<string, FieldSchema> } = {},
): FieldSchema {
  const { fields = {}, ...rest } = of;
  return {
    type,
    fieldNames: Object.keys(fields).sort(),
    field: (name) => (type === 'map' ? rest.values : Object.hasOwn(fields, name) ? fields[name] : undefined),
    required: [],
    listMapKeys: [],
    atomic: false,
    open: false,
    ...rest,
  };
}

/** A few kinds, a few fields each. */
export const schemas: Schemas = {
  ofKind: (_apiVersion, kind) => (Object.hasOwn(SCHEMAS, kind) ? SCHEMAS[kind] : undefined),
};

const STRINGS = schema('map', { values: schema('string') });
const METADATA = schema('object', {
  name: 'ObjectMeta',
  fields: { name: schema('string'), namespace: schema('string'), labels: STRINGS, annotations: STRINGS },
});
const CONTAINER = schema('object', {
  name: 'Container',
  fields: { name: schema('string'), image: schema('string'), imagePullPolicy: schema('string') },
});
const POD_SPEC = schema('object', {
  name: 'PodSpec',
  fields: {
    hostNetwork: schema('boolean'),
    containers: schema('array', { items: CONTAINER, listType: 'map', listMapKeys: ['name'] }),
    ephemeralContainers: schema('array', { items: CONTAINER, listType: 'map', listMapKeys: ['name'] }),
    nodeSelector: STRINGS,
  },
});
const TEMPLATE = schema('object', { fields: { metadata: METADATA, spec: POD_SPEC } });
const WORKLOAD_SPEC = schema('object', { fields: { template: TEMPLATE } });
const JOB_TEMPLATE = schema('object', { fields: { metadata: METADATA, spec: WORKLOAD_SPEC } });

const SCHEMAS: Readonly<Record<string, FieldSchema>> = {
  Pod: kindOf('Pod', { spec: POD_SPEC }),
  ConfigMap: kindOf('ConfigMap', { data: STRINGS }),
  Deployment: kindOf('Deployment', { spec: WORKLOAD_SPEC }),
  CronJob: kindOf('CronJob', { spec: schema('object', { fields: { jobTemplate: JOB_TEMPLATE } }) }),
};

function kindOf(name: string, fields: Record<string, FieldSchema>): FieldSchema {
  const identity = { apiVersion: schema('string'), kind: schema('string'), metadata: METADATA };
  return schema('object', { name, fields: { ...identity, ...fields } });
}

/** Whoever waits for a verdict, and keeps nothing of what led to it. */
export const FOLLOWER: Follower = {
  unknown: 'error',
  passed: () => {},
  skipped: () => {},
  unfinished: () => {},
  annotated: () => {},
};
