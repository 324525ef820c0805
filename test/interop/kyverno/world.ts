/** The cluster that both sides are told of. */
import { type JsonMap, type Resource, resourceOf } from './resources.ts';

export interface ServedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespaced: boolean;
}

export const KINDS: readonly ServedKind[] = [
  served('', 'v1', 'Pod', 'pods'),
  served('', 'v1', 'ConfigMap', 'configmaps'),
  served('', 'v1', 'Secret', 'secrets'),
  served('', 'v1', 'Service', 'services'),
  served('', 'v1', 'ReplicationController', 'replicationcontrollers'),
  served('', 'v1', 'Namespace', 'namespaces', false),
  served('apps', 'v1', 'Deployment', 'deployments'),
  served('apps', 'v1', 'StatefulSet', 'statefulsets'),
  served('apps', 'v1', 'DaemonSet', 'daemonsets'),
  served('apps', 'v1', 'ReplicaSet', 'replicasets'),
  served('batch', 'v1', 'Job', 'jobs'),
  served('batch', 'v1', 'CronJob', 'cronjobs'),
  served('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies'),
  served('rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles', false),
  served('jobset.x-k8s.io', 'v1alpha2', 'JobSet', 'jobsets'),
];

function served(
  group: string,
  version: string,
  kind: string,
  resource: string,
  namespaced = true,
): ServedKind {
  return { group, version, kind, resource, namespaced };
}

/** Objects may lie in a namespace that is none of them. */
export const NAMESPACES: readonly JsonMap[] = [
  namespace('default', {}),
  namespace('shop', { team: 'web', env: 'prod' }),
  namespace('lab', { team: 'ops', env: 'test' }),
];
export const NAMESPACE_NAMES = ['default', 'shop', 'lab', 'gone'] as const;

function namespace(name: string, labels: JsonMap): JsonMap {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: { 'kubernetes.io/metadata.name': name, ...labels },
      annotations: { owner: name },
    },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}

/** What policies can look up, choose parameters among, and change. */
export const OBJECTS: readonly JsonMap[] = [
  map('limits', 'default', { max: '3', allowed: 'a,b' }, { use: 'params' }),
  map('limits', 'shop', { max: '5', allowed: 'c' }, { use: 'params' }),
  map('more', 'shop', { max: '1' }, { use: 'params' }),
  map('settings', 'shop', { mode: 'strict' }, { tier: 'one' }),
  map('settings', 'lab', { mode: 'loose' }, { tier: 'two' }),
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'running', namespace: 'shop', labels: { app: 'web' } },
    spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'front', namespace: 'lab', labels: { app: 'web' } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'app', image: 'app:1' }] },
      },
    },
  },
];

function map(name: string, namespaceName: string, data: JsonMap, labels: JsonMap): JsonMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: namespaceName, labels }, data };
}

export const CLUSTER: readonly Resource[] = [...NAMESPACES, ...OBJECTS].map(resourceOf);
