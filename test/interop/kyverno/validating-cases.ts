/** ValidatingPolicies: every field, alone and with others. */
import { type Case, type CaseOptions, celPolicy } from './cases.ts';

const vpol = (about: string, spec: string, options: CaseOptions = {}): Case =>
  celPolicy(about, 'ValidatingPolicy', spec, options);

const rules = (rule: string) => `
  matchConstraints:
    resourceRules: [{${rule}}]`;
const ON_PODS = 'apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE, DELETE], resources: [pods]';
const ON_MAPS = 'apiGroups: [""], apiVersions: [v1], operations: ["*"], resources: [configmaps]';
const MAPS = { kinds: ['ConfigMap'] };
const pods = rules(ON_PODS);
const maps = rules(ON_MAPS);
const LABELLED = `
  validations: [{expression: "'team' in object.metadata.?labels.orValue({})", message: no team}]`;
const HOST = `
  validations: [{expression: "!object.spec.?hostNetwork.orValue(false)", message: host network}]`;

/** Messages. */
const MESSAGES: readonly Case[] = [
  vpol('a message', pods + HOST),
  vpol('no message', `${pods}\n  validations: [{expression: "!has(object.spec.hostNetwork)"}]`),
  vpol(
    'a message that is blank',
    `${pods}\n  validations: [{expression: "!has(object.spec.hostNetwork)", message: "  "}]`,
  ),
  vpol(
    'a message with space around it',
    `${pods}\n  validations: [{expression: "!has(object.spec.hostNetwork)", message: "  a\\n b "}]`,
  ),
  vpol(
    'a messageExpression',
    `${maps}
  validations:
  - expression: "object.?data.?mode.orValue('') == 'strict'"
    message: never
    messageExpression: "object.metadata.name + ' is ' + object.?data.?mode.orValue('nothing')"`,
    MAPS,
  ),
  vpol(
    'a messageExpression that errs',
    `${maps}
  validations:
  - expression: "!has(object.data)"
    message: instead
    messageExpression: "string(object.data.mode)"`,
    MAPS,
  ),
  vpol(
    'a messageExpression that gives nothing, or several lines',
    `${maps}
  validations:
  - expression: "!has(object.data)"
    message: instead
    messageExpression: "'mode' in object.data ? (object.data.mode == 'strict' ? '' : ' a\\\\nb ') : '   '"`,
    MAPS,
  ),
  vpol(
    'a messageExpression without a message that gives nothing',
    `${maps}
  validations: [{expression: "!has(object.data)", messageExpression: "''"}]`,
    MAPS,
  ),
];

/** Several validations, errors, failurePolicy. */
const EVALUATION: readonly Case[] = [
  vpol(
    'the first that fails ends it',
    `${maps}
  validations:
  - {expression: "has(object.data)", message: no data}
  - {expression: "'mode' in object.data", message: no mode}
  - {expression: "object.data.mode == 'strict'", message: not strict}`,
    MAPS,
  ),
  vpol(
    'an error of a field that is absent',
    `${maps}\n  validations: [{expression: "object.data.mode == 'strict'"}]`,
    MAPS,
  ),
  vpol(
    'an error under Ignore',
    `  failurePolicy: Ignore${maps}\n  validations: [{expression: "object.data.mode == 'strict'"}]`,
    MAPS,
  ),
  vpol(
    'errors of other sorts',
    `${maps}
  validations:
  - expression: "!has(object.data) || !('max' in object.data) || int(object.data.max) < 5"
    message: too many
  - expression: "[1, 2][size(object.metadata.name) - 2] > 0"`,
    MAPS,
  ),
  vpol(
    'quantities, strings, lists and formats',
    `${pods}
  validations:
  - expression: >-
      object.spec.containers.all(c, !has(c.resources) || !has(c.resources.limits) || !has(c.resources.limits.memory) ||
      quantity(c.resources.limits.memory).isLessThan(quantity('1Gi')))
    message: too much memory
  - expression: "object.spec.containers.all(c, c.image.contains(':') && !c.image.endsWith(':latest'))"
    messageExpression: "object.spec.containers.map(c, c.image).join(', ')"`,
  ),
  vpol(
    'images',
    `${pods}
  validations:
  - expression: "object.spec.containers.all(c, image(c.image).registry() in ['index.docker.io', 'ghcr.io'])"
    messageExpression: "object.spec.containers.map(c, image(c.image).registry() + '/' + image(c.image).repository()).join(' ')"`,
  ),
];

