/** Objects that are no workloads, as people write them, and what stands beside them that policies look up. */
import type { Draw, Fields } from './draw.ts';
import type { Home } from './workloads.ts';

export function rights(draw: Draw, { name, namespace }: Home): Fields[] {
  const kind = draw.one(['Role', 'ClusterRole', 'ClusterRole']);
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata: Fields = kind === 'Role' ? { name, namespace } : { name };
  const role: Fields = {
    apiVersion,
    kind,
    metadata,
    rules: draw.chance(0.2)
      ? draw.one(GIVEN_AWAY)
      : Array.from({ length: 1 + draw.below(2) }, () => rule(draw, kind === 'ClusterRole')),
  };
  if (draw.chance(0.3)) return [role];
  const binding = kind === 'Role' || draw.chance(0.3) ? 'RoleBinding' : 'ClusterRoleBinding';
  const bound: Fields = {
    apiVersion,
    kind: binding,
    metadata: binding === 'RoleBinding' ? { name, namespace } : { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
    subjects: draw
      .some(SUBJECTS, 1, 2)
      .map((subject) => ({ ...subject, ...(subject['kind'] === 'ServiceAccount' ? { namespace } : {}) })),
  };
  return [role, bound];
}

export function binding(draw: Draw, { name, namespace }: Home): Fields[] {
  const kind = draw.one(['RoleBinding', 'ClusterRoleBinding']);
  const role = draw.one([
    { kind: 'ClusterRole', name: 'cluster-admin' },
    { kind: 'ClusterRole', name: 'admin' },
    { kind: 'ClusterRole', name: 'edit' },
    { kind: 'ClusterRole', name: 'view' },
    { kind: 'ClusterRole', name: 'system:masters' },
    { kind: 'ClusterRole', name: 'shop-operator' },
    ...(kind === 'RoleBinding'
      ? [
          { kind: 'Role', name: 'reader' },
          { kind: 'Role', name: 'cluster-admin' },
        ]
      : []),
  ]);
  const subjects = draw
    .some(SUBJECTS, 1, 3)
    .map((subject) => ({ ...subject, ...(subject['kind'] === 'ServiceAccount' ? { namespace } : {}) }));
  return [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind,
      metadata: kind === 'RoleBinding' ? { name, namespace } : { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', ...role },
      subjects,
    },
  ];
}

const RBAC_GROUP = { apiGroup: 'rbac.authorization.k8s.io' };
const SUBJECTS: readonly Fields[] = [
  { kind: 'ServiceAccount', name: 'default' },
  { kind: 'ServiceAccount', name: 'robot' },
  { kind: 'ServiceAccount', name: 'robot' },
  { kind: 'User', name: 'jane', ...RBAC_GROUP },
  { kind: 'User', name: 'system:anonymous', ...RBAC_GROUP },
  { kind: 'User', name: 'system:node:one', ...RBAC_GROUP },
  { kind: 'Group', name: 'developers', ...RBAC_GROUP },
  { kind: 'Group', name: 'system:authenticated', ...RBAC_GROUP },
  { kind: 'Group', name: 'system:unauthenticated', ...RBAC_GROUP },
  { kind: 'Group', name: 'system:masters', ...RBAC_GROUP },
  { kind: 'Group', name: 'system:serviceaccounts', ...RBAC_GROUP },
];

/** Resources with the group they are in. */
const RESOURCES: readonly (readonly [group: string, resources: readonly string[]])[] = [
  [
    '',
    [
      'pods',
      'secrets',
      'configmaps',
      'pods/exec',
      'pods/attach',
      'pods/log',
      'pods/portforward',
      'pods/ephemeralcontainers',
      'nodes/proxy',
      'nodes',
      'services',
      'services/status',
      'endpoints',
      'serviceaccounts/token',
      'serviceaccounts',
      'users',
      'groups',
      'persistentvolumes',
      'events',
      'replicationcontrollers',
      'namespaces',
    ],
  ],
  ['apps', ['deployments', 'statefulsets', 'daemonsets', 'replicasets']],
  ['batch', ['jobs', 'cronjobs']],
  ['rbac.authorization.k8s.io', ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings']],
  ['networking.k8s.io', ['networkpolicies', 'ingresses']],
  [
    'admissionregistration.k8s.io',
    ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations', 'validatingadmissionpolicies'],
  ],
  ['certificates.k8s.io', ['certificatesigningrequests', 'certificatesigningrequests/approval', 'signers']],
  ['events.k8s.io', ['events']],
  ['example.com', ['widgets']],
];

const [CORE, RBAC, ANY] = [[''], ['rbac.authorization.k8s.io'], ['*']];

/** Rules that somebody wrote for a purpose, whole. */
const GIVEN_AWAY: readonly Fields[][] = [
  [{ apiGroups: ANY, resources: ['groups'], verbs: ['impersonate'] }],
  [{ apiGroups: CORE, resources: ['users', 'groups', 'serviceaccounts'], verbs: ['impersonate'] }],
  [{ apiGroups: ANY, resources: ['rolebindings'], verbs: ['get', 'patch'] }],
  [{ apiGroups: RBAC, resources: ['rolebindings', 'clusterrolebindings'], verbs: ['create', 'bind'] }],
  [{ apiGroups: RBAC, resources: ['clusterroles'], verbs: ['bind', 'escalate'] }],
  [
    { apiGroups: ANY, resources: ['pods/attach'], verbs: ['create'] },
    { apiGroups: ANY, resources: ['pods'], verbs: ['get'] },
  ],
  [{ apiGroups: CORE, resources: ['pods/exec'], verbs: ['create', 'get'] }],
  [{ apiGroups: CORE, resources: ['pods'], verbs: ['create'] }],
  [{ apiGroups: CORE, resources: ['nodes/proxy'], verbs: ['create', 'get'] }],
  [{ apiGroups: CORE, resources: ['secrets'], verbs: ['get', 'list', 'watch'] }],
  [{ apiGroups: CORE, resources: ['services/status'], verbs: ['update', 'patch'] }],
  [{ apiGroups: CORE, resources: ['serviceaccounts/token'], verbs: ['create'] }],
  [
    {
      apiGroups: ['certificates.k8s.io'],
      resources: ['certificatesigningrequests/approval'],
      verbs: ['update'],
    },
  ],
  [
    {
      apiGroups: ['certificates.k8s.io'],
      resources: ['certificatesigningrequests/approval'],
      verbs: ['update'],
    },
    { apiGroups: ['certificates.k8s.io'], resources: ['signers'], verbs: ['approve'] },
  ],
  [
    {
      apiGroups: ['admissionregistration.k8s.io'],
      resources: ['mutatingwebhookconfigurations'],
      verbs: ['update'],
    },
  ],
  [{ apiGroups: ['example.com'], resources: ['*'], verbs: ['*'] }],
  [{ apiGroups: ANY, resources: ['*'], verbs: ['*'] }],
  [{ apiGroups: CORE, resources: ['configmaps'], resourceNames: ['aws-auth'], verbs: ['update'] }],
  [{ apiGroups: CORE, resources: ['events'], verbs: ['delete'] }],
  [{ apiGroups: CORE, resources: ['pods/log'], verbs: ['delete'] }],
];

const VERBS = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'bind',
  'escalate',
  'impersonate',
  'approve',
  'sign',
];

function rule(draw: Draw, cluster: boolean): Fields {
  if (cluster && draw.chance(0.04)) return { nonResourceURLs: ['/metrics'], verbs: ['get'] };
  const [group, resources] = draw.chance(0.5) ? RESOURCES[0]! : draw.one(RESOURCES);
  return {
    apiGroups: draw.chance(0.15) ? ['*'] : [group],
    resources: draw.chance(0.12)
      ? draw.one([['*'], ['*'], ['*/exec'], ['*', 'pods']])
      : draw.some(resources, 1, 2),
    verbs: draw.chance(0.15) ? ['*'] : draw.some(VERBS, 1, 4),
    ...(draw.chance(0.12) ? { resourceNames: ['aws-auth', 'one'].slice(draw.below(2)) } : {}),
  };
}

export function service(draw: Draw, { name, namespace }: Home): Fields[] {
  const type = draw.one([undefined, 'ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']);
  const spec: Fields = {
    ...(type === undefined ? {} : { type }),
    ...(type === 'ExternalName'
      ? { externalName: 'db.example.com' }
      : {
          ports: [{ port: draw.one([80, 443, 44134]) }],
          selector: draw.one([{ app: name }, { app: 'gone' }, { app: 'helm', name: 'tiller' }]),
        }),
  };
  if (type === 'LoadBalancer' && draw.chance(0.5))
    spec['loadBalancerSourceRanges'] = draw.one([['10.0.0.0/8'], ['0.0.0.0/0']]);
  if (draw.chance(0.2)) spec['externalIPs'] = ['203.0.113.7'];
  const metadata: Fields = {
    name: draw.chance(0.1) ? `tiller-deploy-${name}` : name,
    ...(draw.chance(0.85) ? { namespace } : draw.one<Fields>([{}, { namespace: 'default' }])),
    labels: draw.one<Fields>([
      { app: name },
      { app: name },
      { app: 'helm', name: 'tiller' },
      { name: 'tiller' },
    ]),
    ...(draw.chance(0.2)
      ? { annotations: { 'service.beta.kubernetes.io/aws-load-balancer-internal': 'true' } }
      : {}),
  };
  return [
    { apiVersion: 'v1', kind: 'Service', metadata, spec },
    ...(draw.chance(0.6) ? [deployment(name, namespace)] : []),
  ];
}

function deployment(name: string, namespace: string): Fields {
  const metadata = { labels: { app: name } };
  const containers = [{ name: 'main', image: 'registry.example.com/shop/orders:1.4.2' }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { selector: { matchLabels: { app: name } }, template: { metadata, spec: { containers } } },
  };
}

export function ingress(draw: Draw, { name, namespace }: Home): Fields[] {
  const annotation = draw.one<Fields>([
    {},
    { 'nginx.ingress.kubernetes.io/server-snippet': 'location / { return 200; }' },
    { 'nginx.ingress.kubernetes.io/configuration-snippet': 'content_by_lua_block { x() }' },
    { 'nginx.ingress.kubernetes.io/configuration-snippet': 'alias /etc/;' },
    { 'nginx.ingress.kubernetes.io/server-snippet': 'lua_code_cache off;' },
    { 'nginx.ingress.kubernetes.io/auth-snippet': 'proxy_pass_header x;' },
    { 'nginx.ingress.kubernetes.io/rewrite-target': '/' },
    { 'nginx.org/server-snippets': 'location / {}' },
  ]);
  const backend = {
    service: {
      name: draw.one([name, 'gone']),
      port: draw.one<Fields>([{ number: 80 }, { name: 'http' }, { number: 9090 }]),
    },
  };
  const made: Fields = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace, annotations: annotation },
    spec: draw.chance(0.8)
      ? {
          rules: [
            { host: 'shop.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } },
          ],
        }
      : { defaultBackend: backend },
  };
  const port = draw.one<Fields>([{ port: 80 }, { port: 80, name: 'http' }]);
  const serving: Fields = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [port] },
  };
  return [made, serving, deployment(name, namespace)];
}

