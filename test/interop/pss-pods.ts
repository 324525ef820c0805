/**
 * Generates pods that touch every field the Pod Security Standards look at, in every kind that carries a pod: absent,
 * null, empty, allowed and forbidden values, so that each control is met both ways and near its boundaries.
 */

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
type Random = () => number;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Fields = { [key: string]: Json };

export function generatePods(seed: number, count: number): Fields[] {
  const random = mulberry32(seed);
  return Array.from({ length: count }, (_, i) => wrap(random, `pod-${i}`, pod(random, wildnessOf(i))));
}

/** A third of the pods is nearly clean, a third mixed, a third wild: most controls pass on the first, most fail on the last. */
function wildnessOf(i: number): number {
  return [0.01, 0.08, 0.4][i % 3] as number;
}

function mulberry32(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

class Draw {
  readonly #random: Random;
  readonly #wild: number;

  constructor(random: Random, wild: number) {
    this.#random = random;
    this.#wild = wild;
  }

  chance(p: number): boolean {
    return this.#random() < p;
  }

  one<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)] as T;
  }

  /** An allowed value, or with the probability of the pod's wildness a forbidden one. */
  value<T extends Json>(allowed: readonly T[], forbidden: readonly Json[]): Json {
    return this.chance(this.#wild) ? this.one(forbidden) : this.one(allowed);
  }

  some(make: () => Json, most: number): Json[] {
    return Array.from({ length: Math.floor(this.#random() * (most + 1)) }, make);
  }

  /** An object of these fields, each left out or null now and then. */
  object(fields: Record<string, () => Json>, present = 0.5): Fields {
    const result: Fields = {};
    for (const [name, make] of Object.entries(fields)) {
      if (this.chance(present)) result[name] = this.chance(0.08) ? null : make();
    }
    return result;
  }
}

function pod(random: Random, wild: number): { metadata: Fields; spec: Fields } {
  const draw = new Draw(random, wild);
  const names = ['app', 'log', 'init', 'debug', ''].sort(() => random() - 0.5);
  const container = (): Json => containerOf(draw, names.pop() ?? 'more');
  const strict = draw.chance(0.5);
  return {
    metadata: { ...draw.object({ annotations: () => annotations(draw) }, 0.5) },
    spec: {
      ...draw.object(
        {
          hostNetwork: () => draw.value([false], [true]),
          hostPID: () => draw.value([false], [true]),
          hostIPC: () => draw.value([false], [true]),
          volumes: () => draw.some(() => volume(draw), 3),
          initContainers: () => draw.some(container, 1),
          ephemeralContainers: () => draw.some(container, 1),
        },
        0.4,
      ),
      ...draw.object(
        {
          hostUsers: () => draw.one([true, false]),
          os: () => draw.object({ name: () => draw.one(['windows', 'linux', 'Windows', '']) }, 0.9),
        },
        0.3,
      ),
      ...draw.object({ containers: () => [container(), ...draw.some(container, 1)] }, 0.97),
      ...draw.object({ securityContext: () => podSecurityContext(draw, strict) }, strict ? 0.95 : 0.4),
    },
  };
}

function annotations(draw: Draw): Json {
  const appArmor = 'container.apparmor.security.beta.kubernetes.io';
  const seccomp = () =>
    draw.value(
      ['runtime/default', 'docker/default', 'localhost/a.json', 'localhost/'],
      ['unconfined', '', 'localhost', 'Runtime/default', 'runtime/default '],
    );
  const profile = () =>
    draw.value(['runtime/default', 'localhost/a', ''], ['unconfined', 'localhost', 'docker/default']);
  return draw.object(
    {
      'seccomp.security.alpha.kubernetes.io/pod': seccomp,
      'container.seccomp.security.alpha.kubernetes.io/app': seccomp,
      'container.seccomp.security.alpha.kubernetes.io/init': seccomp,
      'container.seccomp.security.alpha.kubernetes.io/': seccomp,
      'container.seccomp.security.alpha.kubernetes.io/other': () => 'unconfined',
      [`${appArmor}/app`]: profile,
      [`${appArmor}/other`]: profile,
      [appArmor]: () => 'unconfined',
      'example.com/note': () => '',
    },
    0.3,
  );
}

const VOLUME_SOURCES: Readonly<Record<string, Json>> = {
  configMap: { name: 'a' },
  csi: { driver: 'csi.example' },
  downwardAPI: {},
  emptyDir: {},
  ephemeral: {},
  image: { reference: 'registry.example/data:1' },
  persistentVolumeClaim: { claimName: 'a' },
  projected: { sources: [] },
  secret: { secretName: 'a' },
};

const FORBIDDEN_SOURCES: Readonly<Record<string, Json>> = {
  hostPath: { path: '/mnt' },
  gcePersistentDisk: { pdName: 'a' },
  awsElasticBlockStore: { volumeID: 'a' },
  gitRepo: { repository: 'a' },
  nfs: { server: 'a', path: '/' },
  iscsi: { targetPortal: 'a', iqn: 'a', lun: 0 },
  glusterfs: { endpoints: 'a', path: 'a' },
  rbd: { monitors: ['a'], image: 'a' },
  flexVolume: { driver: 'a' },
  cinder: { volumeID: 'a' },
  cephfs: { monitors: ['a'] },
  flocker: {},
  fc: {},
  azureFile: { secretName: 'a', shareName: 'a' },
  vsphereVolume: { volumePath: 'a' },
  quobyte: { registry: 'a', volume: 'a' },
  azureDisk: { diskName: 'a', diskURI: 'a' },
  portworxVolume: { volumeID: 'a' },
  photonPersistentDisk: { pdID: 'a' },
  scaleIO: { gateway: 'a', system: 'a', secretRef: null },
  storageos: {},
};

function volume(draw: Draw): Json {
  const source = draw.value(Object.keys(VOLUME_SOURCES), [
    ...Object.keys(FORBIDDEN_SOURCES),
    'hostPath',
    'hostPath',
    'none',
  ]) as string;
  const result: Fields = draw.object({ name: () => 'data' }, 0.95);
  if (source !== 'none') result[source] = VOLUME_SOURCES[source] ?? FORBIDDEN_SOURCES[source] ?? null;
  if (draw.chance(0.1)) result[draw.one(['hostPath', 'emptyDir', 'nfs'])] = null;
  if (draw.chance(0.03)) result['hostPath'] = {};
  return result;
}

function podSecurityContext(draw: Draw, strict: boolean): Json {
  return draw.object(
    {
      ...sharedSecurityContext(draw),
      sysctls: () => draw.some(() => sysctl(draw), 3),
    },
    strict ? 0.9 : 0.4,
  );
}

const SYSCTLS = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
const LATER_SYSCTLS = [
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
  'net.ipv4.tcp_slow_start_after_idle',
  'net.ipv4.tcp_notsent_lowat',
];

function sysctl(draw: Draw): Json {
  const names = draw.chance(0.3) ? LATER_SYSCTLS : SYSCTLS;
  const name = () =>
    draw.value(names, ['kernel.msgmax', 'net.core.somaxconn', '', 'net/ipv4/tcp_syncookies']);
  return draw.object({ name, value: () => '1' }, 0.97);
}

/** What a pod's and a container's security context have in common. */
function sharedSecurityContext(draw: Draw): Record<string, () => Json> {
  return {
    runAsNonRoot: () => draw.value([true], [false]),
    runAsUser: () => draw.value([1, 1000, 4294967295], [0]),
    seccompProfile: () =>
      draw.object(
        {
          type: () =>
            draw.value(['RuntimeDefault', 'Localhost'], ['Unconfined', '', 'runtime/default', 'localhost']),
        },
        0.95,
      ),
    appArmorProfile: () =>
      draw.object({ type: () => draw.value(['RuntimeDefault', 'Localhost'], ['Unconfined', '']) }, 0.95),
    seLinuxOptions: () =>
      draw.object({
        type: () =>
          draw.value(
            ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'],
            ['spc_t', 'container_t ', 'Container_t'],
          ),
        user: () => draw.value([''], ['system_u']),
        role: () => draw.value([''], ['system_r']),
        level: () => 's0',
      }),
    windowsOptions: () => draw.object({ hostProcess: () => draw.value([false], [true]) }),
  };
}

function containerOf(draw: Draw, name: string): Json {
  return {
    ...draw.object({ name: () => name }, 0.97),
    ...draw.object({ securityContext: () => securityContext(draw) }, 0.8),
    ...draw.object(
      {
        ports: () => draw.some(() => port(draw), 2),
        livenessProbe: () => probe(draw),
        readinessProbe: () => probe(draw),
        startupProbe: () => probe(draw),
        lifecycle: () => draw.object({ postStart: () => probe(draw), preStop: () => probe(draw) }),
      },
      0.4,
    ),
  };
}

function port(draw: Draw): Json {
  return draw.object({ containerPort: () => 8080, hostPort: () => draw.value([0], [80, 65535, -1]) }, 0.7);
}

function probe(draw: Draw): Json {
  const handler = () =>
    draw.object({ port: () => 80, host: () => draw.value([''], ['10.0.0.1', 'db', ' ']) });
  return draw.object({ httpGet: handler, tcpSocket: handler, exec: () => ({ command: ['true'] }) });
}

function securityContext(draw: Draw): Json {
  return {
    ...draw.object(sharedSecurityContext(draw), 0.35),
    ...draw.object({
      privileged: () => draw.value([false], [true]),
      procMount: () => draw.value(['Default'], ['Unmasked', '', 'default']),
    }),
    ...draw.object(
      { allowPrivilegeEscalation: () => draw.value([false], [true]), capabilities: () => capabilities(draw) },
      0.85,
    ),
  };
}

const DEFAULT_CAPABILITIES = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

function capabilities(draw: Draw): Json {
  const add = () =>
    draw.chance(0.5)
      ? draw.some(() => 'NET_BIND_SERVICE', 1)
      : draw.some(
          () =>
            draw.value(DEFAULT_CAPABILITIES, ['NET_RAW', 'SYS_ADMIN', 'ALL', 'CAP_CHOWN', 'chown', '', null]),
          3,
        );
  const drop = () => {
    const others = draw.some(() => draw.one(['NET_RAW', 'CHOWN', 'all', '', 'CAP_ALL']), 1);
    return draw.value([0], [1]) === 0 ? [...others, 'ALL'] : others;
  };
  return {
    ...draw.object({ add }, 0.4),
    ...draw.object({ drop }, 0.95),
  };
}

type Template = ReturnType<typeof pod>;

const CARRIERS: readonly ((name: string, template: Template) => Fields)[] = [
  (name, { metadata, spec }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name, namespace: 'a' },
    spec,
  }),
  (name, template) => carrier('v1', 'PodTemplate', name, { template: { ...template } }),
  (name, template) => carrier('v1', 'ReplicationController', name, { spec: { template: { ...template } } }),
  (name, template) => carrier('apps/v1', 'ReplicaSet', name, { spec: { template: { ...template } } }),
  (name, template) => carrier('apps/v1', 'Deployment', name, { spec: { template: { ...template } } }),
  (name, template) => carrier('apps/v1', 'StatefulSet', name, { spec: { template: { ...template } } }),
  (name, template) => carrier('apps/v1', 'DaemonSet', name, { spec: { template: { ...template } } }),
  (name, template) => carrier('batch/v1', 'Job', name, { spec: { template: { ...template } } }),
  (name, template) =>
    carrier('batch/v1', 'CronJob', name, { spec: { jobTemplate: { spec: { template: { ...template } } } } }),
];

function carrier(apiVersion: string, kind: string, name: string, rest: Fields): Fields {
  return { apiVersion, kind, metadata: { name, namespace: 'a' }, ...rest };
}

function wrap(random: Random, name: string, template: Template): Fields {
  const draw = new Draw(random, 0);
  const make = draw.chance(0.4) ? CARRIERS[0] : draw.one(CARRIERS);
  const object = (make as (typeof CARRIERS)[number])(name, template);
  if (object['kind'] !== 'Pod' && draw.chance(0.02)) return withoutTemplate(draw, object);
  return object;
}

/** The template left out or null somewhere on the way to it. */
function withoutTemplate(draw: Draw, object: Fields): Fields {
  const bare = draw.one<Fields>([
    {},
    { spec: null },
    { spec: {} },
    { spec: { template: null } },
    { template: null },
  ]);
  const { apiVersion, kind, metadata } = object as { apiVersion: Json; kind: Json; metadata: Json };
  return { apiVersion, kind, metadata, ...bare };
}