/** What expressions see. */
const NAMES: readonly Case[] = [
  vpol(
    'operations, oldObject',
    `${maps}
  validations:
  - expression: >-
      request.operation == 'DELETE' ? oldObject.metadata.name != 'web' :
      request.operation == 'UPDATE' ? object.?data.?mode == oldObject.?data.?mode : true
    messageExpression: "request.operation + ' of ' + request.name"`,
    MAPS,
  ),
  vpol(
    'objects that are null',
    `${maps}
  validations:
  - {expression: "(object == null) == (request.operation == 'DELETE')", message: object}
  - {expression: "(oldObject == null) == (request.operation == 'CREATE')", message: oldObject}`,
    MAPS,
  ),
  vpol(
    'objects of the request',
    `${maps}
  validations:
  - {expression: "request.operation == 'DELETE' || request.object.metadata.name == request.name", message: object}
  - {expression: "request.operation == 'CREATE' || request.oldObject.kind == request.kind.kind", message: oldObject}`,
    MAPS,
  ),
  vpol(
    'the request',
    `${maps}
  validations:
  - expression: "request.kind.kind == 'ConfigMap' && request.resource.resource == 'configmaps' && request.kind.group == ''"
    message: kind
  - expression: "request.requestKind.kind == 'ConfigMap' && request.requestResource.version == 'v1'"
    message: requestKind
  - expression: "request.namespace != 'lab' && !request.dryRun"
    messageExpression: "request.namespace + string(request.dryRun)"
  - expression: "!has(request.subResource) || request.subResource == ''"
    message: subResource`,
    MAPS,
  ),
  vpol(
    'the user',
    `${maps}
  validations:
  - expression: "request.userInfo.username != 'bob' && !('admins' in request.userInfo.groups)"
    messageExpression: "request.userInfo.username + ' of ' + request.userInfo.groups.join(',')"
  - {expression: "has(request.userInfo.uid)", message: no uid}`,
    MAPS,
  ),
  vpol(
    'a service account',
    `${maps}
  validations:
  - expression: "parseServiceAccount(request.userInfo.username).Namespace != 'shop'"
    messageExpression: "parseServiceAccount(request.userInfo.username).Name"`,
    MAPS,
  ),
  vpol(
    'the namespace',
    `${maps}
  validations:
  - expression: "namespaceObject.metadata.name != 'lab'"
    messageExpression: "namespaceObject.metadata.labels.env + ' ' + namespaceObject.metadata.annotations.owner"
  - {expression: "has(namespaceObject.metadata.labels.team)", message: no team}`,
    MAPS,
  ),
  vpol(
    'the namespace of what lies in none',
    `  matchConstraints:
    resourceRules: [{apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: [namespaces, clusterroles]}]
  validations: [{expression: "namespaceObject == null", messageExpression: "namespaceObject.metadata.name"}]`,
    { kinds: ['Namespace', 'ClusterRole'] },
  ),
  vpol(
    'other objects',
    `${maps}
  variables:
  - {name: limits, expression: "resource.Get('v1', 'configmaps', object.metadata.namespace, 'limits')"}
  validations:
  - expression: "!has(object.data) || !('key' in object.data) || variables.limits.data.max == '5'"
    messageExpression: "string(variables.limits.data.allowed)"`,
    { kinds: ['ConfigMap'] },
  ),
  vpol(
    'lists of other objects',
    `${maps}
  validations:
  - expression: "resource.List('v1', 'configmaps', 'shop').items.size() == 3"
    message: three
  - expression: "resource.List('v1', 'configmaps', '', {'tier': 'two'}).items.orValue([]).exists(m, m.data.mode == object.?data.?mode.orValue(''))"
    message: not loose`,
    { kinds: ['ConfigMap'] },
  ),
];

