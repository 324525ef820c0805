/** kubernetes pkg/apis/core/v1/defaults.go and zz_generated.defaults.go */
import { absent, type Draft, empty, isMap, mapIn, mapsIn, type Rules } from './rule.ts';

export const CORE: Rules = {
  'core.v1.ConfigMap': () => {},
  'core.v1.Secret': (secret) => empty(secret, { type: 'Opaque' }),
  'core.v1.Namespace': (namespace) => {
    const metadata = mapIn(namespace, 'metadata');
    const name = metadata?.['name'];
    if (metadata === undefined || typeof name !== 'string' || name === '') return;
    metadata['labels'] = { ...(metadata['labels'] as Draft), 'kubernetes.io/metadata.name': name };
  },
  'core.v1.Pod': (pod, minor) => {
    const spec = mapIn(pod, 'spec');
    if (spec === undefined) return;
    if (minor >= 37 && Number(spec['terminationGracePeriodSeconds']) < 0)
      spec['terminationGracePeriodSeconds'] = 1;
    for (const list of ['containers', 'initContainers'])
      for (const one of mapsIn(spec, list)) requestLimits(one);
    absent(spec, { enableServiceLinks: true });
    if (spec['hostNetwork'] === true)
      for (const list of ['containers', 'initContainers'])
        for (const one of mapsIn(spec, list))
          for (const port of mapsIn(one, 'ports')) empty(port, { hostPort: port['containerPort'] });
  },
  'core.v1.PodSpec': (spec) => {
    const account = spec['serviceAccountName'] || spec['serviceAccount'];
    if (account) Object.assign(spec, { serviceAccountName: account, serviceAccount: account });
    empty(spec, { dnsPolicy: 'ClusterFirst', restartPolicy: 'Always', schedulerName: 'default-scheduler' });
    absent(spec, { securityContext: {}, terminationGracePeriodSeconds: 30 });
  },
  'core.v1.Container': container,
  'core.v1.EphemeralContainer': container,
  'core.v1.ContainerPort': (port) => empty(port, { protocol: 'TCP' }),
  'core.v1.Probe': (probe) =>
    empty(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }),
  'core.v1.HTTPGetAction': (action) => empty(action, { path: '/', scheme: 'HTTP' }),
  'core.v1.GRPCAction': (action) => absent(action, { service: '' }),
  'core.v1.ObjectFieldSelector': (selector) => empty(selector, { apiVersion: 'v1' }),
  'core.v1.FileKeySelector': (selector) => absent(selector, { optional: false }),
  'core.v1.Volume': (volume, minor) => {
    if (Object.keys(volume).every((key) => key === 'name' || volume[key] == null)) volume['emptyDir'] = {};
    const image = minor >= 35 ? mapIn(volume, 'image') : undefined;
    if (image !== undefined) empty(image, { pullPolicy: pullPolicy(image['reference']) });
  },
  'core.v1.HostPathVolumeSource': (source) => absent(source, { type: '' }),
  'core.v1.SecretVolumeSource': (source) => absent(source, { defaultMode: 0o644 }),
  'core.v1.ConfigMapVolumeSource': (source) => absent(source, { defaultMode: 0o644 }),
  'core.v1.DownwardAPIVolumeSource': (source) => absent(source, { defaultMode: 0o644 }),
  'core.v1.ProjectedVolumeSource': (source) => absent(source, { defaultMode: 0o644 }),
  'core.v1.ServiceAccountTokenProjection': (source) => absent(source, { expirationSeconds: 3600 }),
  'core.v1.ISCSIVolumeSource': iscsi,
  'core.v1.ISCSIPersistentVolumeSource': iscsi,
  'core.v1.RBDVolumeSource': rbd,
  'core.v1.RBDPersistentVolumeSource': rbd,
  'core.v1.AzureDiskVolumeSource': (source) =>
    absent(source, { cachingMode: 'ReadWrite', fsType: 'ext4', kind: 'Shared', readOnly: false }),
  'core.v1.ScaleIOVolumeSource': (source) => empty(source, { fsType: 'xfs', storageMode: 'ThinProvisioned' }),
  'core.v1.ScaleIOPersistentVolumeSource': (source) =>
    empty(source, { fsType: 'xfs', storageMode: 'ThinProvisioned' }),
  'core.v1.PersistentVolumeSpec': (spec) => {
    empty(spec, { persistentVolumeReclaimPolicy: 'Retain' });
    absent(spec, { volumeMode: 'Filesystem' });
  },
  'core.v1.PersistentVolumeClaimSpec': (spec) => absent(spec, { volumeMode: 'Filesystem' }),
  'core.v1.ReplicationController': (controller) => {
    const spec = mapIn(controller, 'spec');
    if (spec === undefined) return;
    absent(spec, { replicas: 1 });
    const labels = templateLabels(spec);
    if (labels === undefined) return;
    if (isMap(spec['selector']) ? Object.keys(spec['selector']).length === 0 : true)
      spec['selector'] = labels;
    ownLabels(controller, labels);
  },
  'core.v1.ServiceSpec': service,
  'core.v1.LimitRangeItem': limits,
  'core.v1.EndpointPort': (port) => empty(port, { protocol: 'TCP' }),
};

