/**
 * Expressions of generated policies: what they may read, how they may fail, what they may cost. `$long` stands for a
 * string that only objects of costly policies have, so that costs come near the limits.
 */

/** Expressions by the place they are for. All compile wherever what they name is declared. */
export interface Pool {
  readonly conditions: readonly string[];
  readonly validations: readonly string[];
  readonly messages: readonly string[];
  readonly annotations: readonly string[];
  /** Name and expression; one may read those before it. */
  readonly variables: readonly (readonly [string, string])[];
}

const ABOUT_REQUEST = [
  "request.operation == 'CREATE'",
  "request.operation in ['CREATE', 'UPDATE', 'DELETE']",
  "request.name == 'a'",
  'has(request.name) && request.name.size() == 1',
  "request.namespace == 'shop'",
  'has(request.namespace)',
  "request.kind.kind == 'Pod'",
  "request.kind.version == 'v1'",
  "request.kind.group == ''",
  'request.kind == request.requestKind',
  'request.resource == request.requestResource',
  "request.resource.resource.startsWith('w')",
  "request.resource.version == 'v2'",
  "request.requestResource.version == 'v1'",
  "has(request.subResource) && request.subResource == 'status'",
  "request.subResource == 'status'",
  "request.requestSubResource == ''",
  'has(request.subResource) == has(request.requestSubResource)',
  'request.dryRun',
  'has(request.dryRun) && !request.dryRun',
  'request.options == null',
  'has(request.options)',
  "request.options.fieldManager == 'kubectl'",
  "has(request.options.dryRun) && request.options.dryRun == ['All']",
  "request.options.kind == 'CreateOptions'",
  "request.userInfo.username == 'alice'",
  'has(request.userInfo.uid)',
  "'dev' in request.userInfo.groups",
  'has(request.userInfo.groups)',
  'has(request.userInfo.extra)',
  "request.userInfo.extra['scopes'].exists(s, s == 'x')",
  'size(request.userInfo.extra) == 1',
];

/** Typed values of the API server look like parsed JSON, also to those who look behind their declared types. */
const BEHIND_TYPES = [
  'request.userInfo.groups[5] == "x"',
  'request.userInfo.groups[-1] == "x"',
  "request.userInfo.groups == ['dev']",
  "['dev'] == request.userInfo.groups",
  "(request.userInfo.groups + ['x']).size() > 2",
  "request.userInfo.groups.exists_one(g, g.startsWith('d'))",
  "request.userInfo.groups.map(g, g + '!').join(',') == 'dev!'",
  "request.userInfo.extra['nope'] == []",
  "request.userInfo.extra == {'scopes': ['x', 'y']}",
  "{'scopes': ['x', 'y']} == request.userInfo.extra",
  "request.userInfo.extra.all(k, k == 'scopes')",
  "request.userInfo.extra.exists(k, v, k == 'scopes' && v.size() == 2)",
  'type(request.userInfo.extra) == map && type(request.userInfo.groups) == list',
  'has(dyn(request).uid)',
  "dyn(request).uid == ''",
  'has(dyn(request).object)',
  'dyn(request).object == null',
  'has(dyn(request).oldObject)',
  'has(dyn(request).nope)',
  'dyn(request).nope == 1',
  'dyn(request)["name"] == "a"',
  '"name" in dyn(request)',
  '"object" in dyn(request)',
  'dyn(request).size() > 12',
  'dyn(request).all(k, k != "x")',
  'dyn(request).exists(k, k == "namespace")',
  'dyn(request.kind).nope == 1',
  'dyn(request.kind) == {"group": "", "version": "v1", "kind": "Pod"}',
  'dyn(request.userInfo).size() == 2',
  'dyn(request.userInfo) == {"username": "carol"}',
  'dyn(request) == dyn(request)',
  'request == request',
  'request.userInfo == request.userInfo',
  'dyn(request.options) == null || dyn(request.options).size() > 1',
  'request.options == {"kind": "DeleteOptions", "apiVersion": "meta.k8s.io/v1"}',
  'dyn(namespaceObject).size() == 3',
  'dyn(namespaceObject).kind == "Namespace"',
  'has(dyn(namespaceObject).apiVersion)',
  'dyn(namespaceObject).metadata.uid == "x"',
  'dyn(namespaceObject).metadata.size() == 2',
  'has(dyn(namespaceObject).metadata.creationTimestamp)',
  'dyn(namespaceObject).metadata.creationTimestamp == "2024-05-01T10:00:00Z"',
  'dyn(namespaceObject).spec == {"finalizers": ["kubernetes"]}',
  'dyn(namespaceObject).status == {}',
  'namespaceObject == namespaceObject',
  'type(request.operation) == string',
  'request.operation.lowerAscii() == "create"',
];

