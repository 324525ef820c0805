/**
 * Workloads as people write them: a careful one, spoilt in a few places. Every field that a check of a peer looks at has a
 * way to be spoilt here, with values that an API server accepts.
 */
import type { Draw, Fields, Json } from './draw.ts';

/** Labels and pod of a workload on its way to its kind. */
interface Made {
  readonly metadata: Fields;
  readonly spec: Fields;
  /** Of the object around the template. */
  readonly object: { labels: Fields; spec: Fields; apiVersion?: string };
}

export interface Home {
  readonly name: string;
  readonly namespace: string;
}

export function workload(draw: Draw, { name, namespace }: Home): Fields[] {
  const kind = draw.one(KINDS);
  const made = careful(draw, name, kind);
  for (const spoil of draw.some(SPOILS, 0, 6)) spoil(draw, made, kind);
  const metadata: Fields = { name, labels: made.object.labels, ...namespaceOf(draw, namespace) };
  return [shape(kind, metadata, made), ...besides(draw, { name, namespace })];
}

const KINDS = [
  'Pod',
  'Pod',
  'Deployment',
  'Deployment',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
] as const;
type Kind = (typeof KINDS)[number];

const DIGEST = `sha256:${'3e'.repeat(32)}`;

function namespaceOf(draw: Draw, namespace: string): Fields {
  if (draw.chance(0.9)) return { namespace };
  return draw.one<Fields>([{}, { namespace: 'default' }, { namespace: 'kube-system' }]);
}

/** What selects it stands beside it now and then. */
function besides(draw: Draw, { name, namespace }: Home): Fields[] {
  const metadata = { name, namespace };
  const some: Fields[] = [];
  if (draw.chance(0.3))
    some.push({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata,
      spec: {
        podSelector: draw.one<Fields>([
          {},
          { matchLabels: { app: name } },
          { matchLabels: { app: 'other' } },
        ]),
        policyTypes: draw.one([['Ingress'], ['Egress'], ['Ingress', 'Egress']]),
      },
    });
  if (draw.chance(0.2)) some.push({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  return some;
}

function careful(draw: Draw, name: string, kind: Kind): Made {
  const onPod = draw.chance(0.5);
  const identity: Fields = { runAsNonRoot: true, runAsUser: 20001, runAsGroup: 20001 };
  const seccompProfile = { type: 'RuntimeDefault' };
  const container: Fields = {
    name: 'main',
    image: `registry.example.com/shop/orders:1.4.2@${DIGEST}`,
    imagePullPolicy: 'Always',
    ports: [{ name: 'http', containerPort: 8080 }],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '1', memory: '256Mi' } },
    livenessProbe: { httpGet: { path: '/live', port: 8080 } },
    readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      privileged: false,
      capabilities: { drop: ['ALL'] },
      ...(onPod ? {} : { ...identity, seccompProfile }),
    },
  };
  return {
    metadata: { labels: { app: name } },
    spec: {
      serviceAccountName: name,
      automountServiceAccountToken: false,
      securityContext: onPod ? { ...identity, seccompProfile, fsGroup: 20001 } : { fsGroup: 20001 },
      containers: [container],
      ...(kind === 'Job' || kind === 'CronJob' ? { restartPolicy: 'Never' } : {}),
    },
    object: { labels: { app: name, owner: 'shop' }, spec: { ...of(kind, name) } },
  };
}

function of(kind: Kind, name: string): Fields {
  const selector = { matchLabels: { app: name } };
  switch (kind) {
    case 'Deployment':
      return { replicas: 2, selector, strategy: { type: 'RollingUpdate' } };
    case 'StatefulSet':
      return { replicas: 2, selector, serviceName: name };
    case 'DaemonSet':
      return { selector };
    case 'ReplicaSet':
      return { replicas: 2, selector };
    case 'ReplicationController':
      return { replicas: 2, selector: { app: name } };
    case 'Job':
      return { ttlSecondsAfterFinished: 600 };
    default:
      return {};
  }
}

function shape(kind: Kind, metadata: Fields, { metadata: podMetadata, spec, object }: Made): Fields {
  const template = { metadata: podMetadata, spec };
  const head = (apiVersion: string) => ({ apiVersion: object.apiVersion ?? apiVersion, kind, metadata });
  switch (kind) {
    case 'Pod':
      return {
        ...head('v1'),
        metadata: { ...metadata, ...podMetadata, labels: { ...(metadata['labels'] as Fields) } },
        spec,
      };
    case 'CronJob':
      return {
        ...head('batch/v1'),
        spec: { schedule: '0 3 * * *', jobTemplate: { spec: { ...object.spec, template } } },
      };
    case 'Job':
      return { ...head('batch/v1'), spec: { ...object.spec, template } };
    case 'ReplicationController':
      return { ...head('v1'), spec: { ...object.spec, template } };
    default:
      return { ...head('apps/v1'), spec: { ...object.spec, template } };
  }
}

