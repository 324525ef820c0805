/** Random objects that the API server accepts, of every workload kind and of some others; the same for the same seed. */
import type { JsonMap } from '../../src/model/index.ts';
import type { Random } from '../cel/generator/random.ts';

export interface KindCase {
  readonly path: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly make: (random: Random) => JsonMap;
}

const maybe = (random: Random, chance: number, fields: () => JsonMap): JsonMap =>
  random.chance(chance) ? fields() : {};
const LABELS = { app: 'a' };

function probe(random: Random): JsonMap {
  return {
    ...random.pick<JsonMap>([
      { httpGet: { port: 80 } },
      { httpGet: { port: 'http', path: '/live', scheme: 'HTTPS', httpHeaders: [{ name: 'a', value: '' }] } },
      { tcpSocket: { port: 80 } },
      { grpc: { port: 80 } },
      { exec: { command: ['true'] } },
    ]),
    ...maybe(random, 0.3, () => ({ initialDelaySeconds: random.below(2), periodSeconds: random.below(3) })),
  };
}

function env(random: Random): JsonMap {
  return random.pick<JsonMap>([
    { name: 'A', value: '' },
    { name: 'A', value: 'b' },
    { name: 'A' },
    { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
    { name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    { name: 'A', valueFrom: { configMapKeyRef: { name: 's', key: 'k', optional: false } } },
  ]);
}

function container(random: Random, name: string): JsonMap {
  return {
    name,
    image: random.pick([
      'nginx',
      'nginx:latest',
      'nginx:1',
      'r.example:5000/a/b',
      `a@sha256:${'0'.repeat(64)}`,
    ]),
    ...maybe(random, 0.3, () => ({ imagePullPolicy: 'Never' })),
    ...maybe(random, 0.3, () => ({
      ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP', name: 'dns' }],
    })),
    ...maybe(random, 0.3, () => ({ env: [env(random)] })),
    ...maybe(random, 0.2, () => ({ env: [], args: [], command: [] })),
    ...maybe(random, 0.2, () => ({ stdin: false, tty: true, workingDir: '' })),
    ...maybe(random, 0.4, () => ({
      resources: random.pick<JsonMap>([
        {},
        { limits: { cpu: '1', memory: '1Gi' } },
        { limits: { cpu: '1' }, requests: { memory: '64Mi' } },
        { requests: {} },
      ]),
    })),
    ...maybe(random, 0.3, () => ({
      securityContext: random.pick<JsonMap>([
        {},
        { privileged: false, capabilities: { drop: ['ALL'], add: [] } },
        { runAsUser: 0, readOnlyRootFilesystem: true, seccompProfile: { type: 'RuntimeDefault' } },
      ]),
    })),
    ...maybe(random, 0.2, () => ({ volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: false }] })),
    ...maybe(random, 0.1, () => ({ envFrom: [{ configMapRef: { name: 'c' } }] })),
  };
}

