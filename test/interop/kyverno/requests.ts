/** Requests about objects of many shapes; the same for the same seed. */

import type { AdmissionRequest, UserInfo } from '../../../src/policy/index.ts';
import { createRandom, type Random } from '../../cel/generator/random.ts';
import { type JsonMap, metadataOf } from './resources.ts';
import { CLUSTER, KINDS, NAMESPACE_NAMES, type ServedKind } from './world.ts';

/** @param kinds names of kinds that the policy has something to do with; others come now and then */
export function generateRequests(seed: number, kinds: readonly string[], count: number): AdmissionRequest[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, i) => requestOf(random, kindFor(random, kinds), `o${i}`));
}

function kindFor(random: Random, kinds: readonly string[]): ServedKind {
  if (random.chance(0.1)) return random.pick(KINDS);
  const kind = random.pick(kinds);
  const known = KINDS.find((of) => of.kind === kind);
  if (known === undefined) throw new Error(`${kind} is none of the kinds`);
  return known;
}

/** Requests about the objects there are: each made, changed and removed by somebody. */
export function requestsAboutCluster(seed: number): AdmissionRequest[] {
  const random = createRandom(seed);
  return CLUSTER.flatMap(({ object }) =>
    OPERATIONS.map((operation) => requestAbout(object, operation, random.pick(USERS))),
  );
}

const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE'] as const;

/** @param userInfo of nobody when absent */
export function requestAbout(
  object: JsonMap,
  operation: (typeof OPERATIONS)[number],
  userInfo: UserInfo = {},
): AdmissionRequest {
  const kind = KINDS.find(
    (one) => one.kind === object['kind'] && apiVersionOf(one) === object['apiVersion'],
  )!;
  const { name, namespace = '' } = metadataOf(object) as {
    readonly name: string;
    readonly namespace?: string;
  };
  return {
    operation,
    kind: { group: kind.group, version: kind.version, kind: kind.kind },
    resource: { group: kind.group, version: kind.version, resource: kind.resource },
    subresource: '',
    name,
    namespace,
    userInfo,
    dryRun: false,
    options: null,
    object: operation === 'DELETE' ? null : object,
    oldObject: operation === 'CREATE' ? null : object,
    ref: { apiVersion: apiVersionOf(kind), kind: kind.kind, namespace, name },
  };
}

function apiVersionOf({ group, version }: ServedKind): string {
  return group === '' ? version : `${group}/${version}`;
}

function requestOf(random: Random, kind: ServedKind, generated: string): AdmissionRequest {
  const name = random.pick([generated, generated, 'web', 'db', 'settings']);
  const namespace = kind.namespaced ? random.pick(NAMESPACE_NAMES) : kind.kind === 'Namespace' ? name : '';
  const make = () => objectOf(random, kind, name, kind.namespaced ? namespace : '');
  const object = make();
  const operation = random.pick(['CREATE', 'CREATE', 'CREATE', 'UPDATE', 'DELETE'] as const);
  const apiVersion = apiVersionOf(kind);
  return {
    operation,
    kind: { group: kind.group, version: kind.version, kind: kind.kind },
    resource: { group: kind.group, version: kind.version, resource: kind.resource },
    subresource: '',
    name,
    namespace,
    userInfo: random.pick(USERS),
    dryRun: random.chance(0.2),
    options: null,
    object: operation === 'DELETE' ? null : object,
    oldObject: operation === 'CREATE' ? null : operation === 'DELETE' ? object : make(),
    ref: { apiVersion, kind: kind.kind, namespace: kind.namespaced ? namespace : '', name },
  };
}

const USERS: readonly UserInfo[] = [
  { username: 'alice', uid: 'u1', groups: ['admins', 'system:authenticated'], roles: ['shop:editor'] },
  { username: 'bob', groups: ['system:authenticated'], clusterRoles: ['viewer'] },
  { username: 'system:serviceaccount:shop:robot', groups: ['system:serviceaccounts'] },
];

function objectOf(random: Random, kind: ServedKind, name: string, namespace: string): JsonMap {
  const apiVersion = apiVersionOf(kind);
  const metadata = { name, ...(namespace === '' ? {} : { namespace }), ...labelled(random) };
  return { apiVersion, kind: kind.kind, metadata, ...contentOf(random, kind.kind) };
}

function labelled(random: Random): JsonMap {
  return {
    ...maybe(random, 0.7, 'labels', () => someOf(random, LABELS)),
    ...maybe(random, 0.4, 'annotations', () => someOf(random, ANNOTATIONS)),
  };
}