type Spoil = (draw: Draw, made: Made, kind: Kind) => void;

/** A container: the regular one, or an init container that is made for it. */
function containerOf(draw: Draw, { spec }: Made): Fields {
  const [main] = spec['containers'] as [Fields];
  if (draw.chance(0.75)) return main;
  const { ports: _, livenessProbe: __, readinessProbe: ___, ...init } = structuredClone(main);
  const existing = (spec['initContainers'] as Fields[] | undefined)?.[0];
  const made = existing ?? { ...init, name: 'init' };
  spec['initContainers'] = [made];
  return made;
}

const contextOf = (holder: Fields): Fields => {
  holder['securityContext'] ??= {};
  return holder['securityContext'] as Fields;
};

/** One value of the list; `undefined` leaves the field out. */
function put(draw: Draw, holder: Fields, field: string, values: readonly (Json | undefined)[]): void {
  const value = draw.one(values);
  if (value === undefined) delete holder[field];
  else holder[field] = value;
}

const inPod =
  (field: string, values: readonly (Json | undefined)[]): Spoil =>
  (draw, { spec }) =>
    put(draw, spec, field, values);

const inPodContext =
  (field: string, values: readonly (Json | undefined)[]): Spoil =>
  (draw, { spec }) =>
    put(draw, contextOf(spec), field, values);

const inContainer =
  (field: string, values: readonly (Json | undefined)[]): Spoil =>
  (draw, made) =>
    put(draw, containerOf(draw, made), field, values);

const inContext =
  (field: string, values: readonly (Json | undefined)[]): Spoil =>
  (draw, made) =>
    put(draw, contextOf(containerOf(draw, made)), field, values);

const inBothContexts =
  (field: string, values: readonly (Json | undefined)[]): Spoil =>
  (draw, made) => {
    put(draw, contextOf(made.spec), field, [...values, undefined]);
    put(draw, contextOf((made.spec['containers'] as [Fields])[0]), field, [...values, undefined]);
  };

const annotated =
  (key: string, values: readonly string[]): Spoil =>
  (draw, { metadata }) => {
    metadata['annotations'] = { ...((metadata['annotations'] as Fields) ?? {}), [key]: draw.one(values) };
  };

const PATHS = [
  '/',
  '/etc',
  '/etc/kubernetes',
  '/proc',
  '/sys',
  '/dev',
  '/boot',
  '/lib',
  '/usr',
  '/root',
  '/var',
  '/var/lib',
  '/var/lib/kubelet',
  '/var/log',
  '/var/run/docker.sock',
  '/run/docker.sock',
  '/run/containerd/containerd.sock',
  '/var/run/crio/crio.sock',
  '/run/crio/crio.sock',
  '/opt/data',
  '/home/shop',
];

const volume =
  (source: (draw: Draw) => Fields, mounted = 0.9): Spoil =>
  (draw, made) => {
    const name = `v${((made.spec['volumes'] as Json[] | undefined) ?? []).length}`;
    made.spec['volumes'] = [
      ...((made.spec['volumes'] as Json[] | undefined) ?? []),
      { name, ...source(draw) },
    ];
    if (!draw.chance(mounted)) return;
    const container = containerOf(draw, made);
    const mount = {
      name,
      mountPath: `/mnt/${name}`,
      ...draw.one<Fields>([{}, { readOnly: true }, { readOnly: false }]),
    };
    container['volumeMounts'] = [...((container['volumeMounts'] as Json[] | undefined) ?? []), mount];
  };