/** Limits that no request goes with are requests. */
function requestLimits(of: Draft): void {
  const resources = mapIn(of, 'resources');
  const given = resources?.['limits'];
  if (resources === undefined || !isMap(given)) return;
  resources['requests'] = { ...given, ...(resources['requests'] as Draft) };
}

function container(of: Draft): void {
  empty(of, {
    imagePullPolicy: pullPolicy(of['image']),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
}

/** An image without tag and digest has the tag `latest`. */
function pullPolicy(image: unknown): string {
  const name = typeof image === 'string' ? image : '';
  if (name.includes('@')) return 'IfNotPresent';
  const tag = /:([^:/]+)$/.exec(name)?.[1] ?? 'latest';
  return name !== '' && tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function iscsi(source: Draft): void {
  empty(source, { iscsiInterface: 'default' });
}

function rbd(source: Draft): void {
  empty(source, { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' });
}

export function templateLabels(spec: Draft): Draft | undefined {
  const template = spec['template'];
  const metadata = isMap(template) ? template['metadata'] : undefined;
  const labels = isMap(metadata) ? metadata['labels'] : undefined;
  return isMap(labels) && Object.keys(labels).length > 0 ? labels : undefined;
}

/** An object without labels takes those of its template. */
export function ownLabels(object: Draft, labels: Draft): void {
  const metadata = mapIn(object, 'metadata');
  if (metadata === undefined) return;
  const own = metadata['labels'];
  if (!isMap(own) || Object.keys(own).length === 0) metadata['labels'] = labels;
}

function service(spec: Draft): void {
  empty(spec, { sessionAffinity: 'None', type: 'ClusterIP' });
  if (spec['sessionAffinity'] === 'None') delete spec['sessionAffinityConfig'];
  if (spec['sessionAffinity'] === 'ClientIP') {
    const config = spec['sessionAffinityConfig'];
    const client = isMap(config) ? config['clientIP'] : undefined;
    if (!isMap(client) || client['timeoutSeconds'] == null)
      spec['sessionAffinityConfig'] = { clientIP: { timeoutSeconds: 10_800 } };
  }
  for (const port of mapsIn(spec, 'ports')) {
    empty(port, { protocol: 'TCP', targetPort: port['port'] });
  }
  const { type } = spec;
  const external = Array.isArray(spec['externalIPs']) && spec['externalIPs'].length > 0;
  if (type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && external))
    empty(spec, { externalTrafficPolicy: 'Cluster' });
  if (type !== 'ExternalName') absent(spec, { internalTrafficPolicy: 'Cluster' });
  if (type === 'LoadBalancer') absent(spec, { allocateLoadBalancerNodePorts: true });
}

/** Limits of containers follow from each other: the maximum, the limit, the minimum. */
function limits(item: Draft): void {
  if (item['type'] !== 'Container') return;
  const of = (key: string) => (isMap(item[key]) ? (item[key] as Draft) : {});
  const limit = { ...of('max'), ...of('default') };
  item['default'] = limit;
  item['defaultRequest'] = { ...of('min'), ...limit, ...of('defaultRequest') };
}