const VARIABLES: readonly Case[] = [
  vpol(
    'variables of variables',
    `${pods}
  variables:
  - {name: all, expression: "object.spec.containers + object.spec.?initContainers.orValue([])"}
  - {name: names, expression: "variables.all.map(c, c.name)"}
  - {name: never, expression: "object.spec.nowhere"}
  validations:
  - {expression: "variables.names.size() < 3", messageExpression: "variables.names.join('+')"}
  - {expression: "variables.all.all(c, !c.?securityContext.?privileged.orValue(false))", message: privileged}`,
  ),
  vpol(
    'a variable that errs',
    `${maps}
  variables: [{name: mode, expression: object.data.mode}]
  validations:
  - {expression: "!has(object.metadata.labels) || variables.mode == 'strict'", messageExpression: string(variables.mode)}`,
    MAPS,
  ),
  vpol(
    'a variable that errs and is absorbed',
    `${maps}
  variables: [{name: strict, expression: "object.data.mode == 'strict'"}]
  validations: [{expression: "variables.strict || object.metadata.name == 'web'", message: neither}]`,
    MAPS,
  ),
];

const conditions = (...all: readonly string[]) =>
  `\n  matchConditions:\n${all.map((text, i) => `  - {name: c${i}, expression: "${text}"}`).join('\n')}`;

const CONDITIONS: readonly Case[] = [
  vpol('a condition', pods + conditions("object.metadata.namespace != 'lab'") + HOST),
  vpol(
    'several conditions',
    maps + conditions('has(object.data)', "object.data.mode == 'strict'") + LABELLED,
    MAPS,
  ),
  vpol(
    'a condition that errs, then one that is false',
    maps + conditions("object.data.mode == 'strict'", "object.metadata.name == 'web'") + LABELLED,
    MAPS,
  ),
  vpol(
    'conditions that err',
    maps + conditions("object.data.mode == 'strict'", "object.metadata.labels.app == 'web'") + LABELLED,
    MAPS,
  ),
  vpol(
    'conditions that err under Ignore',
    `  failurePolicy: Ignore${maps}${conditions("object.data.mode == 'strict'", "object.metadata.labels.app == 'web'")}${LABELLED}`,
    MAPS,
  ),
  vpol(
    'conditions on the user and the namespace',
    maps +
      conditions("request.userInfo.username == 'alice'", "namespaceObject.metadata.labels.env == 'prod'") +
      LABELLED,
    MAPS,
  ),
  vpol('conditions on the operation', maps + conditions("request.operation != 'DELETE'") + LABELLED, MAPS),
];

const MATCHING: readonly Case[] = [
  vpol(
    'a namespaceSelector',
    `  matchConstraints:
    namespaceSelector: {matchLabels: {env: prod}}
    resourceRules: [{${ON_MAPS}}]${LABELLED}`,
    { kinds: ['ConfigMap', 'Namespace'] },
  ),
  vpol(
    'a namespaceSelector of expressions',
    `  matchConstraints:
    namespaceSelector:
      matchExpressions:
      - {key: kubernetes.io/metadata.name, operator: NotIn, values: [shop]}
      - {key: team, operator: DoesNotExist}
    resourceRules: [{apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"]}]${LABELLED}`,
    { kinds: ['ConfigMap', 'Namespace', 'ClusterRole', 'Pod'] },
  ),
  vpol(
    'an objectSelector',
    `  matchConstraints:
    objectSelector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: In, values: [one]}]}
    resourceRules: [{${ON_PODS}}]${HOST}`,
  ),
  vpol(
    'an objectSelector and oldObject',
    `  matchConstraints:
    objectSelector: {matchExpressions: [{key: tier, operator: Exists}]}
    resourceRules: [{${ON_MAPS}}]
  validations: [{expression: "false", messageExpression: request.operation}]`,
    MAPS,
  ),
  vpol(
    'excludeResourceRules',
    `  matchConstraints:
    resourceRules: [{apiGroups: ["", apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: ["*"]}]
    excludeResourceRules:
    - {apiGroups: [apps], apiVersions: ["*"], operations: ["*"], resources: [deployments]}
    - {apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [configmaps], resourceNames: [web]}${LABELLED}`,
    { kinds: ['Pod', 'Deployment', 'StatefulSet', 'ConfigMap', 'ConfigMap'] },
  ),
  vpol('resourceNames', rules(`${ON_MAPS}, resourceNames: [web, db]`) + LABELLED, MAPS),
  vpol('resourceNames of Pods', rules(`${ON_PODS}, resourceNames: [web, db]`) + HOST),
  vpol('operations', rules(ON_MAPS.replace('"*"', 'UPDATE')) + LABELLED, MAPS),
  vpol(
    'scope Namespaced',
    rules('apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"], scope: Namespaced') +
      LABELLED,
    { kinds: ['Namespace', 'ClusterRole', 'ConfigMap'] },
  ),
  vpol(
    'scope Cluster',
    rules('apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"], scope: Cluster') +
      LABELLED,
    { kinds: ['Namespace', 'ClusterRole', 'ConfigMap'] },
  ),
  vpol(
    'several rules',
    `  matchConstraints:
    resourceRules:
    - {${ON_PODS}}
    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments, statefulsets]}${LABELLED}`,
    { kinds: ['Pod', 'Deployment', 'StatefulSet', 'CronJob'] },
  ),
  vpol('matchPolicy Exact', `  matchConstraints: {matchPolicy: Exact, resourceRules: [{${ON_PODS}}]}${HOST}`),
];

