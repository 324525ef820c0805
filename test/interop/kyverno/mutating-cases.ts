/** MutatingPolicies: every field, alone and with others. */
import { type Case, type CaseOptions, celPolicy } from './cases.ts';

const mpol = (about: string, spec: string, options: CaseOptions = {}): Case =>
  celPolicy(about, 'MutatingPolicy', spec, options);

const rules = (rule: string) => `
  matchConstraints:
    resourceRules: [{${rule}}]`;
const ON_PODS = 'apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]';
const ON_MAPS = 'apiGroups: [""], apiVersions: [v1], operations: ["*"], resources: [configmaps]';
const ON_DEPLOYMENTS =
  'apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]';
const pods = rules(ON_PODS);
const maps = rules(ON_MAPS);
const deployments = rules(ON_DEPLOYMENTS);
const MAPS = { kinds: ['ConfigMap'] };
const DEPLOYMENTS = { kinds: ['Deployment'] };
const EVERY = ['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'JobSet'];

const apply = (expression: string) => `
  - patchType: ApplyConfiguration
    applyConfiguration: {expression: "${expression}"}`;
const patch = (expression: string) => `
  - patchType: JSONPatch
    jsonPatch: {expression: "${expression}"}`;
const mutations = (...all: readonly string[]) => `\n  mutations:${all.join('')}`;
const label = (key: string, value: string) =>
  apply(`Object{metadata: Object.metadata{labels: {'${key}': ${value}}}}`);
const conditions = (...all: readonly string[]) =>
  `\n  matchConditions:\n${all.map((text, i) => `  - {name: c${i}, expression: "${text}"}`).join('\n')}`;

const APPLY: readonly Case[] = [
  mpol('a label', maps + mutations(label('a', "'1'")), MAPS),
  mpol('a label that is there', maps + mutations(label('app', "'new'")), MAPS),
  mpol(
    'an annotation of what is there',
    maps +
      mutations(
        apply(
          "Object{metadata: Object.metadata{annotations: {'was': object.metadata.?annotations.?owner.orValue('nobody')}}}",
        ),
      ),
    MAPS,
  ),
  mpol('data', maps + mutations(apply("Object{data: {'mode': 'set', 'new': object.metadata.name}}")), MAPS),
  mpol('nothing', maps + mutations(apply('Object{}')), MAPS),
  mpol('a field that there is not', maps + mutations(apply("Object{nothing: 'x'}")), MAPS),
  mpol(
    'a value of another type',
    deployments + mutations(apply("Object{spec: Object.spec{replicas: 'x'}}")),
    DEPLOYMENTS,
  ),
  mpol(
    'a number',
    deployments +
      mutations(apply('Object{spec: Object.spec{replicas: object.spec.?replicas.orValue(1) + 1}}')),
    DEPLOYMENTS,
  ),
  mpol(
    'items by key',
    pods +
      mutations(
        apply(
          "Object{spec: Object.spec{containers: object.spec.containers.map(c, Object.spec.containers{name: c.name, imagePullPolicy: 'Always'})}}",
        ),
      ),
    { kinds: ['Pod'] },
  ),
  mpol(
    'an item that is not there, and fields of items',
    pods +
      mutations(
        apply(
          "Object{spec: Object.spec{containers: [Object.spec.containers{name: 'side', image: 'side:1', env: [Object.spec.containers.env{name: 'B', value: '2'}]}]}}",
        ),
      ),
    { kinds: ['Pod'] },
  ),
  mpol(
    'nested fields',
    pods +
      mutations(
        apply(
          'Object{spec: Object.spec{hostNetwork: false, securityContext: Object.spec.securityContext{runAsNonRoot: true}}}',
        ),
      ),
    { kinds: ['Pod'] },
  ),
  mpol(
    'a map of strings',
    pods + mutations(apply("Object{spec: Object.spec{nodeSelector: {'zone': 'a'}}}")),
    {
      kinds: ['Pod'],
    },
  ),
  mpol(
    'volumes by name',
    pods +
      mutations(
        apply(
          "Object{spec: Object.spec{volumes: [Object.spec.volumes{name: 'w', emptyDir: Object.spec.volumes.emptyDir{medium: 'Memory'}}]}}",
        ),
      ),
    { kinds: ['Pod'] },
  ),
  mpol(
    'types that are not where they belong',
    pods + mutations(apply("Object{spec: Object.metadata{labels: {'a': 'b'}}}")),
    {
      kinds: ['Pod'],
    },
  ),
  mpol(
    'a change under a condition',
    maps + mutations(apply("has(object.data) ? Object{data: {'b': 'c'}} : Object{}")),
    MAPS,
  ),
  mpol('an expression that errs', maps + mutations(label('a', 'object.data.mode')), MAPS),
  mpol(
    'an expression that errs under Ignore',
    `  failurePolicy: Ignore${maps}${mutations(label('a', 'object.data.mode'))}`,
    MAPS,
  ),
];

const SERVER_SIDE: readonly Case[] = ['false', 'true'].flatMap((on): readonly Case[] => {
  const evaluation = `\n  evaluation: {useServerSideApply: ${on}}`;
  return [
    mpol(
      `args are replaced: ${on}`,
      pods +
        evaluation +
        mutations(
          apply(
            "Object{spec: Object.spec{containers: object.spec.containers.map(c, Object.spec.containers{name: c.name, args: ['--only']})}}",
          ),
        ),
      { kinds: ['Pod'] },
    ),
    mpol(
      `tolerations are replaced: ${on}`,
      pods +
        evaluation +
        mutations(
          apply(
            "Object{spec: Object.spec{tolerations: [Object.spec.tolerations{key: 'a', operator: 'Exists'}]}}",
          ),
        ),
      { kinds: ['Pod', 'Deployment', 'CronJob'] },
    ),
    mpol(
      `a selector is replaced: ${on}`,
      deployments +
        evaluation +
        mutations(
          apply("Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {'only': 'this'}}}}"),
        ),
      DEPLOYMENTS,
    ),
    mpol(`what is merged stays merged: ${on}`, maps + evaluation + mutations(label('a', "'1'")), MAPS),
  ];
});

const PATCHES: readonly Case[] = [
  mpol('add', maps + mutations(patch("[JSONPatch{op: 'add', path: '/data', value: {'a': 'b'}}]")), MAPS),
  mpol(
    'add below what may not be there',
    maps + mutations(patch("[JSONPatch{op: 'add', path: '/data/a', value: 'b'}]")),
    MAPS,
  ),
  mpol(
    'add where it is needed',
    maps +
      mutations(
        patch(
          "(has(object.metadata.labels) ? [] : [JSONPatch{op: 'add', path: '/metadata/labels', value: {'x': 'y'}}]) + [JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a.io/b~c'), value: '1'}]",
        ),
      ),
    MAPS,
  ),
  mpol(
    'replace and remove',
    maps +
      mutations(
        patch(
          "has(object.data) && 'mode' in object.data ? [JSONPatch{op: 'replace', path: '/data/mode', value: 'x'}, JSONPatch{op: 'remove', path: '/data/mode'}] : []",
        ),
      ),
    MAPS,
  ),
  mpol(
    'remove what may not be there',
    maps + mutations(patch("[JSONPatch{op: 'remove', path: '/data/mode'}]")),
    MAPS,
  ),
  mpol(
    'test',
    maps +
      mutations(
        patch(
          "[JSONPatch{op: 'test', path: '/metadata/name', value: 'web'}, JSONPatch{op: 'add', path: '/data', value: {}}]",
        ),
      ),
    MAPS,
  ),
  mpol(
    'move and copy',
    maps +
      mutations(
        patch(
          "has(object.metadata.labels) ? [JSONPatch{op: 'copy', from: '/metadata/labels', path: '/metadata/annotations'}, JSONPatch{op: 'move', from: '/metadata/labels', path: '/data'}] : []",
        ),
      ),
    MAPS,
  ),
  mpol(
    'a container at the end',
    pods +
      mutations(
        patch(
          "[JSONPatch{op: 'add', path: '/spec/containers/-', value: Object.spec.containers{name: 'side', image: 'side:1'}}]",
        ),
      ),
    { kinds: ['Pod'] },
  ),
  mpol(
    'numbers, lists and null',
    deployments +
      mutations(
        patch(
          "[JSONPatch{op: 'add', path: '/spec/replicas', value: 3}, JSONPatch{op: 'add', path: '/spec/x', value: [1, 2]}, JSONPatch{op: 'add', path: '/spec/y', value: null}, JSONPatch{op: 'add', path: '/spec/z', value: 1.5}]",
        ),
      ),
    DEPLOYMENTS,
  ),
  mpol('an unknown operation', maps + mutations(patch("[JSONPatch{op: 'nothing', path: '/data'}]")), MAPS),
];

const SEVERAL: readonly Case[] = [
  mpol(
    'one after the other',
    maps +
      mutations(
        label('a', "'1'"),
        label('b', "object.metadata.labels.a + '2'"),
        patch("[JSONPatch{op: 'add', path: '/metadata/labels/c', value: object.metadata.labels.b}]"),
      ),
    MAPS,
  ),
  mpol('the second errs', maps + mutations(label('a', "'1'"), label('b', 'object.data.mode')), MAPS),
  mpol(
    'the second errs under Ignore',
    `  failurePolicy: Ignore${maps}${mutations(label('a', "'1'"), label('b', 'object.data.mode'))}`,
    MAPS,
  ),
  mpol(
    'variables are read once',
    `${maps}\n  variables: [{name: labels, expression: "object.metadata.?labels.orValue({}).size()"}, {name: text, expression: "'n' + string(variables.labels)"}]${mutations(label('a', 'variables.text'), label('b', 'variables.text'))}`,
    MAPS,
  ),
  mpol(
    'variables that conditions have read',
    `${maps}\n  variables: [{name: labels, expression: "object.metadata.?labels.orValue({}).size()"}]${conditions('variables.labels > 0')}${mutations(label('a', "'n' + string(variables.labels)"))}`,
    MAPS,
  ),
  mpol(
    'a variable that errs',
    `${maps}\n  variables: [{name: mode, expression: object.data.mode}]${mutations(label('a', 'variables.mode'))}`,
    MAPS,
  ),
];

const CONDITIONS: readonly Case[] = [
  mpol(
    'a condition',
    maps + conditions("object.metadata.name == 'web'") + mutations(label('a', "'1'")),
    MAPS,
  ),
  mpol(
    'conditions that err',
    maps +
      conditions("object.data.mode == 'strict'", "object.metadata.labels.app == 'web'") +
      mutations(label('a', "'1'")),
    MAPS,
  ),
  mpol(
    'conditions that err under Ignore',
    `  failurePolicy: Ignore${maps}${conditions("object.data.mode == 'strict'")}${mutations(label('a', "'1'"))}`,
    MAPS,
  ),
  mpol(
    'the request',
    maps +
      conditions("request.userInfo.username != 'bob'", "request.operation == 'CREATE'") +
      mutations(label('by', "request.userInfo.username + '-' + request.name")),
    MAPS,
  ),
  mpol(
    'objects of the request',
    maps +
      mutations(
        label('a', "'1'"),
        label('b', 'string(request.object.?metadata.?labels.?a.hasValue())'),
        label('c', 'string(request.oldObject.?metadata.?name.hasValue())'),
      ),
    MAPS,
  ),
  mpol(
    'the old object',
    maps +
      mutations(
        label(
          'old',
          "request.operation == 'UPDATE' ? oldObject.metadata.?labels.?app.orValue('none') : 'new'",
        ),
      ),
    MAPS,
  ),
  mpol(
    'old objects that are null',
    maps + mutations(label('null', 'string(oldObject == null) + string(request.oldObject == null)')),
    MAPS,
  ),
  mpol(
    'the namespace',
    maps + mutations(label('env', "namespaceObject.metadata.?labels.?env.orValue('none')")),
    MAPS,
  ),
  mpol(
    'other objects',
    maps + mutations(label('max', "string(resource.Get('v1', 'configmaps', 'shop', 'limits').data.max)")),
    MAPS,
  ),
];

const MATCHING: readonly Case[] = [
  mpol(
    'a namespaceSelector',
    `  matchConstraints:\n    namespaceSelector: {matchLabels: {env: prod}}\n    resourceRules: [{${ON_MAPS}}]${mutations(label('a', "'1'"))}`,
    MAPS,
  ),
  mpol(
    'an objectSelector',
    `  matchConstraints:\n    objectSelector: {matchLabels: {app: web}}\n    resourceRules: [{${ON_MAPS}}]${mutations(label('a', "'1'"))}`,
    MAPS,
  ),
  mpol(
    'excludeResourceRules',
    `  matchConstraints:\n    resourceRules: [{${ON_MAPS}}]\n    excludeResourceRules: [{${ON_MAPS}, resourceNames: [web]}]${mutations(label('a', "'1'"))}`,
    MAPS,
  ),
  mpol('resourceNames', rules(`${ON_MAPS}, resourceNames: [web, db]`) + mutations(label('a', "'1'")), MAPS),
  mpol('operations', rules(ON_MAPS.replace('"*"', 'UPDATE, DELETE')) + mutations(label('a', "'1'")), MAPS),
  mpol('in a namespace', maps + mutations(label('a', "'1'")), {
    kind: 'NamespacedMutatingPolicy',
    meta: ', namespace: shop',
    ...MAPS,
  }),
  mpol('JSON', `${maps}\n  evaluation: {mode: JSON}${mutations(label('a', "'1'"))}`, MAPS),
  mpol(
    'only existing objects',
    `${maps}\n  evaluation: {mutateExisting: {enabled: true}}\n  targetMatchConstraints: {resourceRules: [{${ON_PODS}}]}${mutations(label('a', "'1'"))}`,
    MAPS,
  ),
  mpol(
    'existing objects besides',
    `${maps}\n  evaluation: {mutateExisting: {enabled: true}}${mutations(label('a', "'1'"))}`,
    MAPS,
  ),
  mpol(
    'reinvocation',
    `${maps}\n  reinvocationPolicy: IfNeeded${mutations(label('a', "'n' + string(object.metadata.?labels.orValue({}).size())"))}`,
    MAPS,
  ),
  mpol('of v1beta1', maps + mutations(label('a', "'1'")), { version: 'v1beta1', ...MAPS }),
];

const AUTOGEN: readonly Case[] = [
  mpol('labels of all that makes Pods', pods + mutations(label('a', "'1'")), { kinds: EVERY }),
  mpol(
    'containers of all that makes Pods',
    pods +
      mutations(
        apply(
          "Object{spec: Object.spec{containers: object.spec.containers.map(c, Object.spec.containers{name: c.name, imagePullPolicy: 'Always'})}}",
        ),
      ),
    { kinds: EVERY },
  ),
  mpol(
    'conditions of all that makes Pods',
    pods +
      conditions('object.spec.containers.size() == 1') +
      mutations(apply('Object{spec: Object.spec{hostNetwork: false}}')),
    { kinds: EVERY },
  ),
  mpol(
    'some that make Pods',
    `${pods}\n  autogen: {podControllers: {controllers: [deployments, jobsets.v1alpha2.jobset.x-k8s.io]}}${mutations(apply('Object{spec: Object.spec{hostNetwork: false}}'))}`,
    { kinds: EVERY },
  ),
  mpol(
    'a patch names places in what is asked for',
    pods + mutations(patch("[JSONPatch{op: 'add', path: '/metadata/annotations', value: {'a': 'b'}}]")),
    { kinds: EVERY },
  ),
  mpol(
    'annotations for the audit',
    `${pods}\n  auditAnnotations: [{key: k, valueExpression: "'v'"}]${mutations(label('a', "'1'"))}`,
    { kinds: EVERY },
  ),
];

const EXCEPTIONS: readonly Case[] = [
  mpol('an exception', maps + mutations(label('a', "'1'")), {
    ...MAPS,
    exceptions: { e: conditions("object.metadata.name == 'web'").slice(1) },
  }),
  mpol('an exception that passes', maps + mutations(label('a', "'1'")), {
    ...MAPS,
    exceptions: { e: `  reportResult: pass${conditions('has(object.data)')}` },
  }),
  mpol('an exception whose condition errs', maps + mutations(label('a', "'1'")), {
    ...MAPS,
    exceptions: { e: conditions("object.data.mode == 'strict'").slice(1) },
  }),
  mpol(
    'an exception whose condition errs under Ignore',
    `  failurePolicy: Ignore${maps}${mutations(label('a', "'1'"))}`,
    { ...MAPS, exceptions: { e: conditions("object.data.mode == 'strict'").slice(1) } },
  ),
  mpol(
    'values',
    maps + mutations(label('a', "exceptions.allowedValues.join('-') + exceptions.allowedImages.join('-')")),
    {
      ...MAPS,
      exceptions: {
        a: `  allowedValues: [x, y]${conditions("object.metadata.name == 'web'")}`,
        b: '  images: [i]',
      },
    },
  ),
  mpol('an exception that has expired', maps + mutations(label('a', "'1'")), {
    ...MAPS,
    exceptions: { e: '  expiresAt: "2020-01-01T00:00:00Z"' },
  }),
];

/** Both sides refuse them. */
const REFUSED: readonly Case[] = [
  mpol('a configuration that is no object', maps + mutations(apply("'x'")), MAPS),
  mpol(
    'a patch that is no list',
    maps + mutations(patch("JSONPatch{op: 'add', path: '/a', value: 1}")),
    MAPS,
  ),
  mpol(
    'neither admission nor existing objects',
    `${maps}\n  evaluation: {admission: {enabled: false}}${mutations(label('a', "'1'"))}`,
    MAPS,
  ),
  mpol(
    'targets that are no map',
    `${maps}\n  evaluation: {mutateExisting: {enabled: true}}\n  targetMatchConstraints: {expression: object}${mutations(label('a', "'1'"))}`,
    MAPS,
  ),
  mpol('nothing to match', `  mutations:${label('a', "'1'")}`, MAPS),
];

export const MUTATING_CASES: readonly Case[] = [
  ...APPLY,
  ...SERVER_SIDE,
  ...PATCHES,
  ...SEVERAL,
  ...CONDITIONS,
  ...MATCHING,
  ...AUTOGEN,
  ...EXCEPTIONS,
  ...REFUSED,
];
