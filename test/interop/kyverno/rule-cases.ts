/** ClusterPolicies and Policies whose rules are written in CEL. */
import type { Case } from './cases.ts';
import { documentsOf, type JsonMap } from './resources.ts';

interface Options {
  readonly spec?: string;
  readonly meta?: string;
  readonly kind?: string;
  /** Specs of exceptions, in braces without them. */
  readonly exceptions?: readonly string[];
}

const WORKLOADS = ['Pod', 'Pod', 'Deployment', 'CronJob', 'Job'];
const OTHERS = ['ConfigMap', 'ConfigMap', 'ConfigMap', 'ConfigMap', 'Namespace', 'Deployment'];

/** @param rules each in braces, without them */
function ruled(about: string, rules: readonly string[], options: Options = {}): Case {
  const { spec = '', meta = '', kind = 'ClusterPolicy' } = options;
  const kinds = rules.some((rule) => rule.includes('[Pod]')) ? WORKLOADS : OTHERS;
  const [policy] = documentsOf(`
apiVersion: kyverno.io/v1
kind: ${kind}
metadata: {name: p${meta}}
spec:
  ${spec}
  rules: [${rules.map((rule) => `{${rule}}`).join(', ')}]
`);
  return { about, policy: policy!, exceptions: (options.exceptions ?? []).map(exception), kinds };
}

function exception(spec: string, i: number): JsonMap {
  const [document] = documentsOf(`
apiVersion: kyverno.io/v2
kind: PolicyException
metadata: {name: e${i}, namespace: ops}
spec: {${spec}}
`);
  return document!;
}

const on = (resources: string) => `match: {any: [{resources: {${resources}}}]}`;
const PODS = on('kinds: [Pod]');
const MAPS = on('kinds: [ConfigMap]');
const cel = (expression: string, more = '') =>
  `validate: {message: bad, ${more} cel: {expressions: [{expression: "${expression}"}]}}`;
const HOST = cel('!object.spec.?hostNetwork.orValue(false)');
const LABELLED = cel('has(object.metadata.labels)');