const autogen = (list: string) => `\n  autogen: {podControllers: {controllers: [${list}]}}`;
const EVERY = [
  'Pod',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
  'CronJob',
  'ReplicationController',
];

const AUTOGEN: readonly Case[] = [
  vpol('all that makes Pods', pods + HOST, { kinds: EVERY }),
  vpol('some that make Pods', pods + HOST + autogen('deployments, cronjobs'), { kinds: EVERY }),
  vpol('nothing that makes Pods', pods + HOST + autogen(''), { kinds: EVERY }),
  vpol('labels of the template', pods + LABELLED, { kinds: EVERY }),
  vpol(
    'all expressions are about the template',
    `${pods}${conditions('object.spec.containers.size() == 1')}
  variables: [{name: name, expression: "object.spec.containers[0].name"}]
  validations:
  - expression: "object.spec.containers.all(c, c.image.contains('/'))"
    messageExpression: "variables.name + ' ' + object.spec.containers[0].image"
  auditAnnotations: [{key: image, valueExpression: "string(object.spec.containers[0].image)"}]`,
    { kinds: EVERY },
  ),
  vpol(
    'the old template',
    `${pods}
  validations:
  - expression: "request.operation != 'UPDATE' || object.spec.containers.size() == oldObject.spec.containers.size()"
    message: another number
  - expression: "request.operation != 'DELETE' || !has(oldObject.spec.hostNetwork)"
    message: host network`,
    { kinds: EVERY },
  ),
  vpol(
    'the namespace of the template',
    `${pods}
  validations: [{expression: "object.metadata.namespace != 'lab'", messageExpression: string(object.metadata.namespace)}]`,
    { kinds: EVERY },
  ),
  vpol(
    'a namespaceSelector goes with it',
    `  matchConstraints:
    namespaceSelector: {matchLabels: {env: prod}}
    resourceRules: [{${ON_PODS}}]${HOST}`,
    { kinds: EVERY },
  ),
  vpol(
    'templates that are found',
    pods + LABELLED + autogen('jobsets.v1alpha2.jobset.x-k8s.io, deployments'),
    {
      kinds: ['JobSet', 'JobSet', 'Deployment', 'Pod'],
    },
  ),
  vpol(
    'templates that are found, with conditions and annotations',
    `${pods}${conditions('has(object.metadata.labels)')}${HOST}${autogen('jobsets.v1alpha2.jobset.x-k8s.io')}
  auditAnnotations: [{key: kind, valueExpression: "string(object.kind)"}]`,
    { kinds: ['JobSet'] },
  ),
];

