/** MutatingPolicies on objects that exist: how they are chosen, and what is seen of the request that leads to it. */
import { type Case, celPolicy } from './cases.ts';

const EXISTING = '  evaluation: {mutateExisting: {enabled: true}}';
const ANY =
  '  matchConstraints: {resourceRules: [{apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"]}]}';
const MAPS = 'apiGroups: [""], apiVersions: [v1], operations: ["*"], resources: [configmaps]';
const PODS = 'apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]';

const label = (value: string) => `  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration: {expression: "Object{metadata: Object.metadata{labels: {'by': ${value}}}}"}`;

const existing = (
  about: string,
  lines: readonly string[],
  options: Parameters<typeof celPolicy>[3] = {},
): Case => celPolicy(about, 'MutatingPolicy', [EXISTING, ...lines].join('\n'), options);

/** Told by rules, asked about with and without a request. */
export const BY_RULES: readonly Case[] = [
  existing('what the policy matches', [`  matchConstraints: {resourceRules: [{${MAPS}}]}`, label("'1'")]),
  existing('targets of their own', [
    ANY,
    `  targetMatchConstraints: {resourceRules: [{${MAPS}}]}`,
    label("'1'"),
  ]),
  existing('targets by name', [
    ANY,
    `  targetMatchConstraints: {resourceRules: [{${MAPS}, resourceNames: [settings]}]}`,
    label("'1'"),
  ]),
  existing('targets of two kinds', [
    ANY,
    `  targetMatchConstraints: {resourceRules: [{${MAPS}}, {${PODS}}]}`,
    label("'1'"),
  ]),
  existing('targets by label', [
    ANY,
    `  targetMatchConstraints: {objectSelector: {matchLabels: {tier: one}}, resourceRules: [{${MAPS}}]}`,
    label("'1'"),
  ]),
  existing('targets by namespace', [
    ANY,
    `  targetMatchConstraints: {namespaceSelector: {matchLabels: {team: ops}}, resourceRules: [{${MAPS}}]}`,
    label("'1'"),
  ]),
  existing('conditions of targets', [
    ANY,
    `  targetMatchConstraints: {resourceRules: [{${MAPS}}]}`,
    `  targetMatchConditions: [{name: c, expression: "object.metadata.namespace == 'shop'"}]`,
    label("'1'"),
  ]),
  existing('conditions of targets that err', [
    ANY,
    `  targetMatchConstraints: {resourceRules: [{${MAPS}}]}`,
    `  targetMatchConditions: [{name: c, expression: "object.data.mode == 'strict'"}]`,
    label("'1'"),
  ]),
  existing('conditions of the request do not choose', [
    ANY,
    `  targetMatchConstraints: {resourceRules: [{${MAPS}}]}`,
    `  matchConditions: [{name: c, expression: "false"}]`,
    label("'1'"),
  ]),
  existing('conditions and variables', [
    ANY,
    `  targetMatchConstraints: {resourceRules: [{${MAPS}}]}`,
    `  variables: [{name: n, expression: object.metadata.name}]`,
    `  targetMatchConditions: [{name: c, expression: "variables.n == 'settings'"}]`,
    label('variables.n'),
  ]),
  existing('the request', [
    ANY,
    `  targetMatchConstraints: {resourceRules: [{${MAPS}}]}`,
    label("request.operation + '-' + request.name"),
  ]),
  existing('objects of the request', [
    ANY,
    `  targetMatchConstraints: {resourceRules: [{${MAPS}}]}`,
    label('request.object.metadata.name'),
  ]),
  existing('the user', [
    ANY,
    `  targetMatchConstraints: {resourceRules: [{${MAPS}}]}`,
    label("request.userInfo.?username.orValue('nobody')"),
  ]),
  existing('the old object', [
    ANY,
    `  targetMatchConstraints: {resourceRules: [{${MAPS}}]}`,
    label("oldObject == null ? 'none' : 'some'"),
  ]),
  existing('the namespace', [
    ANY,
    `  targetMatchConstraints: {resourceRules: [{${MAPS}}]}`,
    label("namespaceObject == null ? 'none' : 'some'"),
  ]),
  existing('an exception', [ANY, `  targetMatchConstraints: {resourceRules: [{${MAPS}}]}`, label("'1'")], {
    exceptions: { e: '  matchConditions: [{name: c, expression: "object.metadata.name == \'limits\'"}]' },
  }),
  existing('in a namespace', [ANY, `  targetMatchConstraints: {resourceRules: [{${MAPS}}]}`, label("'1'")], {
    kind: 'NamespacedMutatingPolicy',
    meta: ', namespace: shop',
  }),
];

