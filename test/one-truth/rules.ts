/**
 * Rules, each said in the words of every dialect that can say it. An expression is common to all but where a dialect has
 * other names for the same thing.
 */
export const DIALECTS = ['native', 'vap', 'gatekeeper', 'kyverno', 'clusterpolicy'] as const;
export type DialectName = (typeof DIALECTS)[number];

export interface RuleCase {
  readonly name: string;
  readonly kind: {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
    readonly resource: string;
  };
  readonly subresource?: string;
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
  readonly expression: string;
  /** Where other names are needed. */
  readonly own?: Partial<Record<DialectName, string>>;
  readonly condition?: string;
  readonly variables?: readonly (readonly [name: string, expression: string])[];
  /** What `params.data` of the ConfigMap, or the parameters of the constraint, hold. */
  readonly params?: Readonly<Record<string, string>>;
  /** Dialects that cannot say it, and why. */
  readonly cannot?: Partial<Record<DialectName, string>>;
}

const POD = { group: '', version: 'v1', kind: 'Pod', resource: 'pods' };
const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment', resource: 'deployments' };
const SERVICE = { group: '', version: 'v1', kind: 'Service', resource: 'services' };
const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap', resource: 'configmaps' };
const INGRESS = { group: 'networking.k8s.io', version: 'v1', kind: 'Ingress', resource: 'ingresses' };
const CRON_JOB = { group: 'batch', version: 'v1', kind: 'CronJob', resource: 'cronjobs' };
const PVC = { group: '', version: 'v1', kind: 'PersistentVolumeClaim', resource: 'persistentvolumeclaims' };

const CREATE = ['CREATE', 'UPDATE'] as const;

const NO_PARAMS = {
  native: 'native policies take no parameters',
  kyverno: 'a ValidatingPolicy takes no parameters',
};
const NO_NAMESPACE = {
  gatekeeper: 'constraints see no namespace in expressions that must agree with the API server',
  clusterpolicy: 'offline its namespace is known by name alone',
};

/** All containers of a Pod, whatever list they are in. */
const CONTAINERS =
  '(object.spec.containers + object.spec.?initContainers.orValue([]) + object.spec.?ephemeralContainers.orValue([]))';