export function networkPolicy(draw: Draw, { name, namespace }: Home): Fields[] {
  const podSelector = draw.one<Fields>([
    {},
    { matchLabels: { app: name } },
    { matchLabels: { app: 'gone' } },
    { matchExpressions: [{ key: 'app', operator: 'In', values: [name] }] },
    { matchExpressions: [{ key: 'app', operator: 'NotIn', values: [name] }] },
  ]);
  const peer = draw.one<Fields>([
    { podSelector: { matchLabels: { app: name } } },
    { podSelector: { matchLabels: { app: 'gone' } } },
    { podSelector: {} },
    { namespaceSelector: {} },
    { namespaceSelector: {}, podSelector: { matchLabels: { app: 'gone' } } },
    { ipBlock: { cidr: '10.0.0.0/8' } },
  ]);
  const spec: Fields = draw.one<Fields>([
    { podSelector, ingress: [{ from: [peer] }] },
    { podSelector, policyTypes: ['Egress'], egress: [{ to: [peer] }] },
    { podSelector, policyTypes: ['Ingress'] },
    { podSelector, ingress: [{}] },
  ]);
  return [
    { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec },
    deployment(name, namespace),
  ];
}

export function scaling(draw: Draw, { name, namespace }: Home): Fields[] {
  const metadata = { name, namespace };
  const workload = deployment(name, namespace) as { spec: Fields } & Fields;
  workload.spec['replicas'] = draw.one([1, 2, 4]);
  const selector = draw.one<Fields>([{ matchLabels: { app: name } }, { matchLabels: { app: 'gone' } }]);
  const budget: Fields = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata,
    spec: {
      selector,
      ...draw.one<Fields>([
        { minAvailable: 1 },
        { minAvailable: 2 },
        { minAvailable: '50%' },
        { minAvailable: '100%' },
        { maxUnavailable: 0 },
        { maxUnavailable: '0%' },
        { maxUnavailable: 1 },
        {},
      ]),
      ...draw.one<Fields>([
        {},
        { unhealthyPodEvictionPolicy: 'AlwaysAllow' },
        { unhealthyPodEvictionPolicy: 'IfHealthyBudget' },
      ]),
    },
  };
  const scaler: Fields = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata,
    spec: {
      scaleTargetRef: draw.one<Fields>([
        { apiVersion: 'apps/v1', kind: 'Deployment', name },
        { apiVersion: 'apps/v1', kind: 'Deployment', name: 'gone' },
        { apiVersion: 'apps/v1', kind: 'StatefulSet', name },
      ]),
      minReplicas: draw.one([1, 2, 3]),
      maxReplicas: 5,
    },
  };
  return draw.one([
    [budget, workload],
    [scaler, workload],
    [budget, scaler, workload],
  ]);
}