/** The object that the request is about, where it is a ConfigMap. */
const SAME = `"resource.Get('v1', 'configmaps', object.metadata.namespace, object.metadata.name)"`;

/** Told by an expression, asked about with a request only. */
export const BY_EXPRESSION: readonly Case[] = [
  existing('an object of any type', [ANY, '  targetMatchConstraints: {expression: object}', label("'1'")]),
  existing('the object of the request', [
    ANY,
    `  targetMatchConstraints: {expression: ${SAME}}`,
    label("'1'"),
  ]),
  existing('one by its name', [
    ANY,
    `  targetMatchConstraints: {expression: "resource.Get('v1', 'configmaps', 'shop', 'settings')"}`,
    label('request.name'),
  ]),
  existing('one that is not there', [
    ANY,
    `  targetMatchConstraints: {expression: "resource.Get('v1', 'configmaps', 'shop', 'nothing')"}`,
    label("'1'"),
  ]),
  existing('a list', [
    ANY,
    `  targetMatchConstraints: {expression: "resource.List('v1', 'configmaps', 'shop')"}`,
    label("'1'"),
  ]),
  existing('a list of the namespace', [
    ANY,
    `  targetMatchConstraints: {expression: "resource.List('v1', 'configmaps', object.metadata.namespace)"}`,
    label("'1'"),
  ]),
  existing('a list by label', [
    ANY,
    `  targetMatchConstraints: {expression: "resource.List('v1', 'configmaps', '', {'use': 'params'})"}`,
    label("'1'"),
  ]),
  existing('a list and conditions of its objects', [
    ANY,
    `  targetMatchConstraints: {expression: "resource.List('v1', 'configmaps', '')"}`,
    `  targetMatchConditions: [{name: c, expression: "'mode' in object.data"}]`,
    label("'1'"),
  ]),
  existing('under a condition of the request', [
    ANY,
    `  matchConditions: [{name: c, expression: "request.operation == 'UPDATE'"}]`,
    `  targetMatchConstraints: {expression: ${SAME}}`,
    label("'1'"),
  ]),
  existing('under a condition that errs', [
    ANY,
    `  matchConditions: [{name: c, expression: "object.data.mode == 'strict'"}]`,
    `  targetMatchConstraints: {expression: ${SAME}}`,
    label("'1'"),
  ]),
  existing('variables', [
    ANY,
    `  variables: [{name: all, expression: "resource.List('v1', 'configmaps', '')"}]`,
    `  targetMatchConstraints: {expression: variables.all}`,
    label('string(variables.all.items.size())'),
  ]),
  existing('what errs', [
    ANY,
    `  targetMatchConstraints: {expression: "resource.Get('v1', 'configmaps', 'shop', object.nothing)"}`,
    label("'1'"),
  ]),
  existing('a map that is no object', [
    ANY,
    `  targetMatchConstraints: {expression: "{'a': dyn('b')}"}`,
    label("'1'"),
  ]),
  existing(
    'in a namespace',
    [
      ANY,
      `  targetMatchConstraints: {expression: "resource.List('v1', 'configmaps', 'shop')"}`,
      label("'1'"),
    ],
    {
      kind: 'NamespacedMutatingPolicy',
      meta: ', namespace: shop',
    },
  ),
];
