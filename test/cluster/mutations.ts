/**
 * Generates MutatingAdmissionPolicies over ConfigMaps, Deployments and a custom kind that has every sort of list and
 * map, with objects for them; the same for the same seed.
 */
import type { JsonMap } from '../../src/model/index.ts';
import { createRandom, type Random } from '../cel/generator/random.ts';

export interface MutationCase {
  readonly name: string;
  readonly kind: KindName;
  /** One, or several that are asked again when others changed the object. */
  readonly policies: readonly JsonMap[];
  readonly bindings: readonly JsonMap[];
  /** Each carries the label that the policies select. */
  readonly objects: readonly JsonMap[];
}

export type KindName = 'ConfigMap' | 'Deployment' | 'Thing';

const API = 'admissionregistration.k8s.io/v1';

const text = { type: 'string' };

/** In the words of apiextensions.k8s.io. */
const THING_SPEC = {
  type: 'object',
  properties: {
    name: text,
    count: { type: 'integer' },
    ratio: { type: 'number' },
    on: { type: 'boolean' },
    size: { 'x-kubernetes-int-or-string': true },
    labels: { type: 'object', additionalProperties: text },
    selector: { type: 'object', additionalProperties: text, 'x-kubernetes-map-type': 'atomic' },
    ref: { type: 'object', properties: { a: text, b: text }, 'x-kubernetes-map-type': 'atomic' },
    args: { type: 'array', items: text },
    tags: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
    ports: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      items: {
        type: 'object',
        required: ['port'],
        properties: { port: { type: 'integer' }, protocol: { ...text, default: 'TCP' }, name: text },
      },
    },
    parts: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        required: ['name'],
        properties: {
          name: text,
          value: text,
          inner: { type: 'object', properties: { x: text, y: { type: 'integer' } } },
          tags: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
        },
      },
    },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    deep: {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: { known: { type: 'object', properties: { a: text } } },
    },
  },
};

export const THING_DEFINITION: JsonMap = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Thing', plural: 'things', singular: 'thing', listKind: 'ThingList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: THING_SPEC } } },
      },
    ],
  },
};

export const KINDS: Readonly<
  Record<KindName, { readonly group: string; readonly resource: string; readonly path: string }>
> = {
  ConfigMap: { group: '', resource: 'configmaps', path: '/api/v1/namespaces/default/configmaps' },
  Deployment: {
    group: 'apps',
    resource: 'deployments',
    path: '/apis/apps/v1/namespaces/default/deployments',
  },
  Thing: {
    group: 'example.com',
    resource: 'things',
    path: '/apis/example.com/v1/namespaces/default/things',
  },
};

type Expressions = readonly string[];

const LABEL = (letter: string) =>
  `Object{metadata: Object.metadata{labels: {'seen': object.metadata.?labels.?seen.orValue('') + '${letter}'}}}`;

const ANY_APPLY: Expressions = [
  'Object{}',
  LABEL('a'),
  LABEL('b'),
  "Object{metadata: Object.metadata{annotations: {'a': object.metadata.name, 'b': request.operation}}}",
  'Object{metadata: Object.metadata{annotations: object.metadata.labels}}',
  'Object{metadata: Object.metadata{labels: object.metadata.nowhere}}',
  "Object{metadata: Object.metadata{lables: {'a': 'b'}}}",
  "Object{metadata: Object.metadata{labels: {'a': dyn(1)}}}",
  "Object{metadata: Object.wrong{labels: {'a': 'b'}}}",
  "Object{metadata: Object.metadata{finalizers: ['example.com/b', 'example.com/a']}}",
  "Object{metadata: Object.metadata{labels: {'v': variables.first}}}",
  'Object{?metadata: optional.none()}',
  "Object{metadata: Object.metadata{labels: {'a': 1 / (size(object.metadata.name) - size(object.metadata.name)) == 0 ? 'x' : 'y'}}}",
];

