/**
 * The rules of bench/suites/cel as a good engineer would write them in TypeScript: plain, with null checks, without
 * tricks. A missing field that CEL would fail on throws here too.
 */
import { isIPv4 } from 'node:net';

interface Container {
  name: string;
  image: string;
  env?: { name: string; value?: string }[];
  resources?: { limits?: Record<string, string> };
  securityContext?: {
    privileged?: boolean;
    runAsNonRoot?: boolean;
    capabilities?: { drop?: string[] };
  };
}

interface Pod {
  metadata: { name: string; labels: Record<string, string> };
  spec: {
    containers: Container[];
    initContainers?: Container[];
    securityContext?: { runAsNonRoot?: boolean };
    hostNetwork?: boolean;
    hostPID?: boolean;
    hostIPC?: boolean;
  };
}

interface ClusterRole {
  rules: { verbs: string[]; resources: string[]; apiGroups: string[] }[];
}

interface Service {
  spec: { externalIPs: string[] };
}

const IMAGE = /^[a-z0-9.-]+(:[0-9]+)?\/[a-z0-9/._-]+(@sha256:[a-f0-9]{64}|:[0-9]+\.[0-9]+\.[0-9]+)$/;
const REGISTRIES = ['registry.example.com/', 'mirror.example.com/'];
const LABELS = ['app', 'team', 'tier'];
const ESCALATING = ['bind', 'escalate', 'impersonate', '*'];
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUFFIXES: Record<string, number> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

function bytes(quantity: string): number {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(quantity);
  const factor = match === null ? undefined : SUFFIXES[match[2]!];
  if (match === null || factor === undefined) throw new Error(`bad quantity ${quantity}`);
  return Number(match[1]) * factor;
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function isSorted(list: readonly string[]): boolean {
  for (let i = 1; i < list.length; i++) if (list[i - 1]! > list[i]!) return false;
  return true;
}

function isNewer(version: string, than: readonly [number, number, number]): boolean {
  const match = /^(\d+)\.(\d+)\.(\d+)$/.exec(version);
  if (match === null) throw new Error(`bad version ${version}`);
  for (let i = 0; i < 3; i++) {
    const part = Number(match[i + 1]);
    if (part !== than[i]) return part > than[i]!;
  }
  return false;
}

export const HANDWRITTEN: Readonly<Record<string, (object: never) => boolean>> = {
  'name-prefix': (pod: Pod) => !pod.metadata.name.startsWith('tmp-'),
  privileged: (pod: Pod) => pod.spec.containers.every((c) => !c.securityContext?.privileged),
  'drop-all': (pod: Pod) =>
    [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].every(
      (c) => c.securityContext?.capabilities?.drop?.includes('ALL') ?? false,
    ),
  'run-as-non-root': (pod: Pod) =>
    (pod.spec.securityContext?.runAsNonRoot === true &&
      pod.spec.containers.every((c) => c.securityContext?.runAsNonRoot !== false)) ||
    pod.spec.containers.every((c) => c.securityContext?.runAsNonRoot === true),
  'registry-prefix': (pod: Pod) =>
    pod.spec.containers.every((c) => REGISTRIES.some((registry) => c.image.startsWith(registry))),
  'image-pattern': (pod: Pod) => pod.spec.containers.every((c) => IMAGE.test(c.image)),
  'memory-limit': (pod: Pod) =>
    pod.spec.containers.every((c) => {
      const memory = c.resources?.limits?.['memory'];
      return memory !== undefined && bytes(memory) < 2 * 2 ** 30;
    }),
  'required-labels': (pod: Pod) => LABELS.every((label) => (pod.metadata.labels[label] ?? '') !== ''),
  'host-namespaces': ({ spec }: Pod) => !spec.hostNetwork && !spec.hostPID && !spec.hostIPC,
  'no-plain-secrets': (pod: Pod) =>
    pod.spec.containers.every((c) =>
      (c.env ?? []).every((e) => {
        const name = e.name.toLowerCase();
        return !(name.includes('password') || name.includes('token')) || e.value === undefined;
      }),
    ),
  'rbac-wildcard': (role: ClusterRole) =>
    !role.rules.some((r) => r.verbs.includes('*') && r.resources.includes('*') && r.apiGroups.includes('*')),
  'rbac-escalation': (role: ClusterRole) =>
    role.rules
      .filter((r) => r.apiGroups.some((g) => g === 'rbac.authorization.k8s.io' || g === '*'))
      .every((r) => !r.verbs.some((v) => ESCALATING.includes(v))),
  url: (pod: Pod) =>
    pod.spec.containers.every((c) =>
      (c.env ?? []).every((e) => {
        const url = e.value === undefined ? undefined : parseUrl(e.value);
        return url === undefined || url.protocol === 'https:' || url.hostname.endsWith('.observability');
      }),
    ),
  ip: (service: Service) =>
    service.spec.externalIPs.every((a) => isIPv4(a) && Math.floor(toNumber(a) / 2 ** 24) === 10),
  semver: (pod: Pod) => isNewer(pod.metadata.labels['app.kubernetes.io/version']!, [2, 0, 0]),
  lists: (pod: Pod) => {
    const names = pod.spec.containers.map((c) => c.name);
    return isSorted(names) || names.indexOf('proxy') === 1;
  },
  sets: (pod: Pod) =>
    pod.spec.containers.every((c) => {
      const drop = c.securityContext?.capabilities?.drop;
      if (drop === undefined) throw new Error('no drop');
      return drop.some((capability) => capability === 'ALL' || capability === 'NET_RAW');
    }),
  format: (pod: Pod) => pod.spec.containers.every((c) => c.name.length <= 63 && LABEL.test(c.name)),
};
