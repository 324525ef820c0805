/** ClusterPolicy and Policy: kyverno.io v1 and v2beta1, as far as rules with `validate.cel` go. */
import { cel, choice, type Infer, list, mapOf, object, open, text } from '../../shape/shape.ts';
import { metadataShape, paramRefShape } from '../admission-shape.ts';
import { labelSelectorShape, paramKindShape } from '../match-shape.ts';
import { policyFields } from '../vap/shape.ts';

const any = (doc: string) => ({ type: 'any', doc }) as const;
const flag = (doc: string) => ({ type: 'boolean', doc }) as const;

const resources = object('Resources; each field given has to fit.', {
  kinds: list(text('`Kind`, `version/Kind`, `group/version/Kind`, `Kind/subresource`.'), 'Kinds.'),
  name: text('A name, with wildcards.'),
  names: list(text('A name, with wildcards.'), 'Names.'),
  namespaces: list(text('A namespace, with wildcards.'), 'Namespaces.'),
  annotations: mapOf(text('A value, with wildcards.'), 'Annotations.'),
  selector: labelSelectorShape,
  namespaceSelector: labelSelectorShape,
  operations: list(text('CREATE, UPDATE, DELETE or CONNECT.'), 'Operations.'),
});

const blockFields = {
  resources,
  subjects: list(
    open('A subject.', {
      kind: text('User, Group or ServiceAccount.'),
      name: text('Name.'),
      namespace: text('Namespace.'),
    }),
    'Who asks.',
  ),
  roles: list(text('`namespace:role`.'), 'Roles of whoever asks.'),
  clusterRoles: list(text('Cluster role.'), 'Cluster roles of whoever asks.'),
};
const block = object('A block.', blockFields);
export type BlockSource = Infer<typeof block>;

const blocks = object('Which requests are meant.', {
  any: list(block, 'Any block is enough.'),
  all: list(block, 'All blocks are needed.'),
  ...blockFields,
});
export type BlocksSource = Infer<typeof blocks>;

const ACTIONS = ['Audit', 'Enforce', 'audit', 'enforce'] as const;
const failureAction = choice(ACTIONS, 'What a violation leads to.');
const overrides = list(
  object('Another action in some namespaces.', {
    action: failureAction,
    namespaces: list(text('A namespace, with wildcards.'), 'Namespaces.'),
    namespaceSelector: labelSelectorShape,
  }),
  'Other actions in some namespaces.',
);
export type OverrideSource = Infer<typeof overrides>[number];

export const celShape = object('Validation in CEL.', {
  generate: flag('Whether a ValidatingAdmissionPolicy is made of it.'),
  expressions: policyFields.validations,
  variables: policyFields.variables,
  auditAnnotations: policyFields.auditAnnotations,
  paramKind: paramKindShape,
  paramRef: paramRefShape,
});
export type CelSource = Infer<typeof celShape>;

const rule = open(
  'A rule.',
  {
    name: text('Name.'),
    match: blocks,
    exclude: blocks,
    celPreconditions: list(
      object('A condition.', { name: text('Name.'), expression: cel('Boolean expression.') }),
      'Conditions beside the blocks.',
    ),
    validate: open('What must be so.', {
      cel: any('Validation in CEL.'),
      message: text('Message of what has none.'),
      failureAction,
      failureActionOverrides: overrides,
      allowExistingViolations: flag('Whether what was so before may stay.'),
    }),
    skipBackgroundRequests: flag('Whether requests of the background are left out.'),
    reportProperties: mapOf(text('Value.'), 'Added to reports.'),
  },
  ['name', 'match'],
);
export type RuleSource = Infer<typeof rule>;

export const clusterPolicyShape = object(
  'A ClusterPolicy or Policy.',
  {
    apiVersion: text('kyverno.io/v1 or v2beta1.'),
    kind: text('ClusterPolicy or Policy.'),
    metadata: metadataShape,
    spec: open(
      'The policy.',
      {
        rules: list(rule, 'Rules.'),
        applyRules: choice(['All', 'One'], 'Whether rules after the first that applies count.'),
        failurePolicy: text('Fail (default) or Ignore.'),
        validationFailureAction: failureAction,
        validationFailureActionOverrides: overrides,
        background: flag('Whether it is evaluated in the background.'),
        admission: flag('Whether it is evaluated at admission.'),
        webhookConfiguration: open('The webhook.', { matchConditions: policyFields.matchConditions }),
      },
      ['rules'],
    ),
    status: open('Written by the cluster.', {}),
  },
  ['spec', 'metadata'],
);
export type ClusterPolicySource = Infer<typeof clusterPolicyShape>;

export const ruleExceptionShape = object(
  'A PolicyException of kyverno.io.',
  {
    apiVersion: text('kyverno.io/v2.'),
    kind: text('PolicyException.'),
    metadata: metadataShape,
    spec: object(
      'What is exempted from what.',
      {
        background: flag('Whether it counts in the background, where nobody asks.'),
        match: object('What is exempted.', {
          any: list(block, 'Any block is enough.'),
          all: list(block, 'All blocks are needed.'),
        }),
        conditions: any('Conditions in JMESPath.'),
        exceptions: list(
          object(
            'Rules of a policy.',
            {
              policyName: text('`name` of a ClusterPolicy, `namespace/name` of a Policy.'),
              ruleNames: list(text('A rule, with wildcards.'), 'Rules.'),
            },
            ['policyName', 'ruleNames'],
          ),
          'From which rules.',
        ),
        podSecurity: any('Controls of validate.podSecurity.'),
      },
      ['match', 'exceptions'],
    ),
    status: open('Written by the cluster.', {}),
  },
  ['spec', 'metadata'],
);