const ANY_PATCH: Expressions = [
  '[]',
  "[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('example.com/a'), value: 'x'}]",
  "[JSONPatch{op: 'replace', path: '/metadata/labels/new', value: 'x'}]",
  "[JSONPatch{op: 'add', path: '/metadata/annotations', value: {'a': 'b'}}]",
  "[JSONPatch{op: 'add', path: '/metadata/annotations/x', value: 'y'}]",
  "[JSONPatch{op: 'remove', path: '/metadata/labels/team'}]",
  "[JSONPatch{op: 'remove', path: '/metadata/labels/nowhere'}]",
  "[JSONPatch{op: 'test', path: '/metadata/labels/team', value: 'a'}, JSONPatch{op: 'add', path: '/metadata/labels/ok', value: 'y'}]",
  "[JSONPatch{op: 'copy', from: '/metadata/labels/policy', path: '/metadata/labels/copied'}]",
  "[JSONPatch{op: 'move', from: '/metadata/labels/team', path: '/metadata/labels/moved'}]",
  "[JSONPatch{op: 'add', path: '/metadata/labels/n', value: 1}]",
  "[JSONPatch{op: 'add', path: '/nowhere', value: 'x'}]",
  "[JSONPatch{op: 'merge', path: '/metadata/labels', value: {}}]",
  "[JSONPatch{op: 'add', value: 1}]",
  "[JSONPatch{op: 'add', path: '/metadata/labels', value: Object.metadata.labels{a: 'b', policy: object.metadata.labels.policy}}]",
  "[JSONPatch{op: 'add', path: '/metadata/labels/x', value: Object.a{b: Object.c{}}}]",
];

const APPLY: Readonly<Record<KindName, Expressions>> = {
  ConfigMap: [
    "Object{data: {'a': 'b', 'kind': object.data.kind + '!'}}",
    "Object{data: Object.data{kind: 'z'}}",
    'Object{immutable: size(object.data) > 2}',
    "Object{data: {'a': 1}}",
    "Object{dada: {'a': 'b'}}",
    "Object{data: ['a']}",
    "Object{immutable: 'yes'}",
    "Object{data: variables.keys.size() > 1 ? {'many': 'x'} : {'few': 'x'}}",
  ],
  Deployment: [
    'Object{spec: Object.spec{replicas: object.spec.replicas + 1}}',
    "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: 'added', image: 'added:1'}]}}}}",
    "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: object.spec.template.spec.containers.map(c, Object.spec.template.spec.containers{name: c.name, imagePullPolicy: 'Always', securityContext: Object.spec.template.spec.containers.securityContext{runAsNonRoot: true}})}}}}",
    "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: object.spec.template.spec.containers.map(c, Object.spec.template.spec.containers{name: c.name, env: [Object.spec.template.spec.containers.env{name: 'A', value: 'changed'}, Object.spec.template.spec.containers.env{name: 'NEW', value: c.name}]})}}}}",
    "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: object.spec.template.spec.containers.map(c, Object.spec.template.spec.containers{name: c.name, ports: [Object.spec.template.spec.containers.ports{containerPort: 80, name: 'web'}]})}}}}",
    "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: object.spec.template.spec.containers.map(c, Object.spec.template.spec.containers{name: c.name, resources: Object.spec.template.spec.containers.resources{limits: {'cpu': '1'}}})}}}}",
    "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: 'c0', args: ['x']}]}}}}",
    "Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {'a': 'b'}}}}",
    "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [{'name': 'x'}]}}}}",
    "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{tolerations: [Object.spec.template.spec.tolerations{key: 'a'}]}}}}",
    "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{nodeSelector: {'a': 'b'}, hostNetwork: true}}}}",
    "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{volumes: [Object.spec.template.spec.volumes{name: 'v', emptyDir: Object.spec.template.spec.volumes.emptyDir{}}]}}}}",
    "Object{spec: Object.spec{strategy: Object.spec.strategy{rollingUpdate: Object.spec.strategy.rollingUpdate{maxSurge: 2, maxUnavailable: '10%'}}}}",
    "Object{spec: Object.spec{replicas: 'many'}}",
    "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{topologySpreadConstraints: [Object.spec.template.spec.topologySpreadConstraints{topologyKey: 'zone', maxSkew: 1}]}}}}",
    'Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: object.spec.template.spec.containers}}}}',
  ],
  Thing: [
    'Object{spec: Object.spec{count: 5, on: true, ratio: 1.5}}',
    "Object{spec: Object.spec{size: '10%'}}",
    "Object{spec: Object.spec{labels: {'b': 'changed', 'c': 'new'}}}",
    "Object{spec: Object.spec{selector: {'a': 'b'}}}",
    "Object{spec: Object.spec{ref: Object.spec.ref{a: 'x'}}}",
    "Object{spec: Object.spec{args: ['x']}}",
    "Object{spec: Object.spec{tags: ['c', 'a', 'x']}}",
    "Object{spec: Object.spec{tags: ['b', 'b']}}",
    "Object{spec: Object.spec{tags: ['d', 'c', 'b', 'a']}}",
    "Object{spec: Object.spec{ports: [Object.spec.ports{port: 80, name: 'web'}, Object.spec.ports{port: 80, protocol: 'UDP', name: 'udp'}]}}",
    "Object{spec: Object.spec{parts: [Object.spec.parts{name: 'b', value: 'changed', inner: Object.spec.parts.inner{y: 2}}]}}",
    "Object{spec: Object.spec{parts: [Object.spec.parts{name: 'd'}, Object.spec.parts{name: 'c', tags: ['t2', 't1']}, Object.spec.parts{name: 'a'}]}}",
    "Object{spec: Object.spec{parts: [Object.spec.parts{value: 'x'}]}}",
    "Object{spec: Object.spec{parts: [{'name': 'x'}]}}",
    'Object{spec: Object.spec{free: Object.spec.free{a: Object.spec.free.a{b: 1}, list: [1, 2]}}}',
    "Object{spec: Object.spec{deep: Object.spec.deep{other: 'x', known: Object.spec.deep.known{a: 'b', z: 'y'}}}}",
    "Object{spec: Object.spec{count: 'x'}}",
    'Object{spec: Object.spec{name: 1}}',
    "Object{spec: Object.spec{on: 'yes'}}",
    "Object{spec: Object.spec{nmae: 'x'}}",
    "Object{spec: Object.spec{labels: ['x']}}",
    "Object{spec: Object.spec{parts: 'x'}}",
    'Object{spec: Object.spec{parts: object.spec.parts}}',
    "Object{spec: Object.spec{labels: {'n': string(object.spec.parts.size())}}}",
    'Object{spec: Object.spec{count: object.spec.count + 1}}',
  ],
};