const hostPath = volume((draw) => ({ hostPath: { path: draw.one(PATHS) } }));
const anyVolume = volume((draw) =>
  draw.one<Fields>([
    { emptyDir: {} },
    { configMap: { name: 'settings' } },
    { secret: { secretName: 'tls' } },
    { projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
    { persistentVolumeClaim: { claimName: 'data' } },
    { downwardAPI: { items: [] } },
    {
      ephemeral: {
        volumeClaimTemplate: {
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      },
    },
    { csi: { driver: 'secrets.example.com' } },
    { nfs: { server: 'nfs.example.com', path: '/' } },
    { iscsi: { targetPortal: '10.0.0.1', iqn: 'iqn.2001-04.com.example:disk', lun: 0 } },
    { image: { reference: 'registry.example.com/models:1' } },
  ]),
);

const env: Spoil = (draw, made) => {
  const container = containerOf(draw, made);
  const entry = draw.one<Fields>([
    { name: 'DB_PASSWORD', value: 'hunter2hunter2' },
    { name: 'CLIENT_SECRET', value: 'b0a7c1d9e2' },
    { name: 'SECRET_NAME', value: 'orders-db' },
    { name: 'SECRET_PATH', value: '/etc/secret/token' },
    { name: 'API_TOKEN', value: 'b0a7c1d9e2' },
    { name: 'AWS_SECRET_ACCESS_KEY', value: '' },
    { name: 'MODE', value: 'production' },
    { name: 'LOG_LEVEL', value: 'info' },
    { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'orders-db', key: 'password' } } },
    { name: 'DB_SECRET', valueFrom: { secretKeyRef: { name: 'orders-db', key: 'password' } } },
    { name: 'REGION', valueFrom: { configMapKeyRef: { name: 'settings', key: 'region' } } },
  ]);
  const twice = draw.chance(0.2) ? [{ ...entry }] : [];
  container['env'] = [...((container['env'] as Json[] | undefined) ?? []), entry, ...twice];
};

const image = inContainer('image', [
  'nginx',
  'nginx:latest',
  'nginx:1.27',
  'library/nginx:1.27.3',
  'docker.io/library/nginx:1.27.3',
  `nginx@${DIGEST}`,
  `nginx:latest@${DIGEST}`,
  'localhost:5000/shop/orders',
  'localhost:5000/shop/orders:2',
  'registry.example.com:5000/shop/orders:latest',
  'ghcr.io/shop/orders:2',
  'quay.io/shop/orders:2',
  'gcr.io/shop/orders:2',
  'us-docker.pkg.dev/shop/orders/api:2',
  'eu.gcr.io/shop/orders:2',
  '123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:2',
  'shop.azurecr.io/orders:2',
  'registry.k8s.io/pause:3.10',
  'gcr.io/kubernetes-helm/tiller:v2.16.1',
  'ghcr.io/helm/tiller:v2.17.0',
  'example.com/distiller:3',
  'kubernetesui/dashboard:v2.7.0',
  'registry.k8s.io/kubernetes-dashboard-amd64:v1.10.1',
  'registry.k8s.io/git-sync/git-sync:v4.2.1',
]);

const gitSync: Spoil = (draw, made) => {
  const container = containerOf(draw, made);
  container['image'] = 'registry.k8s.io/git-sync/git-sync:v4.2.1';
  container['env'] = [
    draw.one<Fields>([
      { name: 'GITSYNC_GIT', value: '/bin/sh' },
      { name: 'GITSYNC_ASKPASS_URL', value: 'http://localhost/x' },
      { name: 'GITSYNC_EXECHOOK_COMMAND', value: '/bin/sh' },
      { name: 'GITSYNC_REPO', value: 'https://git.example.com/a' },
    ]),
  ];
  if (draw.chance(0.5))
    container['args'] = [
      draw.one([
        '--git=/bin/sh',
        '--exechook-command=/bin/sh',
        '--repo=https://git.example.com/a',
        '--askpass-url=http://localhost',
      ]),
    ];
};

const tiller: Spoil = (draw, made) => {
  const labels = draw.one<Fields>([{ app: 'helm', name: 'tiller' }, { app: 'helm' }, { name: 'tiller' }]);
  made.object.labels = { ...made.object.labels, ...labels };
  if (draw.chance(0.5))
    (made.metadata['labels'] as Fields) = { ...(made.metadata['labels'] as Fields), ...labels };
  if (draw.chance(0.5))
    containerOf(draw, made)['args'] = draw.one<Json>([
      ['--listen=localhost:44134'],
      ['--listen=0.0.0.0:44134'],
      [],
    ]);
};

const dashboard: Spoil = (draw, made) => {
  const labels = draw.one<Fields>([{ app: 'kubernetes-dashboard' }, { 'k8s-app': 'kubernetes-dashboard' }]);
  made.object.labels = { ...made.object.labels, ...labels };
};

const port: Spoil = (draw, made) => {
  const container = containerOf(draw, made);
  const entry: Fields = {
    containerPort: draw.one([22, 53, 80, 443, 1023, 1024, 3000, 8080]),
    ...draw.one<Fields>([{}, { name: 'extra' }]),
    ...draw.one<Fields>([{}, { protocol: 'TCP' }, { protocol: 'UDP' }]),
    ...draw.one<Fields>([{}, {}, { hostPort: 8080 }, { hostPort: 0 }]),
  };
  container['ports'] = draw.chance(0.5)
    ? [entry]
    : [...((container['ports'] as Json[] | undefined) ?? []), entry];
};