function volume(random: Random): JsonMap {
  return {
    name: 'v',
    ...random.pick<JsonMap>([
      {},
      { emptyDir: {} },
      { hostPath: { path: '/x' } },
      { secret: { secretName: 's' } },
      { configMap: { name: 'c', items: [{ key: 'a', path: 'b' }] } },
      { downwardAPI: { items: [{ path: 'a', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      { projected: { sources: [{ serviceAccountToken: { path: 't' } }, { secret: { name: 's' } }] } },
      { iscsi: { targetPortal: '1.2.3.4', iqn: 'iqn.2001-04.com.example:storage', lun: 0 } },
      { rbd: { monitors: ['m'], image: 'i' } },
      { azureDisk: { diskName: 'd', diskURI: 'https://x.blob.core.windows.net/d' } },
      { scaleIO: { gateway: 'g', system: 's', volumeName: 'v', secretRef: { name: 's' } } },
      { persistentVolumeClaim: { claimName: 'p', readOnly: false } },
      { image: { reference: 'a:latest' } },
      {
        ephemeral: {
          volumeClaimTemplate: {
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        },
      },
    ]),
  };
}

function podSpec(random: Random, restart: string | undefined): JsonMap {
  const main = container(random, 'main');
  return {
    containers: [
      random.chance(0.5)
        ? {
            ...main,
            livenessProbe: probe(random),
            readinessProbe: probe(random),
            lifecycle: { preStop: { httpGet: { port: 80 } } },
          }
        : main,
      ...(random.chance(0.3) ? [container(random, 'second')] : []),
    ],
    ...maybe(random, 0.3, () => ({ initContainers: [container(random, 'init')] })),
    ...(restart === undefined
      ? maybe(random, 0.2, () => ({ restartPolicy: 'Always' }))
      : { restartPolicy: restart }),
    volumes: [volume(random)],
    ...maybe(random, 0.2, () => ({ hostNetwork: random.chance(0.5), hostPID: false })),
    ...maybe(random, 0.2, () => ({ securityContext: { runAsNonRoot: true, fsGroup: 0 } })),
    ...maybe(random, 0.2, () => ({ serviceAccountName: 'robot' })),
    ...maybe(random, 0.2, () => ({ tolerations: [{ key: 'a', operator: 'Exists' }], nodeSelector: {} })),
    ...maybe(random, 0.2, () => ({
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'z', labelSelector: {} }],
        },
      },
    })),
    ...maybe(random, 0.2, () => ({
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'z',
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels: LABELS },
        },
      ],
    })),
    ...maybe(random, 0.2, () => ({ terminationGracePeriodSeconds: 0, enableServiceLinks: false })),
    ...maybe(random, 0.1, () => ({
      dnsConfig: { options: [{ name: 'a' }] },
      hostAliases: [{ ip: '1.1.1.1', hostnames: ['h'] }],
    })),
  };
}

const template = (random: Random, restart?: string): JsonMap => ({
  metadata: { labels: LABELS, ...maybe(random, 0.2, () => ({ annotations: {} })) },
  spec: podSpec(random, restart),
});

const claim = (): JsonMap => ({
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: '1Gi' } },
});

const apps = (kind: string, plural: string, spec: (random: Random) => JsonMap): KindCase => ({
  path: `/apis/apps/v1/namespaces/default/${plural}`,
  apiVersion: 'apps/v1',
  kind,
  namespaced: true,
  make: (random) => ({
    spec: { selector: { matchLabels: LABELS }, template: template(random), ...spec(random) },
  }),
});

