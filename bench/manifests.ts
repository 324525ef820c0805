/**
 * Manifests for benchmarks: seeded, mixed like a real repository, 1 to 4 KB each. The same options give the same files
 * byte by byte.
 *
 *     node bench/manifests.ts FOLDER [COUNT] [SHARE]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface ManifestOptions {
  readonly count: number;
  readonly seed?: number;
  /** Share of the files, 0 to 1, that have violations of the Pod Security Standards; default 0.05. */
  readonly findings?: number;
}

export interface GeneratedFile {
  /** Relative, with `/`. */
  readonly name: string;
  readonly text: string;
}

const WORKLOADS: readonly (readonly [weight: number, kind: string])[] = [
  [28, 'Deployment'],
  [8, 'StatefulSet'],
  [6, 'DaemonSet'],
  [6, 'CronJob'],
  [5, 'Job'],
  [5, 'Pod'],
];

/** 58 % workloads; the rest services, config maps, RBAC, ingresses and network policies. */
const MIX: readonly (readonly [weight: number, kind: string])[] = [
  ...WORKLOADS,
  [14, 'Service'],
  [10, 'ConfigMap'],
  [8, 'Role'],
  [5, 'Ingress'],
  [5, 'NetworkPolicy'],
];

export function* generateManifests({
  count,
  seed = 1,
  findings = 0.05,
}: ManifestOptions): Generator<GeneratedFile> {
  const random = seeded(seed);
  for (let index = 0; index < count; index++) {
    const bad = random() < findings;
    // Only a workload can violate the standards.
    const kind = draw(random, bad ? WORKLOADS : MIX);
    const folder = `team-${String(index % 50).padStart(2, '0')}/app-${String(Math.floor(index / 50) % 40).padStart(2, '0')}`;
    const name = `${kind.toLowerCase()}-${index}`;
    yield { name: `${folder}/${name}.yaml`, text: manifest(random, kind, name, bad) };
  }
}

function draw(random: Random, kinds: readonly (readonly [weight: number, kind: string])[]): string {
  let left = random() * kinds.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, kind] of kinds) {
    left -= weight;
    if (left < 0) return kind;
  }
  return kinds[0]![1];
}

/** Writes them below a folder; returns how many bytes. */
export function writeManifests(folder: string, options: ManifestOptions): number {
  let bytes = 0;
  const made = new Set<string>();
  for (const { name, text } of generateManifests(options)) {
    const path = join(folder, name);
    if (!made.has(dirname(path))) {
      mkdirSync(dirname(path), { recursive: true });
      made.add(dirname(path));
    }
    writeFileSync(path, text);
    bytes += Buffer.byteLength(text);
  }
  return bytes;
}

type Random = () => number;

function manifest(random: Random, kind: string, name: string, bad: boolean): string {
  switch (kind) {
    case 'Service':
      return head(random, 'v1', kind, name) + service(random);
    case 'ConfigMap':
      return head(random, 'v1', kind, name) + configMap(random);
    case 'Role':
      return head(random, 'rbac.authorization.k8s.io/v1', kind, name) + role(random, name);
    case 'Ingress':
      return head(random, 'networking.k8s.io/v1', kind, name) + ingress(random, name);
    case 'NetworkPolicy':
      return head(random, 'networking.k8s.io/v1', kind, name) + networkPolicy(random);
    case 'Pod':
      return `${head(random, 'v1', kind, name)}spec:\n${podSpec(random, 2, bad)}`;
    case 'CronJob':
      return `${head(random, 'batch/v1', kind, name)}spec:
  schedule: "${below(random, 60)} ${below(random, 24)} * * *"
  concurrencyPolicy: Forbid
  successfulJobsHistoryLimit: 3
  jobTemplate:
    spec:
      backoffLimit: 2
      template:
${template(random, 8, bad, name, true)}`;
    case 'Job':
      return `${head(random, 'batch/v1', kind, name)}spec:\n  backoffLimit: 4\n  template:\n${template(random, 4, bad, name, true)}`;
    default:
      return `${head(random, 'apps/v1', kind, name)}spec:
${kind === 'DaemonSet' ? '' : `  replicas: ${1 + below(random, 5)}\n`}${kind === 'StatefulSet' ? `  serviceName: ${name}\n` : ''}  selector:
    matchLabels:
      app.kubernetes.io/name: ${name}
  template:
${template(random, 4, bad, name, false)}`;
  }
}

