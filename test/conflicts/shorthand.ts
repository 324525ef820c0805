/** Policies from the shorthand of pairs.yaml. */
import type { JsonMap, Resource } from '../../src/model/index.ts';
import { compilePolicies, type PolicySet } from '../../src/policy/index.ts';

export interface Shorthand {
  readonly vap?: readonly string[];
  readonly native?: readonly string[];
  readonly pods?: readonly string[];
  readonly gatekeeper?: readonly string[];
  readonly kinds?: readonly string[];
  readonly operations?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly conditions?: readonly string[];
  readonly objects?: JsonMap;
  readonly namespaces?: JsonMap;
  readonly names?: readonly string[];
  readonly failurePolicy?: string;
  readonly params?: JsonMap;
  /** Name of the ConfigMap (in the namespace `default`) that a ValidatingAdmissionPolicy is bound with. */
  readonly parameters?: string;
  readonly filter?: JsonMap;
}

export function resourceOf(object: JsonMap, document = 0): Resource {
  const metadata = (object['metadata'] ?? {}) as Record<string, string>;
  return {
    ref: {
      apiVersion: String(object['apiVersion']),
      kind: String(object['kind']),
      namespace: metadata['namespace'] ?? '',
      name: metadata['name'] ?? '',
    },
    object,
    origin: { file: 'pairs.yaml', document, line: 1, pointer: '' },
  };
}

/** The set of the two policies `a` and `b`. */
export function pairOf(a: Shorthand, b: Shorthand): PolicySet {
  const documents = [...documentsOf('a', a), ...documentsOf('b', b)];
  return compilePolicies(documents.map((document, i) => resourceOf(document, i)));
}

const GROUPS: Readonly<Record<string, string>> = {
  deployments: 'apps',
  statefulsets: 'apps',
  networkpolicies: 'networking.k8s.io',
};

export function documentsOf(name: string, of: Shorthand): JsonMap[] {
  if (of.gatekeeper !== undefined) return gatekeeper(name, of);
  const validations = (of.vap ?? of.native ?? of.pods ?? []).map((expression) => ({ expression }));
  const spec = {
    ...(of.failurePolicy === undefined ? {} : { failurePolicy: of.failurePolicy }),
    variables: variablesOf(of),
    matchConditions: (of.conditions ?? []).map((expression, i) => ({ name: `c${i}`, expression })),
    validations,
  };
  if (of.vap === undefined) {
    const where = of.pods === undefined ? { matchConstraints: constraintsOf(of) } : { pods: {} };
    const native = { title: 'A policy', severity: 'low', ...where, ...spec };
    return [{ apiVersion: 'rampart.dev/v1', kind: 'HardeningPolicy', metadata: { name }, spec: native }];
  }
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        ...(of.parameters === undefined ? {} : { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } }),
        matchConstraints: constraintsOf(of),
        ...spec,
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: {
        policyName: name,
        validationActions: ['Deny'],
        ...(of.parameters === undefined
          ? {}
          : { paramRef: { name: of.parameters, namespace: 'default', parameterNotFoundAction: 'Deny' } }),
      },
    },
  ];
}

function variablesOf({ variables = {} }: Shorthand) {
  return Object.entries(variables).map(([name, expression]) => ({ name, expression }));
}

function constraintsOf({
  kinds = ['pods'],
  operations = ['CREATE', 'UPDATE'],
  names,
  ...of
}: Shorthand): JsonMap {
  return {
    ...(of.objects === undefined ? {} : { objectSelector: of.objects }),
    ...(of.namespaces === undefined ? {} : { namespaceSelector: of.namespaces }),
    resourceRules: kinds.map((kind) => ({
      apiGroups: [GROUPS[kind] ?? ''],
      apiVersions: ['v1'],
      operations,
      resources: [kind],
      ...(names === undefined ? {} : { resourceNames: names }),
    })),
  };
}

function gatekeeper(name: string, of: Shorthand): JsonMap[] {
  const kind = `Kind${name}`;
  const source = {
    variables: variablesOf(of),
    validations: of.gatekeeper!.map((expression) => ({ expression })),
  };
  return [
    {
      apiVersion: 'templates.gatekeeper.sh/v1',
      kind: 'ConstraintTemplate',
      metadata: { name: kind.toLowerCase() },
      spec: {
        crd: {
          spec: {
            names: { kind },
            validation: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        },
        targets: [
          { target: 'admission.k8s.gatekeeper.sh', code: [{ engine: 'K8sNativeValidation', source }] },
        ],
      },
    },
    {
      apiVersion: 'constraints.gatekeeper.sh/v1beta1',
      kind,
      metadata: { name },
      spec: {
        ...(of.filter === undefined ? {} : { match: of.filter }),
        ...(of.params === undefined ? {} : { parameters: of.params }),
      },
    },
  ];
}