const ABOUT_OBJECT = [
  'true',
  'true',
  'false',
  'object == null',
  'oldObject == null',
  'object != null && has(object.spec)',
  "object.metadata.name == 'a'",
  "object.kind == 'Pod' || object.apiVersion == 'v1'",
  "object.apiVersion == 'example.com/v1'",
  'object.spec.replicas < 3',
  'object.spec.replicas > 1 && object.spec.replicas < 4',
  '!has(object.spec.replicas) || object.spec.replicas <= 2',
  'object.spec.ratio == 1.0 || object.spec.replicas == 2.0',
  "object.spec.image.startsWith('good/')",
  "object.spec.image.matches('^good/[a-z]+$')",
  'object.spec.missing == 1',
  'object.spec.missing == 1 || true',
  'object.spec.missing == 1 && false',
  'object.spec.replicas / (object.spec.replicas - 2) > 0',
  'object.spec.list.all(x, x < 3)',
  'object.spec.list.exists(x, x == 2)',
  'object.spec.list[1] == 2',
  "object.metadata.?labels['app'].orValue('') == 'web'",
  "has(object.metadata.labels) && 'app' in object.metadata.labels",
  "object.metadata.labels.app == 'web'",
  'oldObject.spec.replicas == object.spec.replicas',
  'oldObject == null || object == null || object.metadata.name == oldObject.metadata.name',
  'object.spec == oldObject.spec',
  'object.spec.nothing == null',
  'has(object.spec.nothing)',
  "quantity(object.spec.memory).isLessThan(quantity('1Gi'))",
  'object.spec.replicas + 9223372036854775807 > 0',
];

const ABOUT_NAMESPACE = [
  'namespaceObject == null',
  "namespaceObject != null && namespaceObject.metadata.name == 'shop'",
  "namespaceObject.metadata.labels['env'] == 'prod'",
  "namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == request.namespace",
  'has(namespaceObject.metadata.annotations)',
  "namespaceObject.metadata.annotations['owner'] == 'x'",
  "namespaceObject.status.phase == 'Active'",
  "'kubernetes' in namespaceObject.spec.finalizers",
  'has(namespaceObject.spec)',
  'has(namespaceObject.status.conditions)',
  'has(namespaceObject.metadata.generateName)',
  'has(namespaceObject.metadata.resourceVersion)',
  "namespaceObject.metadata.creationTimestamp < timestamp('2030-01-01T00:00:00Z')",
  'has(namespaceObject.metadata.creationTimestamp)',
  'has(namespaceObject.metadata.deletionTimestamp)',
  "namespaceObject.metadata.UID == 'x'",
];