export const RULE_CASES: readonly Case[] = [
  ruled('a rule on Pods', [`name: r, ${PODS}, ${HOST}`]),
  ruled('Pods alone', [`name: r, ${PODS}, ${HOST}`], {
    meta: ', annotations: {pod-policies.kyverno.io/autogen-controllers: none}',
  }),
  ruled('Pods and Jobs', [`name: r, ${PODS}, ${HOST}`], {
    meta: ', annotations: {pod-policies.kyverno.io/autogen-controllers: "Job,CronJob"}',
  }),
  ruled('kinds with group and version', [
    `name: r, ${on('kinds: [apps/v1/Deployment, v1/ConfigMap]')}, ${LABELLED}`,
  ]),
  ruled('kinds with wildcards', [`name: r, ${on('kinds: ["*Job", "v1/*"]')}, ${LABELLED}`]),
  ruled('names', [`name: r, ${on('kinds: [ConfigMap], names: [web, "o?"]')}, ${LABELLED}`]),
  ruled('namespaces', [
    `name: r, ${on('kinds: [ConfigMap, Namespace], namespaces: ["s*", web]')}, ${LABELLED}`,
  ]),
  ruled('labels', [
    `name: r, ${on('kinds: [ConfigMap], selector: {matchLabels: {app: w*}}')}, ${cel('has(object.data)')}`,
  ]),
  ruled('label expressions', [
    `name: r, ${on('kinds: [ConfigMap], selector: {matchExpressions: [{key: tier, operator: NotIn, values: [one]}]}')}, ${cel('has(object.data)')}`,
  ]),
  ruled('annotations', [`name: r, ${on('kinds: [ConfigMap], annotations: {owner: "*"}')}, ${LABELLED}`]),
  ruled('labels of namespaces', [
    `name: r, ${on('kinds: [ConfigMap], namespaceSelector: {matchLabels: {team: web}}')}, ${LABELLED}`,
  ]),
  ruled('operations', [`name: r, ${on('kinds: [ConfigMap], operations: [UPDATE, DELETE]')}, ${LABELLED}`]),
  ruled('users', [
    `name: r, match: {any: [{resources: {kinds: [ConfigMap]}, subjects: [{kind: User, name: "a*"}]}, {resources: {kinds: [ConfigMap]}, subjects: [{kind: ServiceAccount, name: robot, namespace: shop}]}]}, ${LABELLED}`,
  ]),
  ruled('roles', [
    `name: r, match: {any: [{resources: {kinds: [ConfigMap]}, roles: ["shop:editor"]}]}, exclude: {any: [{clusterRoles: [viewer]}]}, ${LABELLED}`,
  ]),
  ruled('any of blocks', [
    `name: r, match: {any: [{resources: {kinds: [ConfigMap], names: [web]}}, {resources: {kinds: [Pod]}}]}, ${LABELLED}`,
  ]),
  ruled('all of blocks', [
    `name: r, match: {all: [{resources: {kinds: [ConfigMap]}}, {resources: {namespaces: [shop]}}]}, ${LABELLED}`,
  ]),
  ruled('excluded names', [
    `name: r, ${MAPS}, exclude: {any: [{resources: {names: [web, db]}}]}, ${LABELLED}`,
  ]),
  ruled('excluded where all fits', [
    `name: r, ${MAPS}, exclude: {all: [{resources: {namespaces: [shop]}}, {resources: {names: ["o*"]}}]}, ${LABELLED}`,
  ]),
  ruled('preconditions', [
    `name: r, ${MAPS}, celPreconditions: [{name: c, expression: "has(object.data)"}], ${LABELLED}`,
  ]),
  ruled('variables', [
    `name: r, ${MAPS}, validate: {cel: {variables: [{name: n, expression: "object.metadata.name"}], expressions: [{expression: "variables.n == 'web'", messageExpression: "'not ' + variables.n"}]}}`,
  ]),
  ruled('an expression that errs', [`name: r, ${MAPS}, ${cel("object.data.mode == 'strict'")}`]),
  ruled(
    'an expression that errs under Ignore',
    [`name: r, ${MAPS}, ${cel("object.data.mode == 'strict'")}`],
    {
      spec: 'failurePolicy: Ignore',
    },
  ),
  ruled('several expressions', [
    `name: r, ${MAPS}, validate: {cel: {expressions: [{expression: "has(object.data)", message: one}, {expression: "has(object.metadata.labels)", message: two}]}}`,
  ]),
  ruled('parameters', [
    `name: r, ${MAPS}, validate: {message: bad, cel: {paramKind: {apiVersion: v1, kind: ConfigMap}, paramRef: {name: limits, namespace: shop, parameterNotFoundAction: Deny}, expressions: [{expression: "params.data.max == '5' && has(object.data)"}]}}`,
  ]),
  ruled('enforced', [`name: r, ${MAPS}, ${LABELLED}`], { spec: 'validationFailureAction: Enforce' }),
  ruled('a rule enforces', [
    `name: r, ${MAPS}, ${cel('has(object.metadata.labels)', 'failureAction: Enforce,')}`,
  ]),
  ruled('enforced in a namespace', [`name: r, ${MAPS}, ${LABELLED}`], {
    spec: 'validationFailureAction: Audit\n  validationFailureActionOverrides: [{action: Enforce, namespaces: [shop]}]',
  }),
  ruled('two rules', [`name: z, ${MAPS}, ${LABELLED}`, `name: a, ${MAPS}, ${cel('has(object.data)')}`]),
  ruled(
    'one of two rules',
    [
      `name: z, ${MAPS}, celPreconditions: [{name: c, expression: "has(object.data)"}], ${LABELLED}`,
      `name: a, ${MAPS}, ${cel('has(object.metadata.annotations)')}`,
    ],
    { spec: 'applyRules: One' },
  ),
  ruled('a rule of a namespace', [`name: r, ${MAPS}, ${LABELLED}`], {
    kind: 'Policy',
    meta: ', namespace: shop',
  }),
  ruled('an exception by name', [`name: r, ${MAPS}, ${LABELLED}`], {
    exceptions: [
      'exceptions: [{policyName: p, ruleNames: [r]}], match: {any: [{resources: {names: [web, "o*"]}}]}',
    ],
  }),
  ruled('an exception of operations', [`name: r, ${MAPS}, ${LABELLED}`], {
    exceptions: [
      'exceptions: [{policyName: p, ruleNames: [r]}], match: {any: [{resources: {kinds: [ConfigMap], operations: [DELETE]}}]}',
    ],
  }),
  ruled(
    'an exception by label and namespace',
    [`name: r, ${on('kinds: [ConfigMap, Namespace]')}, ${cel('has(object.data)')}`],
    {
      exceptions: [
        'exceptions: [{policyName: p, ruleNames: ["*"]}], match: {all: [{resources: {selector: {matchLabels: {app: web}}}}, {resources: {namespaceSelector: {matchLabels: {team: web}}}}]}',
      ],
    },
  ),
  ruled('an exception by whoever asks', [`name: r, ${MAPS}, ${LABELLED}`], {
    exceptions: [
      'background: false, exceptions: [{policyName: p, ruleNames: [r]}], match: {any: [{subjects: [{kind: User, name: alice}]}, {clusterRoles: [viewer]}]}',
    ],
  }),
  ruled('an exception from what is made for Deployments', [`name: r, ${PODS}, ${HOST}`], {
    exceptions: [
      'exceptions: [{policyName: p, ruleNames: [autogen-r]}], match: {any: [{resources: {namespaces: ["*"]}}]}',
    ],
  }),
  ruled(
    'an exception from other rules',
    [`name: r, ${MAPS}, ${LABELLED}`, `name: s, ${MAPS}, ${cel('has(object.data)')}`],
    {
      exceptions: [
        'exceptions: [{policyName: p, ruleNames: [s]}, {policyName: q, ruleNames: [r]}], match: {any: [{resources: {kinds: [ConfigMap]}}]}',
      ],
    },
  ),
  ruled('an exception from a Policy', [`name: r, ${MAPS}, ${LABELLED}`], {
    kind: 'Policy',
    meta: ', namespace: shop',
    exceptions: [
      'exceptions: [{policyName: shop/p, ruleNames: [r]}], match: {any: [{resources: {names: [web]}}]}',
    ],
  }),
  ruled('an exception that asks nothing', [`name: r, ${MAPS}, ${LABELLED}`], {
    exceptions: ['exceptions: [{policyName: p, ruleNames: [r]}], match: {any: [{}]}'],
  }),
  ruled(
    'an exception leaves the turn to others',
    [`name: z, ${MAPS}, ${LABELLED}`, `name: a, ${MAPS}, ${cel('has(object.data)')}`],
    {
      spec: 'applyRules: One',
      exceptions: [
        'exceptions: [{policyName: p, ruleNames: [z]}], match: {any: [{resources: {names: [web, db]}}]}',
      ],
    },
  ),
];