const PROBES: readonly (Fields | undefined)[] = [
  undefined,
  { httpGet: { path: '/', port: 8080 } },
  { httpGet: { path: '/', port: 9090 } },
  { httpGet: { path: '/', port: 'http' } },
  { httpGet: { path: '/', port: 'metrics' } },
  { tcpSocket: { port: 8080 } },
  { tcpSocket: { port: 9090 } },
  { grpc: { port: 8080 } },
  { grpc: { port: 9090 } },
  { exec: { command: ['true'] } },
];

const probe: Spoil = (draw, { spec }) => {
  const [main] = spec['containers'] as [Fields];
  put(draw, main, draw.one(['livenessProbe', 'readinessProbe', 'startupProbe']), PROBES);
};

const resources: Spoil = (draw, made) => {
  const container = containerOf(draw, made);
  const of = draw.one(['requests', 'limits']);
  container['resources'] = structuredClone((container['resources'] as Fields | undefined) ?? {});
  const part = (container['resources'] as Fields)[of] as Fields | undefined;
  if (part === undefined || draw.chance(0.2)) delete (container['resources'] as Fields)[of];
  else delete part[draw.one(['cpu', 'memory'])];
  if (draw.chance(0.1)) delete container['resources'];
};

const sysctls = inPodContext('sysctls', [
  [],
  [{ name: 'kernel.shm_rmid_forced', value: '1' }],
  [{ name: 'net.ipv4.ip_local_port_range', value: '1024 65535' }],
  [{ name: 'net.ipv4.tcp_syncookies', value: '1' }],
  [{ name: 'net.ipv4.ping_group_range', value: '0 0' }],
  [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }],
  [{ name: 'net.ipv4.ip_local_reserved_ports', value: '1' }],
  [{ name: 'net.ipv4.tcp_keepalive_time', value: '60' }],
  [{ name: 'net.ipv4.tcp_rmem', value: '1' }],
  [{ name: 'net.core.somaxconn', value: '1024' }],
  [{ name: 'kernel.msgmax', value: '65536' }],
  [{ name: 'kernel.shmmax', value: '65536' }],
]);

const capabilities: Spoil = (draw, made) => {
  const context = contextOf(containerOf(draw, made));
  const added = draw.some(
    [
      'NET_BIND_SERVICE',
      'CHOWN',
      'NET_RAW',
      'NET_ADMIN',
      'SYS_ADMIN',
      'SYS_MODULE',
      'SYS_PTRACE',
      'SETUID',
      'ALL',
      'CAP_SYS_ADMIN',
    ],
    0,
    2,
  );
  const drop = draw.one<Json | undefined>([
    undefined,
    [],
    ['ALL'],
    ['ALL'],
    ['all'],
    ['NET_RAW'],
    ['CHOWN', 'NET_RAW'],
    ['CHOWN'],
  ]);
  context['capabilities'] = {
    ...(added.length > 0 ? { add: added } : {}),
    ...(drop === undefined ? {} : { drop }),
  };
};

const bare: Spoil = (draw, made) => {
  const holder = draw.chance(0.5) ? made.spec : containerOf(draw, made);
  put(draw, holder, 'securityContext', [undefined, {}]);
};

const second: Spoil = (_draw, { spec }) => {
  const containers = spec['containers'] as Fields[];
  const { ports: _, ...copy } = structuredClone(containers[0] as Fields);
  spec['containers'] = [...containers, { ...copy, name: `c${containers.length}` }];
};

const sidecar: Spoil = (draw, made) => {
  const init = (made.spec['initContainers'] as Fields[] | undefined)?.[0] ?? containerOf(draw, made);
  if (init['name'] === 'init') init['restartPolicy'] = 'Always';
};

const affinity: Spoil = (draw, { spec, object }) => {
  if ('replicas' in object.spec) object.spec['replicas'] = draw.one([1, 2, 3]);
  const labelSelector = {
    matchLabels: draw.one([{ app: 'other' }, { app: spec['serviceAccountName'] as Json }]),
  };
  const term = {
    labelSelector,
    topologyKey: draw.one(['kubernetes.io/hostname', 'topology.kubernetes.io/zone']),
  };
  put(draw, spec, 'affinity', [
    { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
    {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }],
      },
    },
    { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
    undefined,
  ]);
  put(draw, spec, 'topologySpreadConstraints', [
    undefined,
    undefined,
    [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector,
      },
    ],
  ]);
};