const ABOUT_PARAMS = [
  'params == null',
  'params != null',
  "params.data.max == '3'",
  'int(params.data.max) >= object.spec.replicas',
  'params == null || int(params.data.max) > 2',
  "params.kind == 'ConfigMap' && params.apiVersion == 'v1'",
  'params.metadata.namespace == request.namespace',
  "params.metadata.name == 'limits-a'",
  'has(params.immutable)',
  'has(params.metadata.labels)',
  'has(params.metadata.creationTimestamp)',
  "params.data.nope == 'x'",
  "params.data['nope'] == 'x'",
  "'nope' in params.data || 'max' in params.data",
  'params.data.size() == 1',
  "params.data == {'max': '3'}",
  "params.data.all(k, v, k == 'max' && v == '3')",
  "params.metadata.labels == {'tier': 'gold'}",
  'params.metadata.size() == 3',
  'params.size() == 4',
  'params.nope.x == 1',
  "params.all(k, k != 'immutable')",
  'params == params',
  'type(params) == map',
];

const ABOUT_AUTHORIZER = [
  "authorizer.path('/healthz').check('get').allowed()",
  "authorizer.group('').resource('pods').namespace('shop').check('list').allowed()",
  "authorizer.group('').resource('pods').namespace('shop').check('list').reason() == 'because'",
  "authorizer.group('apps').resource('deployments').subresource('scale').name('a').check('update').errored()",
  "authorizer.requestResource.check('approve').allowed()",
  "authorizer.serviceAccount('shop', 'robot').path('/healthz').check('get').allowed()",
  "!authorizer.path('/metrics').check('get').allowed()",
];

const ABOUT_VARIABLES = [
  'variables.yes',
  '!variables.yes',
  'variables.count > 2',
  "variables.text == 'good/app'",
  'variables.broken',
  'variables.broken || true',
  'variables.broken && false',
  'variables.chain',
  'variables.allowed',
  'has(variables.yes)',
  'variables.params == null',
  'variables.mixed.a == 1',
  'variables.list.exists(x, x == 2)',
];

const CHECK = "authorizer.path('/healthz').check('get').allowed()";
const TWICE = "authorizer.path('/metrics').check('get').allowed()";
/** 350,000 a check. */
const COSTLY = [
  `${CHECK} || ${TWICE} || true`,
  `!${CHECK} || !${TWICE} || true`,
  `(${CHECK} != ${TWICE}) || true`,
  `(${CHECK} != ${TWICE}) || ${CHECK}`,
  `[${CHECK}, ${TWICE}].exists(x, x)`,
  // More than one expression may cost.
  `[${CHECK}, ${TWICE}, ${CHECK}].exists(x, x)`,
  `[${CHECK}, ${TWICE}, ${CHECK}].exists(x, x) || true`,
  'object.spec.long.contains(object.spec.long)',
  'variables.costly',
  'variables.costly || true',
  'variables.tooCostly || true',
  'variables.tooCostly',
];

