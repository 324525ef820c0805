/** Generates ValidatingAdmissionPolicies over ConfigMaps, and ConfigMaps; the same for the same seed. */
import type { JsonMap } from '../../src/model/index.ts';
import { createRandom, type Random } from '../cel/generator/random.ts';

export interface PolicyCase {
  readonly name: string;
  readonly policy: JsonMap;
  readonly binding: JsonMap;
  /** Each carries the label that the policy selects. */
  readonly objects: readonly JsonMap[];
}

const API = 'admissionregistration.k8s.io/v1';

/** Some fail on some objects: that is what is compared, too. */
const CONDITIONS = [
  'has(object.data)',
  "object.metadata.name != 'c2'",
  "object.data.kind == 'x'",
  "request.operation in ['CREATE', 'UPDATE']",
  "request.userInfo.username.startsWith('adm')",
];

const VALIDATIONS = [
  "object.data.kind == 'x'",
  'has(object.data) && object.data.size() < 3',
  "object.metadata.name.startsWith('c1') || object.metadata.name.endsWith('3')",
  "object.metadata.?labels.team.orValue('') in ['a', 'b']",
  "object.data.all(k, object.data[k].matches('^[a-z0-9]+$'))",
  "object.data.exists(k, k.startsWith('n') && int(object.data[k]) < 10)",
  'int(object.data.number) * 1000000000 * 1000000000 * 1000000000 > 0',
  "quantity(object.data.memory).isLessThan(quantity('1Gi'))",
  "!has(object.data.url) || url(object.data.url).getScheme() == 'https'",
  '!has(object.data.address) || ip(object.data.address).family() == 4',
  "oldObject == null || object.metadata.name == 'c4'",
  "request.namespace == 'default' && request.resource.resource == 'configmaps' && !has(request.subResource)",
  "namespaceObject.metadata.name == 'default'",
  "namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == request.namespace",
  'variables.keys.size() > 1',
  "variables.first == 'x' || variables.first == 'y'",
  "variables.missing == 'x'",
  'object.binaryData == null || size(object.metadata.annotations) > 0',
];

const MESSAGES = [
  "'bad ' + object.metadata.name",
  "'keys: ' + string(variables.keys.size())",
  'string(object.data.absent)',
  "''",
  "'two\\nlines'",
  "'  padded  '",
  'string(object.data.size())',
];

const ANNOTATIONS = [
  "'saw ' + object.metadata.name",
  'null',
  'string(object.data.kind)',
  "has(object.data) ? 'data' : ''",
];

const VARIABLES = [
  { name: 'keys', expression: 'has(object.data) ? object.data.map(k, k) : []' },
  { name: 'first', expression: "object.data['kind']" },
  { name: 'missing', expression: 'object.data.nowhere' },
];

const ACTIONS = [['Deny'], ['Warn'], ['Audit'], ['Deny', 'Audit'], ['Warn', 'Audit']];

export function generatePolicyCases(seed: number, count: number, objectsEach: number): PolicyCase[] {
  return Array.from({ length: count }, (_, i) => {
    const random = createRandom(seed * 1_000_003 + i);
    const name = `p${i}`;
    return {
      name,
      policy: policy(name, random),
      binding: {
        apiVersion: API,
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name: `b${i}` },
        spec: { policyName: name, validationActions: random.pick(ACTIONS) },
      },
      objects: Array.from({ length: objectsEach }, (_, j) => configMap(`c${j}`, name, random)),
    };
  });
}

function policy(name: string, random: Random): JsonMap {
  const some = <T>(most: number, make: (index: number) => T) =>
    Array.from({ length: random.below(most + 1) }, (_, i) => make(i));
  const conditions = random.chance(0.3)
    ? some(2, (i) => ({ name: `m${i}`, expression: random.pick(CONDITIONS) }))
    : [];
  const annotations = random.chance(0.4)
    ? some(2, (i) => ({ key: `k${i}`, valueExpression: random.pick(ANNOTATIONS) }))
    : [];
  return {
    apiVersion: API,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: random.pick(['Fail', 'Fail', 'Ignore']),
      matchConstraints: {
        objectSelector: { matchLabels: { policy: name } },
        resourceRules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            resources: ['configmaps'],
            operations: ['CREATE', 'UPDATE'],
          },
        ],
      },
      variables: VARIABLES,
      ...(conditions.length === 0 ? {} : { matchConditions: conditions }),
      ...(annotations.length === 0 ? {} : { auditAnnotations: annotations }),
      validations: Array.from({ length: 1 + random.below(3) }, () => ({
        expression: random.pick(VALIDATIONS),
        ...(random.chance(0.4)
          ? { message: random.pick(['plain', 'with "quotes" and \\', 'ümläut ✓']) }
          : {}),
        ...(random.chance(0.5) ? { messageExpression: random.pick(MESSAGES) } : {}),
        ...(random.chance(0.5)
          ? { reason: random.pick(['Invalid', 'Forbidden', 'RequestEntityTooLarge']) }
          : {}),
      })),
    },
  };
}

const DATA: Readonly<Record<string, readonly string[]>> = {
  kind: ['x', 'y', ''],
  number: ['1', '12', 'many'],
  memory: ['1Mi', '2Gi', 'much'],
  url: ['https://example.com/a', 'http://example.com', '::'],
  address: ['10.0.0.1', '::1', 'nowhere'],
};

function configMap(name: string, selected: string, random: Random): JsonMap {
  const data: Record<string, string> = {};
  for (const [key, values] of Object.entries(DATA)) if (random.chance(0.5)) data[key] = random.pick(values);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace: 'default',
      labels: { policy: selected, ...(random.chance(0.5) ? { team: random.pick(['a', 'b', 'c']) } : {}) },
    },
    // The API server takes empty maps away before a policy sees them.
    ...(Object.keys(data).length > 0 ? { data } : {}),
  };
}