export function configuration(draw: Draw, { name, namespace }: Home): Fields[] {
  const metadata: Fields = { name, namespace };
  const data = draw.one<Fields>([
    { mode: 'production' },
    { password: 'hunter2hunter2' },
    { PASSWORD_FILE: '/run/secrets/db' },
    { DB_PASSWORD: 'hunter2' },
    { token: 'b0a7c1d9e2' },
    { 'app.conf': 'log = info\nsecret = b0a7c1d9e2\n' },
    { 'app.conf': 'url = https://example.com\n' },
    { aws_access_key_id: 'AKIAIOSFODNN7EXAMPLE' },
    { apiKey: '' },
    { username: 'admin' },
  ]);
  return draw.one<Fields[]>([
    [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }],
    [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }],
    [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: draw.one<Fields>([{ name }, { name, namespace: 'default' }]),
        data: { mode: 'x' },
      },
    ],
    [
      {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: draw.one(['default', name]), namespace },
        ...draw.one<Fields>([
          {},
          { automountServiceAccountToken: false },
          { automountServiceAccountToken: true },
        ]),
      },
    ],
    [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }],
    [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata,
        spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
      },
    ],
    [
      {
        apiVersion: draw.one(['policy/v1beta1', 'policy/v1']),
        kind: 'PodDisruptionBudget',
        metadata,
        spec: { maxUnavailable: 1, selector: { matchLabels: { app: name } } },
      },
    ],
    [
      {
        apiVersion: draw.one(['extensions/v1beta1', 'networking.k8s.io/v1beta1']),
        kind: 'Ingress',
        metadata,
        spec: { backend: { serviceName: name, servicePort: 80 } },
      },
    ],
  ]);
}