export const RULES: readonly RuleCase[] = [
  {
    name: 'no-host-network',
    kind: POD,
    operations: CREATE,
    expression: '!object.spec.?hostNetwork.orValue(false)',
  },
  {
    name: 'no-host-pid',
    kind: POD,
    operations: CREATE,
    expression: '!has(object.spec.hostPID) || object.spec.hostPID == false',
  },
  {
    name: 'no-privileged',
    kind: POD,
    operations: CREATE,
    expression: `${CONTAINERS}.all(c, !c.?securityContext.?privileged.orValue(false))`,
  },
  {
    name: 'privileged-init',
    kind: POD,
    operations: CREATE,
    expression:
      'object.spec.?initContainers.orValue([]).all(c, !has(c.securityContext) || !has(c.securityContext.privileged) || !c.securityContext.privileged)',
  },
  {
    name: 'ephemeral-has-no-command',
    kind: POD,
    operations: CREATE,
    expression: 'object.spec.?ephemeralContainers.orValue([]).all(c, !has(c.command))',
  },
  {
    name: 'image-tag',
    kind: POD,
    operations: CREATE,
    expression: `${CONTAINERS}.all(c, has(c.image) && c.image.matches('^[a-z0-9./-]+:[a-z0-9._-]+$') && !c.image.endsWith(':latest'))`,
  },
  {
    name: 'image-registry',
    kind: POD,
    operations: CREATE,
    variables: [['images', `${CONTAINERS}.map(c, c.image)`]],
    expression:
      "variables.images.all(i, i.startsWith('registry.example/') || i.startsWith('mirror.example/'))",
  },
  {
    name: 'memory-limit',
    kind: POD,
    operations: CREATE,
    expression:
      "object.spec.containers.all(c, has(c.resources) && has(c.resources.limits) && 'memory' in c.resources.limits && quantity(c.resources.limits.memory).isLessThan(quantity('2Gi')))",
  },
  {
    name: 'cpu-request',
    kind: POD,
    operations: CREATE,
    expression:
      "object.spec.containers.all(c, quantity(c.?resources.?requests[?'cpu'].orValue('0')).compareTo(quantity('500m')) <= 0)",
  },
  { name: 'raw-field', kind: POD, operations: CREATE, expression: "object.spec.restartPolicy != 'Always'" },
  {
    name: 'drop-all',
    kind: POD,
    operations: CREATE,
    expression:
      "object.spec.containers.all(c, c.?securityContext.?capabilities.?drop.orValue([]).exists(d, d == 'ALL'))",
  },
  {
    name: 'token',
    kind: POD,
    operations: CREATE,
    condition: "object.metadata.?labels['app'].orValue('') != 'controller'",
    expression: 'has(object.spec.automountServiceAccountToken) && !object.spec.automountServiceAccountToken',
  },
  {
    name: 'ports',
    kind: POD,
    operations: CREATE,
    expression: `object.spec.containers.all(c, c.?ports.orValue([]).all(p, !has(p.hostPort) && p.containerPort > 1023))`,
  },
  {
    name: 'replicas',
    kind: DEPLOYMENT,
    operations: CREATE,
    params: { max: '5' },
    expression: 'object.spec.?replicas.orValue(1) <= int(params.data.max)',
    own: { gatekeeper: 'object.spec.?replicas.orValue(1) <= int(variables.params.max)' },
    cannot: NO_PARAMS,
  },
  {
    name: 'required-label',
    kind: DEPLOYMENT,
    operations: CREATE,
    params: { label: 'team' },
    expression: 'params.data.label in object.metadata.?labels.orValue({})',
    own: { gatekeeper: 'variables.params.label in variables.anyObject.metadata.?labels.orValue({})' },
    cannot: NO_PARAMS,
  },
  {
    name: 'selector-is-label',
    kind: DEPLOYMENT,
    operations: CREATE,
    expression:
      "object.spec.selector.matchLabels.all(k, object.spec.template.metadata.labels[?k].orValue('') == object.spec.selector.matchLabels[k])",
  },
  {
    name: 'replicas-shrink',
    kind: DEPLOYMENT,
    operations: ['UPDATE'],
    expression:
      'oldObject == null || object.spec.?replicas.orValue(1) >= oldObject.spec.?replicas.orValue(1) - 1',
  },
  {
    name: 'label-stays',
    kind: CONFIG_MAP,
    operations: ['UPDATE'],
    expression:
      "object.metadata.?labels['team'].orValue('none') == oldObject.metadata.?labels['team'].orValue('none')",
  },
  {
    name: 'keys',
    kind: CONFIG_MAP,
    operations: CREATE,
    expression: "object.?data.orValue({}).all(k, k.matches('^[a-z]+$') && size(object.data[k]) < 8)",
  },
  {
    name: 'namespace-of-request',
    kind: CONFIG_MAP,
    operations: CREATE,
    expression: "request.namespace != 'prod' || has(object.immutable)",
  },
  {
    name: 'team-of-namespace',
    kind: CONFIG_MAP,
    operations: CREATE,
    expression:
      "object.metadata.?labels['team'].orValue('') == namespaceObject.metadata.?labels['team'].orValue('none')",
    cannot: NO_NAMESPACE,
  },
  {
    name: 'no-load-balancer',
    kind: SERVICE,
    operations: CREATE,
    expression: "object.spec.?type.orValue('ClusterIP') in ['ClusterIP', 'ExternalName']",
  },
  {
    name: 'service-ports',
    kind: SERVICE,
    operations: CREATE,
    expression:
      "object.spec.?ports.orValue([]).all(p, p.port < 32768 && (!has(p.targetPort) || type(p.targetPort) == int || p.targetPort != ''))",
  },
  {
    name: 'hosts',
    kind: INGRESS,
    operations: CREATE,
    variables: [
      ['rules', 'object.spec.?rules.orValue([])'],
      ['hosts', "variables.rules.map(r, r.?host.orValue(''))"],
    ],
    expression: "variables.hosts.all(h, h != '' && !h.startsWith('*')) && variables.hosts.size() < 3",
  },
  {
    name: 'schedule',
    kind: CRON_JOB,
    operations: CREATE,
    expression: "object.spec.schedule.split(' ').size() == 5 && !object.spec.schedule.startsWith('*')",
  },
  {
    name: 'storage',
    kind: PVC,
    operations: CREATE,
    expression: "quantity(object.spec.resources.requests.storage).isLessThan(quantity('10Gi'))",
  },
  {
    name: 'ephemeral-update',
    kind: POD,
    subresource: 'ephemeralcontainers',
    operations: ['UPDATE'],
    expression: 'object.spec.?ephemeralContainers.orValue([]).size() < 2',
    cannot: { gatekeeper: "a constraint's match block names no subresources" },
  },
];