const other = (
  apiVersion: string,
  kind: string,
  plural: string,
  namespaced: boolean,
  make: KindCase['make'],
): KindCase => ({
  path: `${apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`}${namespaced ? '/namespaces/default' : ''}/${plural}`,
  apiVersion,
  kind,
  namespaced,
  make,
});

const job = (random: Random): JsonMap => ({
  template: template(random, random.pick(['Never', 'OnFailure'])),
  ...maybe(random, 0.3, () =>
    random.pick([{ parallelism: 2 }, { completions: 3 }, { backoffLimit: 0 }, { suspend: true }]),
  ),
});

export const KINDS: readonly KindCase[] = [
  other('v1', 'Pod', 'pods', true, (random) => ({ spec: podSpec(random, undefined) })),
  other('v1', 'ReplicationController', 'replicationcontrollers', true, (random) => ({
    spec: {
      template: template(random),
      ...maybe(random, 0.5, () => ({ selector: LABELS, replicas: random.below(3) })),
    },
  })),
  apps('Deployment', 'deployments', (random) =>
    random.pick<JsonMap>([
      {},
      { replicas: 0, paused: false },
      { strategy: { type: 'Recreate' } },
      { strategy: { rollingUpdate: { maxSurge: 1 } }, minReadySeconds: 5 },
      { revisionHistoryLimit: 0 },
    ]),
  ),
  apps('ReplicaSet', 'replicasets', (random) =>
    random.pick<JsonMap>([{}, { replicas: 0 }, { minReadySeconds: 1 }]),
  ),
  apps('DaemonSet', 'daemonsets', (random) =>
    random.pick<JsonMap>([
      {},
      { updateStrategy: { type: 'OnDelete' } },
      { updateStrategy: { rollingUpdate: { maxUnavailable: '10%' } } },
    ]),
  ),
  apps('StatefulSet', 'statefulsets', (random) => ({
    ...random.pick<JsonMap>([
      {},
      { serviceName: 's' },
      { updateStrategy: { type: 'RollingUpdate' } },
      { updateStrategy: { type: 'OnDelete' } },
      { replicas: 3, podManagementPolicy: 'Parallel' },
    ]),
    ...maybe(random, 0.4, () => ({ volumeClaimTemplates: [{ metadata: { name: 'c' }, spec: claim() }] })),
  })),
  other('batch/v1', 'Job', 'jobs', true, (random) => ({ spec: job(random) })),
  other('batch/v1', 'CronJob', 'cronjobs', true, (random) => ({
    spec: {
      schedule: '5 4 * * *',
      jobTemplate: { spec: job(random) },
      ...maybe(random, 0.3, () => ({ suspend: true, concurrencyPolicy: 'Forbid' })),
    },
  })),
  other('v1', 'Service', 'services', true, (random) => ({
    spec: {
      ports: [
        {
          port: 80,
          ...maybe(random, 0.5, () => ({ targetPort: random.pick<unknown>([8080, 'http']), name: 'http' })),
        },
      ],
      selector: LABELS,
      ...random.pick<JsonMap>([
        {},
        { type: 'NodePort' },
        { type: 'LoadBalancer' },
        { sessionAffinity: 'ClientIP' },
        { clusterIP: 'None' },
      ]),
    },
  })),
  other('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', true, () => ({ spec: claim() })),
  other('v1', 'PersistentVolume', 'persistentvolumes', false, (random) => ({
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      ...random.pick<JsonMap>([
        { nfs: { server: 's', path: '/p' } },
        { hostPath: { path: '/p' } },
        { csi: { driver: 'd', volumeHandle: 'h' } },
      ]),
    },
  })),
  other('v1', 'ConfigMap', 'configmaps', true, (random) =>
    random.pick<JsonMap>([{}, { data: {} }, { data: { a: '' }, immutable: false }]),
  ),
  other('v1', 'Secret', 'secrets', true, (random) =>
    random.pick<JsonMap>([{}, { data: {} }, { data: { a: 'YQ==' } }]),
  ),
  other('v1', 'ServiceAccount', 'serviceaccounts', true, () => ({ automountServiceAccountToken: false })),
  other('v1', 'Namespace', 'namespaces', false, (random) => random.pick<JsonMap>([{}, { spec: {} }])),
  other('v1', 'LimitRange', 'limitranges', true, (random) => ({
    spec: {
      limits: [
        random.pick<JsonMap>([
          { type: 'Container', max: { cpu: '2' } },
          { type: 'Container', min: { cpu: '1' }, default: { cpu: '2' } },
          { type: 'Pod', max: { cpu: '2' } },
        ]),
      ],
    },
  })),
  other('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', true, (random) => ({
    spec: {
      podSelector: {},
      ...random.pick<JsonMap>([
        {},
        { egress: [{ ports: [{ port: 53 }] }] },
        { ingress: [{ from: [{ podSelector: {} }] }], policyTypes: ['Ingress'] },
        { ingress: [] },
      ]),
    },
  })),
  other('networking.k8s.io/v1', 'Ingress', 'ingresses', true, () => ({
    spec: {
      rules: [
        {
          host: 'a.example',
          http: {
            paths: [
              { path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } },
            ],
          },
        },
      ],
    },
  })),
  other('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', true, () => ({
    spec: { minAvailable: 1, selector: { matchLabels: LABELS } },
  })),
  other('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', true, (random) => ({
    spec: {
      scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' },
      maxReplicas: 3,
      ...random.pick<JsonMap>([
        {},
        { behavior: { scaleDown: { stabilizationWindowSeconds: 1 } } },
        { minReplicas: 2 },
      ]),
    },
  })),
  other('rbac.authorization.k8s.io/v1', 'Role', 'roles', true, (random) =>
    random.pick<JsonMap>([
      { rules: [] },
      { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
      {},
    ]),
  ),
  other('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings', true, (random) => ({
    roleRef: {
      kind: 'Role',
      name: 'r',
      ...maybe(random, 0.5, () => ({ apiGroup: 'rbac.authorization.k8s.io' })),
    },
    subjects: [
      random.pick<JsonMap>([
        { kind: 'User', name: 'u' },
        { kind: 'ServiceAccount', name: 's', namespace: 'default' },
      ]),
    ],
  })),
  other('storage.k8s.io/v1', 'StorageClass', 'storageclasses', false, () => ({ provisioner: 'p.example' })),
  other('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', false, () => ({ value: 5 })),
];