const LABELS = { app: ['web', 'db'], team: ['web', 'ops', ''], tier: ['one', 'two'], 'x.io/y': ['1'] };
const ANNOTATIONS = { owner: ['alice', 'bob'], note: ['a b', 'ü'] };

function someOf(random: Random, all: Readonly<Record<string, readonly string[]>>): JsonMap {
  return Object.fromEntries(
    Object.entries(all).flatMap(([key, values]) => (random.chance(0.5) ? [[key, random.pick(values)]] : [])),
  );
}

function contentOf(random: Random, kind: string): JsonMap {
  switch (kind) {
    case 'Pod':
      return { spec: podSpec(random) };
    case 'ConfigMap':
      return maybe(random, 0.8, 'data', () => someOf(random, DATA));
    case 'Secret':
      return maybe(random, 0.8, 'stringData', () => someOf(random, DATA));
    case 'CronJob':
      return { spec: { schedule: '* * * * *', jobTemplate: { spec: { template: template(random) } } } };
    case 'Job':
      return { spec: { template: template(random) } };
    case 'Service':
      return {
        spec: { type: random.pick(['ClusterIP', 'NodePort']), ports: [{ port: 80 + random.below(3) }] },
      };
    case 'Namespace':
    case 'ClusterRole':
      return {};
    case 'NetworkPolicy':
      return { spec: { podSelector: {} } };
    case 'JobSet':
      return {
        spec: {
          replicatedJobs: Array.from({ length: random.below(3) }, (_, i) => ({
            name: `j${i}`,
            template: { spec: { template: template(random) } },
          })),
        },
      };
    default:
      return {
        spec: {
          ...maybe(random, 0.8, 'replicas', () => random.below(6)),
          selector: { matchLabels: { app: 'web' } },
          template: template(random),
        },
      };
  }
}

const DATA = { mode: ['strict', 'loose'], max: ['1', '9', 'x'], key: ['value'] };

function template(random: Random): JsonMap {
  return { metadata: labelled(random), spec: podSpec(random) };
}

function podSpec(random: Random): JsonMap {
  return {
    containers: containers(random, 1 + random.below(2)),
    ...maybe(random, 0.3, 'initContainers', () => containers(random, 1, 'init')),
    ...maybe(random, 0.4, 'hostNetwork', () => random.chance(0.5)),
    ...maybe(random, 0.4, 'securityContext', () =>
      maybe(random, 0.7, 'runAsNonRoot', () => random.chance(0.5)),
    ),
    ...maybe(random, 0.3, 'nodeSelector', () => ({ disk: 'ssd' })),
    ...maybe(random, 0.3, 'tolerations', () => [{ key: 'gpu', operator: 'Exists' }]),
    ...maybe(random, 0.4, 'volumes', () => [{ name: 'v', emptyDir: {} }]),
    ...maybe(random, 0.3, 'serviceAccountName', () => random.pick(['default', 'robot'])),
  };
}

function containers(random: Random, count: number, prefix = 'c'): JsonMap[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `${prefix}${i}`,
    image: random.pick(['nginx', 'nginx:1.25', 'registry.example/app:1', 'ghcr.io/org/tool:latest']),
    ...maybe(random, 0.4, 'args', () => ['--a', `--n=${random.below(3)}`]),
    ...maybe(random, 0.5, 'resources', () => ({
      limits: maybe(random, 0.7, 'memory', () => random.pick(['64Mi', '2Gi'])),
    })),
    ...maybe(random, 0.4, 'securityContext', () =>
      maybe(random, 0.8, 'privileged', () => random.chance(0.5)),
    ),
    ...maybe(random, 0.3, 'env', () => [{ name: 'A', value: '1' }]),
    ...maybe(random, 0.3, 'ports', () => [{ containerPort: 8080 }]),
  }));
}

function maybe(random: Random, chance: number, key: string, make: () => unknown): JsonMap {
  return random.chance(chance) ? { [key]: make() as JsonMap[string] } : {};
}

/** As the API server sends it. */
export function sent(request: AdmissionRequest): unknown {
  const { userInfo = {}, subresource, kind, resource, ref: _, options: __, ...rest } = request;
  const { roles = [], clusterRoles = [], ...user } = userInfo;
  return {
    uid: 'u',
    ...rest,
    kind,
    resource,
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: kind,
    requestResource: resource,
    userInfo: user,
    roles,
    clusterRoles,
  };
}

/** Whether the request's object has a name of its own, which the answers tell apart by. */
export function keyOf(object: JsonMap): string {
  const { namespace = '', name } = metadataOf(object);
  return `${namespace}/${name}`;
}