const AUDIT: readonly Case[] = [
  vpol(
    'annotations',
    `${maps}${LABELLED}
  auditAnnotations:
  - {key: name, valueExpression: string(object.metadata.name)}
  - {key: mode, valueExpression: "has(object.data) && 'mode' in object.data ? ' ' + object.data.mode + ' ' : ''"}`,
    MAPS,
  ),
  vpol(
    'an annotation that errs',
    `${maps}${LABELLED}
  auditAnnotations: [{key: mode, valueExpression: string(object.data.mode)}]`,
    MAPS,
  ),
  vpol(
    'an annotation that is null',
    `${maps}${LABELLED}
  auditAnnotations: [{key: none, valueExpression: "null"}]`,
    MAPS,
  ),
];

const ACTIONS: readonly Case[] = [
  ...['Deny', 'Warn', 'Audit', 'Deny, Audit', 'Warn, Audit'].map((actions) =>
    vpol(
      `validationActions ${actions}`,
      `${maps}\n  validationActions: [${actions}]
  validations: [{expression: "object.data.mode == 'strict'", message: not strict}]`,
      MAPS,
    ),
  ),
  vpol(
    'validationActions under Ignore',
    `  failurePolicy: Ignore${maps}\n  validationActions: [Warn]
  validations: [{expression: "object.data.mode == 'strict'", message: not strict}]`,
    MAPS,
  ),
];

const NAMESPACED: readonly Case[] = [
  vpol('in a namespace', pods + HOST, {
    kind: 'NamespacedValidatingPolicy',
    meta: ', namespace: shop',
    kinds: EVERY,
  }),
  vpol(
    'look-ups in a namespace',
    `${maps}
  validations:
  - expression: "resource.Get('v1', 'configmaps', 'limits').data.max == object.?data.?max.orValue('5')"
    messageExpression: "string(resource.List('v1', 'configmaps').items.size())"`,
    { kind: 'NamespacedValidatingPolicy', meta: ', namespace: shop', ...MAPS },
  ),
  vpol('of v1beta1', pods + HOST, { version: 'v1beta1' }),
  vpol('of v1alpha1', pods + HOST, { version: 'v1alpha1' }),
];

const IMAGES = `
  validations:
  - expression: >-
      object.spec.containers.all(c, c.image.startsWith('registry.example/') ||
      exceptions.allowedImages.exists(i, c.image.startsWith(i)))
    messageExpression: "exceptions.allowedImages.join(',') + '|' + exceptions.allowedValues.join(',')"`;

const EXCEPTIONS: readonly Case[] = [
  vpol('an exception', maps + LABELLED, { ...MAPS, exceptions: { e: '  reportResult: skip' } }),
  vpol('an exception with conditions', maps + LABELLED, {
    ...MAPS,
    exceptions: { e: conditions("object.metadata.name == 'web'", 'has(object.data)').slice(1) },
  }),
  vpol('an exception that passes', maps + LABELLED, {
    ...MAPS,
    exceptions: { e: `  reportResult: pass${conditions("object.metadata.name == 'web'")}` },
  }),
  vpol('exceptions of several priorities', maps + LABELLED, {
    ...MAPS,
    exceptions: {
      'a!1': `  reportResult: pass${conditions('has(object.data)')}`,
      'b!2': `  reportResult: skip${conditions("object.metadata.name == 'web'")}`,
      'c!x': `  reportResult: pass${conditions("object.metadata.namespace == 'shop'")}`,
    },
  }),
  vpol('an exception whose condition errs', maps + LABELLED, {
    ...MAPS,
    exceptions: { e: conditions("object.data.mode == 'strict'").slice(1) },
  }),
  vpol('an exception whose condition errs under Ignore', `  failurePolicy: Ignore${maps}${LABELLED}`, {
    ...MAPS,
    exceptions: { e: conditions("object.data.mode == 'strict'").slice(1) },
  }),
  vpol('one that exempts before one that errs', maps + LABELLED, {
    ...MAPS,
    exceptions: {
      a: conditions("object.metadata.name == 'web'").slice(1),
      b: conditions("object.data.mode == 'strict'").slice(1),
    },
  }),
  vpol('images', pods + IMAGES, { exceptions: { e: '  images: [ghcr.io/]' } }),
  vpol('images and values under conditions', pods + IMAGES, {
    exceptions: {
      a: `  images: [ghcr.io/]${conditions("object.metadata.namespace == 'shop'")}`,
      b: `  allowedValues: [x, y]${conditions("object.metadata.name == 'web'")}`,
    },
  }),
  vpol('images and an exception that exempts', pods + IMAGES, {
    exceptions: { a: '  images: [nginx]', b: conditions("object.metadata.name == 'web'").slice(1) },
  }),
  vpol('exceptions before conditions', maps + conditions("object.metadata.name == 'web'") + LABELLED, {
    ...MAPS,
    exceptions: { e: conditions('has(object.data)').slice(1) },
  }),
  vpol('an exception that has expired', maps + LABELLED, {
    ...MAPS,
    exceptions: { e: '  expiresAt: "2020-01-01T00:00:00Z"' },
  }),
  vpol('an exception that will expire', maps + LABELLED, {
    ...MAPS,
    exceptions: { e: '  expiresAt: "2199-01-01T00:00:00Z"' },
  }),
  vpol('an exception about what makes Pods', pods + HOST, {
    kinds: EVERY,
    exceptions: { e: conditions("object.kind in ['Pod', 'Job']").slice(1) },
  }),
  vpol('an exception to a policy in a namespace', maps + LABELLED, {
    kind: 'NamespacedValidatingPolicy',
    meta: ', namespace: shop',
    ...MAPS,
    exceptions: { e: conditions("object.metadata.name == 'web'").slice(1) },
  }),
];