function head(random: Random, apiVersion: string, kind: string, name: string): string {
  const comment = random() < 0.3 ? `# ${sentence(random, 12)}\n` : '';
  return `${comment}apiVersion: ${apiVersion}
kind: ${kind}
metadata:
  name: ${name}
  namespace: team-${below(random, 50)}
  labels:
    app.kubernetes.io/name: ${name}
    app.kubernetes.io/part-of: ${word(random)}
    app.kubernetes.io/version: "${below(random, 9)}.${below(random, 20)}"
    tier: ${pick(random, ['frontend', 'backend', 'data', 'batch'])}
  annotations:
    example.com/owner: ${word(random)}@example.com
    example.com/description: ${sentence(random, 8)}
`;
}

function template(random: Random, indent: number, bad: boolean, name: string, batch: boolean): string {
  const pad = ' '.repeat(indent);
  return `${pad}  metadata:
${pad}    labels:
${pad}      app.kubernetes.io/name: ${name}
${pad}      tier: ${pick(random, ['frontend', 'backend', 'data'])}
${pad}  spec:
${batch ? `${pad}    restartPolicy: OnFailure\n` : ''}${podSpec(random, indent + 4, bad)}`.replaceAll(
    /^ {2}/gm,
    '',
  );
}

function podSpec(random: Random, indent: number, bad: boolean): string {
  const pad = ' '.repeat(indent);
  const count = 1 + (random() < 0.35 ? 1 : 0);
  const containers = Array.from({ length: count }, (_, index) =>
    container(random, indent, bad && index === count - 1),
  );
  return `${pad}serviceAccountName: ${word(random)}
${pad}automountServiceAccountToken: false
${pad}securityContext:
${pad}  runAsNonRoot: true
${pad}  runAsUser: ${1000 + below(random, 5000)}
${pad}  fsGroup: 2000
${pad}  seccompProfile:
${pad}    type: RuntimeDefault
${pad}containers:
${containers.join('')}${pad}volumes:
${pad}- name: config
${pad}  configMap:
${pad}    name: ${word(random)}-config
${pad}- name: tmp
${pad}  emptyDir: {}
`;
}

function container(random: Random, indent: number, bad: boolean): string {
  const pad = ' '.repeat(indent);
  const fault = bad ? pick(random, ['privileged', 'escalation', 'capability']) : '';
  const port = 1024 + below(random, 60000);
  const env = Array.from({ length: 2 + below(random, 6) }, () => {
    const name = word(random).toUpperCase();
    return random() < 0.2
      ? `${pad}  - name: ${name}\n${pad}    valueFrom:\n${pad}      configMapKeyRef:\n${pad}        name: ${word(random)}\n${pad}        key: ${word(random)}\n`
      : `${pad}  - name: ${name}\n${pad}    value: "${pick(random, ['true', '8080', word(random), `https://${word(random)}.example.com/v1`])}"\n`;
  });
  return `${pad}- name: ${word(random)}-${below(random, 100)}
${pad}  image: registry.example.com/${word(random)}/${word(random)}:${below(random, 9)}.${below(random, 30)}.${below(random, 9)}@sha256:${digest(random)}
${pad}  imagePullPolicy: IfNotPresent
${pad}  args: ["--port=${port}", "--log-level=${pick(random, ['info', 'debug', 'warn'])}", "--config=/etc/config/app.yaml"]
${pad}  ports:
${pad}  - name: http
${pad}    containerPort: ${port}
${pad}    protocol: TCP
${pad}  env:
${env.join('')}${pad}  resources:
${pad}    requests:
${pad}      cpu: ${50 * (1 + below(random, 10))}m
${pad}      memory: ${64 * (1 + below(random, 10))}Mi
${pad}    limits:
${pad}      cpu: "${1 + below(random, 3)}"
${pad}      memory: ${1 + below(random, 4)}Gi
${pad}  readinessProbe:
${pad}    httpGet:
${pad}      path: /ready
${pad}      port: http
${pad}    initialDelaySeconds: ${below(random, 30)}
${pad}    periodSeconds: 10
${pad}  livenessProbe:
${pad}    httpGet:
${pad}      path: /healthz
${pad}      port: http
${pad}    periodSeconds: 20
${pad}  securityContext:
${fault === 'privileged' ? `${pad}    privileged: true\n` : ''}${pad}    allowPrivilegeEscalation: ${fault === 'privileged' || fault === 'escalation'}
${pad}    readOnlyRootFilesystem: true
${pad}    capabilities:
${pad}      drop:
${pad}      - ALL
${fault === 'capability' ? `${pad}      add:\n${pad}      - SYS_ADMIN\n` : ''}${pad}  volumeMounts:
${pad}  - name: config
${pad}    mountPath: /etc/config
${pad}    readOnly: true
${pad}  - name: tmp
${pad}    mountPath: /tmp
`;
}