const PATCH: Readonly<Record<KindName, Expressions>> = {
  ConfigMap: [
    "[JSONPatch{op: 'add', path: '/data/a', value: 'b'}]",
    "[JSONPatch{op: 'add', path: '/data/a', value: 1}]",
    "[JSONPatch{op: 'remove', path: '/data/kind'}]",
    "[JSONPatch{op: 'replace', path: '/data', value: {'only': 'this'}}]",
    "object.data.map(k, JSONPatch{op: 'replace', path: '/data/' + jsonpatch.escapeKey(k), value: object.data[k] + '!'})",
    "[JSONPatch{op: 'add', path: '/data/a', value: dyn(null)}]",
    "[JSONPatch{op: 'add', path: '/immutable', value: true}]",
  ],
  Deployment: [
    "[JSONPatch{op: 'replace', path: '/spec/replicas', value: object.spec.replicas + 1}]",
    "[JSONPatch{op: 'add', path: '/spec/template/spec/containers/-', value: Object.spec.template.spec.containers{name: 'added', image: 'added:1'}}]",
    "[JSONPatch{op: 'add', path: '/spec/template/spec/containers/0/args', value: ['x', 'y']}]",
    "[JSONPatch{op: 'add', path: '/spec/template/spec/containers/0/resources/limits', value: {'cpu': '1'}}]",
    "[JSONPatch{op: 'remove', path: '/spec/template/spec/containers/-1'}]",
    "[JSONPatch{op: 'remove', path: '/spec/template/spec/containers/9'}]",
    "[JSONPatch{op: 'add', path: '/spec/template/spec/containers/x', value: {}}]",
    "[JSONPatch{op: 'add', path: '/spec/template/metadata/annotations', value: {'a': 'b'}}]",
    "[JSONPatch{op: 'add', path: '/spec/template/spec/nowhere', value: 1}]",
    "[JSONPatch{op: 'add', path: '/spec/replicas', value: 'many'}]",
    "[JSONPatch{op: 'add', path: '/spec/template/spec/terminationGracePeriodSeconds', value: 5.0}]",
    "[JSONPatch{op: 'test', path: '/spec/replicas', value: 2}, JSONPatch{op: 'replace', path: '/spec/replicas', value: 7}]",
    "[JSONPatch{op: 'test', path: '/spec/template/spec/containers/0/image', value: 'nowhere'}, JSONPatch{op: 'remove', path: '/spec'}]",
  ],
  Thing: [
    "[JSONPatch{op: 'add', path: '/spec/count', value: 7}]",
    "[JSONPatch{op: 'add', path: '/spec/args', value: ['x']}]",
    "[JSONPatch{op: 'add', path: '/spec/tags/0', value: 'first'}]",
    "[JSONPatch{op: 'add', path: '/spec/tags/-', value: 'last'}]",
    "[JSONPatch{op: 'remove', path: '/spec/parts/0'}]",
    "[JSONPatch{op: 'move', from: '/spec/labels', path: '/spec/free'}]",
    "[JSONPatch{op: 'add', path: '/spec/ratio', value: 0.25}]",
    "[JSONPatch{op: 'add', path: '/spec/free', value: {'a': dyn([1, 2]), 'b': dyn({'c': null})}}]",
    "[JSONPatch{op: 'add', path: '/spec/count', value: 'x'}]",
    "[JSONPatch{op: 'remove', path: '/kind'}]",
    "[JSONPatch{op: 'replace', path: '', value: [1]}]",
    "[JSONPatch{op: 'test', path: '/spec/count', value: 1.0}, JSONPatch{op: 'add', path: '/spec/count', value: 100}]",
    "[JSONPatch{op: 'add', path: '/spec/free', value: {'t': duration('1h'), 'u': timestamp('2024-01-01T00:00:00Z')}}]",
    "[JSONPatch{op: 'add', path: '/spec/free', value: quantity('1Gi')}]",
  ],
};