export const PLAIN: Pool = {
  conditions: [
    ...ABOUT_OBJECT,
    ...ABOUT_REQUEST,
    ...ABOUT_PARAMS,
    ...ABOUT_AUTHORIZER,
    'namespaceObject == null',
  ],
  validations: [
    ...ABOUT_OBJECT,
    ...ABOUT_REQUEST,
    ...BEHIND_TYPES,
    ...ABOUT_NAMESPACE,
    ...ABOUT_PARAMS,
    ...ABOUT_AUTHORIZER,
    ...ABOUT_VARIABLES,
    ...ABOUT_VARIABLES,
  ],
  messages: [
    "'no: ' + request.operation",
    "'  padded \\t'",
    "''",
    "'   '",
    "'two\\nlines'",
    "'ends with one\\n'",
    "'\\r'",
    "'a\\rb'",
    "'\\u0085next line\\u0085'",
    "'\\ufeffmark\\ufeff'",
    "'\\u00a0wide\\u3000'",
    '\'<b> & "quotes" \\u2028\'',
    'string(object.spec.missing)',
    "'replicas: ' + string(object.spec.replicas)",
    'string(object.spec.image)',
    "'x'.replace('x', 'yyyyyyyyyyyyyyyy').replace('y', 'zzzzzzzzzzzzzzzzzzzz').replace('z', 'wwwwwwwwwwwwwwww')",
    "'x'.replace('x', 'yyyyyyyyyyyyyyyy').replace('y', 'zzzzzzzzzzzzzzzzzzzz').replace('z', 'éééééééé')",
    "'x'.replace('x', 'yyyyyyyyyyyyyyyy').replace('y', 'zzzzzzzzzzzzzzzzzzzz').replace('z', 'wwwwwwwwwwwwwwwww')",
    'namespaceObject.metadata.name',
    'string(variables.count)',
    'string(variables.allowed)',
    "variables.broken ? 'x' : 'y'",
    "params == null ? 'no params' : 'params of ' + params.metadata.name",
    'request.userInfo.username',
  ],
  annotations: [
    "'value'",
    "'  padded  '",
    "'\\u0085'",
    "''",
    'null',
    "'of ' + request.name",
    "'ns ' + namespaceObject.metadata.labels['env']",
    'string(object.spec.replicas)',
    'string(object.spec.missing)',
    'string(params.data.max)',
    'string(params.metadata.name + params.data.max)',
    'string(variables.count)',
    'string(variables.allowed)',
    'string(variables.broken || true)',
    "'x'.replace('x', 'yyyyyyyyyyyyyyyy').replace('y', 'zzzzzzzzzzzzzzzz').replace('z', 'wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww')",
    // Cut in the middle of a character.
    "'x' + 'ab'.replace('a', 'yyyyyyyyyyyyyyyy').replace('y', 'zzzzzzzzzzzzzzzzzzzzzzz').replace('z', 'éééééééééééééééééééé')",
    "'ab'.replace('a', 'yyyyyyyyyyyyyyyy').replace('y', 'zzzzzzzzzzzzzzzzzzzzzzz').replace('z', 'éééééééééééééééééééé')",
  ],
  variables: [
    ['yes', 'object == null || object.metadata.name != "b"'],
    ['count', 'object.spec.replicas + 1'],
    ['text', 'object.spec.image'],
    ['broken', 'object.spec.missing == 1'],
    ['chain', 'variables.yes && variables.count > 1'],
    ['allowed', CHECK],
    ['params', 'params'],
    ['mixed', "{'a': object.spec.replicas, 'b': dyn(request.name)}"],
    ['list', 'object.spec.list.map(x, x + 1)'],
  ],
};

export const HEAVY: Pool = {
  conditions: [
    ...COSTLY.filter((text) => !text.includes('variables.')),
    'true',
    'true',
    'object.spec.missing == 1',
  ],
  validations: [...COSTLY, 'true', 'false', 'variables.broken || true', 'object.spec.missing == 1'],
  messages: [
    "object.spec.long.contains(object.spec.long) ? 'long' : 'short'",
    "'x'",
    "variables.tooCostly ? 'a' : 'b'",
    'string(variables.costly)',
    'string(variables.dear)',
  ],
  annotations: [
    'string(object.spec.long.contains(object.spec.long))',
    'string(variables.costly)',
    'string(variables.dear)',
    'string(variables.tooCostly)',
    "'x'",
  ],
  variables: [
    ['costly', `${CHECK} || ${TWICE}`],
    ['broken', 'object.spec.missing == 1'],
    ['tooCostly', `[${CHECK}, ${TWICE}, ${CHECK}].exists(x, x)`],
    ['dear', 'object.spec.long.contains(object.spec.long) && object.spec.long.endsWith(object.spec.long)'],
  ],
};

export const FAILING: Pool = {
  ...PLAIN,
  validations: ['false', 'false', 'object.spec.missing == 1', 'object == null && oldObject == null', 'true'],
};

/** Whether an expression names only what is there. */
export function isDeclared(text: string, variables: ReadonlySet<string>, params: boolean): boolean {
  for (const [, name] of text.matchAll(/variables\.(\w+)/g)) if (!variables.has(name!)) return false;
  return params || !/(?<![.\w])params\b/.test(text);
}
