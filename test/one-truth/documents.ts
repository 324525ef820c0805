/** Each rule as a document of each dialect, written as its users write it. */
import type { JsonMap, Resource } from '../../src/model/index.ts';
import type { DialectName, RuleCase } from './rules.ts';

export function documentsOf(rule: RuleCase, dialect: DialectName, expression: string): Resource[] {
  return WRITE[dialect](rule, expression).map(resourceOf);
}

export function resourceOf(object: JsonMap): Resource {
  const { name = '', namespace = '' } = object['metadata'] as { name?: string; namespace?: string };
  return {
    ref: { apiVersion: String(object['apiVersion']), kind: String(object['kind']), namespace, name },
    object,
    origin: { file: `${name}.yaml`, document: 0, line: 1, pointer: '' },
  };
}

const PARAMS_KIND = { apiVersion: 'v1', kind: 'ConfigMap' };
const PARAMS_REF = { name: 'params', namespace: 'policies', parameterNotFoundAction: 'Deny' };

export function paramsOf({ params }: RuleCase): Resource[] {
  if (params === undefined) return [];
  return [resourceOf({ ...PARAMS_KIND, metadata: { name: 'params', namespace: 'policies' }, data: params })];
}

const WRITE: Readonly<Record<DialectName, (rule: RuleCase, expression: string) => JsonMap[]>> = {
  native: (rule, expression) => [
    {
      apiVersion: 'rampart.dev/v1',
      kind: 'HardeningPolicy',
      metadata: { name: rule.name },
      spec: { title: rule.name, severity: 'high', ...specOf(rule, expression) },
    },
  ],
  vap: (rule, expression) => [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: rule.name },
      spec: { ...(rule.params === undefined ? {} : { paramKind: PARAMS_KIND }), ...specOf(rule, expression) },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: rule.name },
      spec: {
        policyName: rule.name,
        validationActions: ['Deny'],
        ...(rule.params === undefined ? {} : { paramRef: PARAMS_REF }),
      },
    },
  ],
  kyverno: (rule, expression) => [
    {
      apiVersion: 'policies.kyverno.io/v1',
      kind: 'ValidatingPolicy',
      metadata: { name: rule.name },
      spec: { autogen: { podControllers: { controllers: [] } }, ...specOf(rule, expression) },
    },
  ],
  clusterpolicy: (rule, expression) => {
    const { group, version, kind } = rule.kind;
    const name = `${group === '' ? '' : `${group}/`}${version}/${kind}`;
    return [
      {
        apiVersion: 'kyverno.io/v1',
        kind: 'ClusterPolicy',
        metadata: {
          name: rule.name,
          annotations: { 'pod-policies.kyverno.io/autogen-controllers': 'none' },
        },
        spec: {
          rules: [
            {
              name: 'rule',
              match: {
                any: [
                  {
                    resources: {
                      kinds: [rule.subresource === undefined ? name : `${kind}/${rule.subresource}`],
                      operations: rule.operations,
                    },
                  },
                ],
              },
              ...(rule.condition === undefined
                ? {}
                : { celPreconditions: [{ name: 'condition', expression: rule.condition }] }),
              validate: {
                cel: {
                  ...(rule.params === undefined ? {} : { paramKind: PARAMS_KIND, paramRef: PARAMS_REF }),
                  variables: variablesOf(rule),
                  expressions: [{ expression }],
                },
              },
            },
          ],
        },
      },
    ];
  },
  gatekeeper: (rule, expression) => {
    const kind = rule.name.replaceAll('-', '').toUpperCase();
    return [
      {
        apiVersion: 'templates.gatekeeper.sh/v1',
        kind: 'ConstraintTemplate',
        metadata: { name: kind.toLowerCase() },
        spec: {
          crd: {
            spec: {
              names: { kind },
              validation: {
                openAPIV3Schema: {
                  type: 'object',
                  properties: Object.fromEntries(
                    Object.keys(rule.params ?? {}).map((name) => [name, { type: 'string' }]),
                  ),
                },
              },
            },
          },
          targets: [
            {
              target: 'admission.k8s.gatekeeper.sh',
              operations: rule.operations,
              code: [
                {
                  engine: 'K8sNativeValidation',
                  source: {
                    variables: variablesOf(rule),
                    ...(rule.condition === undefined
                      ? {}
                      : { matchCondition: [{ name: 'condition', expression: rule.condition }] }),
                    validations: [{ expression }],
                  },
                },
              ],
            },
          ],
        },
      },
      {
        apiVersion: 'constraints.gatekeeper.sh/v1beta1',
        kind,
        metadata: { name: 'all' },
        spec: {
          match: { kinds: [{ apiGroups: [rule.kind.group], kinds: [rule.kind.kind] }] },
          ...(rule.params === undefined ? {} : { parameters: rule.params }),
        },
      },
    ];
  },
};

/** What native policies and Kyverno's share with the API server's. */
function specOf(rule: RuleCase, expression: string): JsonMap {
  const { group, version, resource } = rule.kind;
  return {
    matchConstraints: {
      resourceRules: [
        {
          apiGroups: [group],
          apiVersions: [version],
          operations: rule.operations,
          resources: [rule.subresource === undefined ? resource : `${resource}/${rule.subresource}`],
        },
      ],
    },
    ...(rule.condition === undefined
      ? {}
      : { matchConditions: [{ name: 'condition', expression: rule.condition }] }),
    variables: variablesOf(rule),
    validations: [{ expression }],
  };
}

function variablesOf({ variables = [] }: RuleCase): JsonMap[] {
  return variables.map(([name, expression]) => ({ name, expression }));
}