const rollout: Spoil = (draw, { object }, kind) => {
  if (kind === 'Deployment')
    put(draw, object.spec, 'strategy', [
      undefined,
      {},
      { type: 'Recreate' },
      { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
    ]);
  if (kind === 'DaemonSet' || kind === 'StatefulSet')
    put(draw, object.spec, 'updateStrategy', [{ type: 'OnDelete' }, { type: 'RollingUpdate' }]);
  if (kind === 'Job') put(draw, object.spec, 'ttlSecondsAfterFinished', [undefined, 0, 60]);
  if (kind === 'CronJob') put(draw, object.spec, 'ttlSecondsAfterFinished', [undefined, 60]);
};

const unselected: Spoil = (draw, { metadata }) => {
  metadata['labels'] = draw.one<Fields>([{ app: 'another' }, {}, { app: 'another', tier: 'x' }]);
};

const oldApi: Spoil = (draw, { object }, kind) => {
  if (kind === 'Deployment')
    object.apiVersion = draw.one(['extensions/v1beta1', 'apps/v1beta1', 'apps/v1beta2']);
  if (kind === 'DaemonSet' || kind === 'ReplicaSet')
    object.apiVersion = draw.one(['extensions/v1beta1', 'apps/v1beta2']);
  if (kind === 'StatefulSet') object.apiVersion = draw.one(['apps/v1beta1', 'apps/v1beta2']);
  if (kind === 'CronJob') object.apiVersion = 'batch/v1beta1';
};

const flags = [true, true, false, undefined];
const users = [0, 1, 1000, 9999, 10000, 65534];

const SPOILS: readonly Spoil[] = [
  inPod('hostPID', flags),
  inPod('hostIPC', flags),
  inPod('hostNetwork', flags),
  inPod('hostUsers', [true, false]),
  inPod('hostAliases', [[{ ip: '10.1.2.3', hostnames: ['orders'] }], []]),
  inPod('automountServiceAccountToken', [true, undefined]),
  inPod('automountServiceAccountToken', [true, undefined]),
  inPod('serviceAccountName', ['default', undefined, 'robot']),
  inPod('serviceAccount', ['default', 'robot']),
  inPod('os', [{ name: 'windows' }, { name: 'linux' }]),
  inBothContexts('runAsNonRoot', [true, false]),
  inBothContexts('runAsUser', users),
  inBothContexts('runAsGroup', users),
  inBothContexts('seccompProfile', [
    { type: 'Unconfined' },
    { type: 'RuntimeDefault' },
    { type: 'Localhost', localhostProfile: 'p.json' },
  ]),
  inBothContexts('appArmorProfile', [{ type: 'Unconfined' }, { type: 'RuntimeDefault' }]),
  inBothContexts('seLinuxOptions', [
    { type: 'container_t' },
    { type: 'spc_t' },
    { user: 'u' },
    { role: 'r' },
    { level: 's0' },
  ]),
  inBothContexts('windowsOptions', [{ hostProcess: true }, { hostProcess: false }]),
  inPodContext('fsGroup', [0, 1000, undefined]),
  inPodContext('supplementalGroups', [[0], [20001], []]),
  inContext('runAsUser', users),
  inContext('runAsNonRoot', [false, undefined]),
  inContext('privileged', flags),
  inContext('allowPrivilegeEscalation', [true, undefined]),
  inContext('readOnlyRootFilesystem', [false, undefined]),
  inContext('procMount', ['Default', 'Unmasked']),
  inContext('seccompProfile', [{ type: 'Unconfined' }, undefined]),
  inContainer('imagePullPolicy', ['IfNotPresent', 'Never', undefined]),
  inContainer('envFrom', [[{ secretRef: { name: 'orders-db' } }], [{ configMapRef: { name: 'settings' } }]]),
  annotated('container.apparmor.security.beta.kubernetes.io/main', [
    'unconfined',
    'runtime/default',
    'localhost/x',
  ]),
  annotated('seccomp.security.alpha.kubernetes.io/pod', ['unconfined', 'runtime/default', 'docker/default']),
  sysctls,
  capabilities,
  capabilities,
  hostPath,
  hostPath,
  anyVolume,
  env,
  env,
  image,
  image,
  gitSync,
  tiller,
  dashboard,
  port,
  port,
  probe,
  probe,
  resources,
  resources,
  bare,
  second,
  sidecar,
  affinity,
  rollout,
  rollout,
  unselected,
  oldApi,
];