const CONDITIONS = [
  'has(object.metadata.labels.team)',
  "object.metadata.labels.team != 'b'",
  "request.operation == 'CREATE'",
];

export function generateMutationCases(seed: number, count: number, objectsEach: number): MutationCase[] {
  const kinds: readonly KindName[] = ['ConfigMap', 'Deployment', 'Thing'];
  return Array.from({ length: count }, (_, i) => {
    const random = createRandom(seed * 1_000_003 + i);
    const kind = kinds[i % kinds.length]!;
    const name = `m${i}`;
    // Several policies are taken in any order: they may only do what comes to the same.
    const several = random.chance(0.15);
    const policies = several
      ? commuting(name, kind)
      : [policyOf(name, name, kind, mutations(kind, random), random)];
    return {
      name,
      kind,
      policies,
      bindings: policies.map(bindingOf),
      objects: Array.from({ length: objectsEach }, (_, j) => object(kind, `o${j}`, name, random)),
    };
  });
}

function mutations(kind: KindName, random: Random): JsonMap[] {
  return Array.from({ length: 1 + random.below(3) }, () => {
    const own = random.chance(0.7);
    return random.chance(0.6)
      ? applied(random.pick(own ? APPLY[kind] : ANY_APPLY))
      : patched(random.pick(own ? PATCH[kind] : ANY_PATCH));
  });
}

function applied(expression: string): JsonMap {
  return { patchType: 'ApplyConfiguration', applyConfiguration: { expression } };
}

function patched(expression: string): JsonMap {
  return { patchType: 'JSONPatch', jsonPatch: { expression } };
}

/** One counts how often it is asked, the other changes something else. */
function commuting(name: string, kind: KindName): JsonMap[] {
  const make = (id: string, letter: string, reinvocationPolicy: string) =>
    policy(id, name, kind, {
      reinvocationPolicy,
      failurePolicy: 'Fail',
      mutations: [
        applied(
          `Object{metadata: Object.metadata{annotations: {'${letter}': object.metadata.?annotations.?${letter}.orValue('') + 'x'}}}`,
        ),
      ],
    });
  return [make(`${name}-a`, 'a', 'IfNeeded'), make(`${name}-b`, 'b', 'Never')];
}