/** Both sides refuse them. */
const REFUSED: readonly Case[] = [
  vpol(
    'a validation that is no bool',
    `${maps}\n  validations: [{expression: "object.metadata.name"}]`,
    MAPS,
  ),
  vpol(
    'a message that may be no text',
    `${maps}\n  validations: [{expression: "true", messageExpression: object.kind}]`,
    MAPS,
  ),
  vpol(
    'an annotation that may be no text',
    `${maps}${LABELLED}\n  auditAnnotations: [{key: k, valueExpression: object.kind}]`,
    MAPS,
  ),
  vpol(
    'variables in conditions',
    `${maps}${conditions('variables.a')}\n  variables: [{name: a, expression: "true"}]${LABELLED}`,
    MAPS,
  ),
  vpol(
    'a variable before it is there',
    `${maps}\n  variables: [{name: a, expression: variables.b}, {name: b, expression: "1"}]${LABELLED}`,
    MAPS,
  ),
  vpol('an unknown function', `${maps}\n  validations: [{expression: "nothing(object)"}]`, MAPS),
  vpol(
    'what a look-up gives is ranged over',
    `${maps}\n  validations: [{expression: "resource.List('v1', 'configmaps', '').items.exists(m, true)"}]`,
    MAPS,
  ),
  vpol('nothing to match', '  validations: [{expression: "true"}]', MAPS),
  vpol(
    'a field of the request that there is not',
    `${maps}\n  validations: [{expression: "request.nothing == ''"}]`,
    MAPS,
  ),
  vpol(
    'an authorizer',
    `${maps}\n  validations: [{expression: "authorizer.group('').resource('pods').check('get').allowed()"}]`,
    MAPS,
  ),
  vpol('parameters', `${maps}\n  validations: [{expression: "params == null"}]`, MAPS),
  vpol(
    'more than a namespaced policy may look up',
    `${maps}\n  validations: [{expression: "resource.Get('v1', 'configmaps', 'default', 'limits') == null"}]`,
    { kind: 'NamespacedValidatingPolicy', meta: ', namespace: shop', ...MAPS },
  ),
  vpol(
    'what all share from a namespace',
    `${maps}\n  validations: [{expression: "globalContext.Get('a', '') == null"}]`,
    { kind: 'NamespacedValidatingPolicy', meta: ', namespace: shop', ...MAPS },
  ),
];

export const VALIDATING_CASES: readonly Case[] = [
  ...MESSAGES,
  ...EVALUATION,
  ...NAMES,
  ...VARIABLES,
  ...CONDITIONS,
  ...MATCHING,
  ...AUTOGEN,
  ...AUDIT,
  ...ACTIONS,
  ...NAMESPACED,
  ...EXCEPTIONS,
  ...REFUSED,
];