function service(random: Random): string {
  const ports = Array.from({ length: 2 + below(random, 6) }, (_, index) => {
    const port = 1024 + below(random, 60000);
    return `  - name: port-${index}\n    port: ${port}\n    targetPort: ${port}\n    protocol: TCP\n    appProtocol: http\n`;
  });
  return `spec:
  type: ClusterIP
  selector:
    app.kubernetes.io/name: ${word(random)}
    tier: backend
  sessionAffinity: None
  internalTrafficPolicy: Cluster
  ipFamilyPolicy: PreferDualStack
  ports:
${ports.join('')}`;
}

function configMap(random: Random): string {
  const plain = Array.from(
    { length: 6 + below(random, 10) },
    () => `  ${word(random)}.${word(random)}: "${sentence(random, 4)}"\n`,
  );
  const lines = Array.from(
    { length: 8 + below(random, 25) },
    () => `    ${word(random)} = ${sentence(random, 5)}\n`,
  );
  return `data:\n${[...new Map(plain.map((line) => [line.split(':')[0], line])).values()].join('')}  app.conf: |\n${lines.join('')}`;
}

function role(random: Random, name: string): string {
  const rules = Array.from(
    { length: 2 + below(random, 6) },
    () => `- apiGroups: ["${pick(random, ['', 'apps', 'batch'])}"]
  resources: ["${pick(random, ['pods', 'configmaps', 'deployments', 'jobs'])}", "services"]
  resourceNames: ["${word(random)}-${below(random, 100)}"]
  verbs: ["get", "list", "watch"]
`,
  );
  return `rules:
${rules.join('')}---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: ${name}
  namespace: team-${below(random, 50)}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: ${name}
subjects:
- kind: ServiceAccount
  name: ${word(random)}
  namespace: team-${below(random, 50)}
`;
}

function ingress(random: Random, name: string): string {
  const rules = Array.from(
    { length: 2 + below(random, 5) },
    () => `  - host: ${word(random)}.example.com
    http:
      paths:
      - path: /${word(random)}
        pathType: Prefix
        backend:
          service:
            name: ${word(random)}
            port:
              number: ${1024 + below(random, 60000)}
`,
  );
  return `spec:
  ingressClassName: internal
  tls:
  - hosts:
    - '*.example.com'
    secretName: ${name}-tls
  rules:
${rules.join('')}`;
}

function networkPolicy(random: Random): string {
  const rules = Array.from(
    { length: 2 + below(random, 4) },
    () => `  - from:
    - podSelector:
        matchLabels:
          app.kubernetes.io/name: ${word(random)}
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: team-${below(random, 50)}
    ports:
    - protocol: TCP
      port: ${1024 + below(random, 60000)}
`,
  );
  return `spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: ${word(random)}
  policyTypes:
  - Ingress
  - Egress
  egress: []
  ingress:
${rules.join('')}`;
}

const WORDS =
  'amber basil cedar delta ember fjord garnet hazel iris juniper kelp larch maple nectar olive pepper quartz rowan sable thyme umber violet willow xenon yarrow zephyr'.split(
    ' ',
  );

function word(random: Random): string {
  return pick(random, WORDS);
}

function sentence(random: Random, words: number): string {
  return Array.from({ length: words }, () => word(random)).join(' ');
}

function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)]!;
}

function digest(random: Random): string {
  return Array.from({ length: 8 }, () =>
    below(random, 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

/** mulberry32: numbers from 0 to 1. */
function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

if (import.meta.main) {
  const [folder, count = '10000', share = '0.05'] = process.argv.slice(2);
  if (folder === undefined) throw new Error('usage: node bench/manifests.ts FOLDER [COUNT] [SHARE]');
  const bytes = writeManifests(folder, { count: Number(count), findings: Number(share) });
  console.log(`${count} manifests, ${(bytes / 1e6).toFixed(1)} MB`);
}