function policyOf(
  id: string,
  selected: string,
  kind: KindName,
  mutations: readonly JsonMap[],
  random: Random,
): JsonMap {
  const conditions = random.chance(0.2) ? [{ name: 'c', expression: random.pick(CONDITIONS) }] : [];
  return policy(id, selected, kind, {
    failurePolicy: random.pick(['Fail', 'Fail', 'Ignore']),
    reinvocationPolicy: random.pick(['Never', 'Never', 'IfNeeded']),
    ...(conditions.length === 0 ? {} : { matchConditions: conditions }),
    variables: [
      { name: 'first', expression: "object.metadata.labels['team']" },
      { name: 'keys', expression: 'object.?data.orValue({}).map(k, k)' },
    ],
    mutations,
  });
}

function policy(id: string, selected: string, kind: KindName, spec: JsonMap): JsonMap {
  const { group, resource } = KINDS[kind];
  return {
    apiVersion: API,
    kind: 'MutatingAdmissionPolicy',
    metadata: { name: id },
    spec: {
      matchConstraints: {
        objectSelector: { matchLabels: { policy: selected } },
        resourceRules: [
          {
            apiGroups: [group],
            apiVersions: ['v1'],
            resources: [resource],
            operations: ['CREATE', 'UPDATE'],
          },
        ],
      },
      ...spec,
    },
  };
}

function bindingOf(policy: JsonMap): JsonMap {
  const { name } = policy['metadata'] as { name: string };
  return {
    apiVersion: API,
    kind: 'MutatingAdmissionPolicyBinding',
    metadata: { name: `b-${name}` },
    spec: { policyName: name },
  };
}

/** Effective once a label appears on an object of the kind: tells that everything installed before acts as well. */
export function marker(kind: KindName): Pick<MutationCase, 'policies' | 'bindings'> {
  const name = `marker-${kind.toLowerCase()}`;
  const policies = [
    policy(name, 'marker', kind, { reinvocationPolicy: 'Never', mutations: [applied(LABEL('marker'))] }),
  ];
  return { policies, bindings: policies.map(bindingOf) };
}

export function object(kind: KindName, name: string, selected: string, random: Random): JsonMap {
  const metadata = {
    name,
    namespace: 'default',
    labels: { policy: selected, ...(random.chance(0.6) ? { team: random.pick(['a', 'b']) } : {}) },
    ...(random.chance(0.3) ? { annotations: { x: '1' } } : {}),
  };
  const some = <T>(items: readonly T[]) => items.filter(() => random.chance(0.6));
  switch (kind) {
    case 'ConfigMap':
      return {
        apiVersion: 'v1',
        kind,
        metadata,
        ...(random.chance(0.8)
          ? {
              data: Object.fromEntries([
                ['kind', 'x'],
                ...some([
                  ['a.b', 'y'],
                  ['c', 'z'],
                ]),
              ]),
            }
          : {}),
      };
    case 'Deployment':
      return { apiVersion: 'apps/v1', kind, metadata, spec: deployment(random) };
    default:
      return { apiVersion: 'example.com/v1', kind, metadata, spec: thing(random) };
  }
}

function deployment(random: Random): JsonMap {
  const labels = { app: 'web' };
  const containers = Array.from({ length: 1 + random.below(3) }, (_, i) => ({
    name: `c${i}`,
    image: `image:${i}`,
    ...(random.chance(0.5)
      ? {
          env: [
            { name: 'A', value: '1' },
            { name: 'B', value: '2' },
          ],
        }
      : {}),
    ...(random.chance(0.5) ? { ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }] } : {}),
    ...(random.chance(0.3) ? { resources: { limits: { memory: '1Gi' } }, args: ['a'] } : {}),
  }));
  return {
    ...(random.chance(0.5) ? { replicas: 2 } : {}),
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers } },
  };
}

function thing(random: Random): JsonMap {
  const some = <T>(items: readonly T[]) => items.filter(() => random.chance(0.7));
  const all = {
    count: 1,
    name: 'x',
    labels: { a: '1', b: '2' },
    selector: { s: '1' },
    args: ['a', 'b'],
    tags: some(['a', 'b', 'c']),
    ports: [{ port: 80 }, { port: 80, protocol: 'UDP' }],
    parts: some([
      { name: 'a', value: '1', tags: ['t1'] },
      { name: 'b', inner: { x: '1' } },
      { name: 'c', tags: ['t1', 't3'] },
    ]),
    free: { a: { c: 2 }, list: [3] },
    deep: { known: { a: 'x' }, more: { y: 1 } },
    size: 5,
  };
  return Object.fromEntries(some(Object.entries(all)));
}
