/**
 * ConstraintTemplate (templates.gatekeeper.sh v1, v1beta1), its K8sNativeValidation source, and constraints. Sources:
 * frameworks/constraint pkg/apis/templates, gatekeeper pkg/drivers/k8scel/schema, pkg/mutation/match.
 */
import { cel, type Infer, list, mapOf, object, open, text } from '../../shape/shape.ts';
import { labelSelectorShape } from '../match-shape.ts';

const metadata = open('Object metadata.', {
  name: text('Name.'),
  annotations: mapOf(text('Value.'), 'Annotations.'),
});

const code = object(
  'Code for one engine.',
  { engine: text('K8sNativeValidation or Rego.'), source: { type: 'any', doc: 'The code.' } as const },
  ['engine', 'source'],
);

export const templateShape = open(
  'A ConstraintTemplate.',
  {
    metadata,
    spec: open(
      'The template.',
      {
        crd: open('Of the constraints.', {
          spec: open('Of the constraints.', {
            names: open('Names.', { kind: text('Kind of the constraints.') }),
            validation: open('Schema of the parameters.', {
              openAPIV3Schema: { type: 'any', doc: 'JSON Schema as Kubernetes has it.' } as const,
            }),
          }),
        }),
        targets: list(
          open('A target.', {
            target: text('admission.k8s.gatekeeper.sh.'),
            rego: text('Code in Rego.'),
            code: list(code, 'Code by engine.'),
            operations: list(text('CREATE, UPDATE, DELETE, CONNECT or `*`.'), 'Operations at admission.'),
          }),
          'Exactly one.',
        ),
      },
      ['crd', 'targets'],
    ),
  },
  ['metadata', 'spec'],
);

export const sourceShape = object('K8sNativeValidation.', {
  validations: list(
    object('A validation.', {
      expression: cel('Boolean expression; false is a violation.'),
      message: text('Message of the violation.'),
      messageExpression: cel('String expression that gives the message.'),
    }),
    'All must hold.',
  ),
  failurePolicy: text('Fail (default) or Ignore.'),
  matchCondition: list(
    object('A condition.', { name: text('Name.'), expression: cel('Boolean expression.') }),
    'Conditions a request must meet beside the match block.',
  ),
  variables: list(
    object('A variable.', { name: text('CEL identifier.'), expression: cel('Expression of any type.') }),
    'Lazily evaluated; an expression sees the variables above it.',
  ),
  generateVAP: { type: 'boolean', doc: 'Whether Gatekeeper makes a ValidatingAdmissionPolicy of it.' },
});

const matchShape = object('Which objects are meant.', {
  source: text('All (default), Original or Generated.'),
  kinds: list(
    object('Kinds.', {
      apiGroups: list(text('API group; `*` is all.'), 'API groups.'),
      kinds: list(text('Kind; `*` is all.'), 'Kinds.'),
    }),
    'Any entry that fits.',
  ),
  scope: text('`*` (default), Cluster or Namespaced.'),
  namespaces: list(text('Name, or with `*` at an end.'), 'Namespaces.'),
  excludedNamespaces: list(text('Name, or with `*` at an end.'), 'Namespaces left out.'),
  labelSelector: labelSelectorShape,
  namespaceSelector: labelSelectorShape,
  name: text('Name, or with `*` at an end.'),
});

export const constraintShape = open(
  'A constraint.',
  {
    metadata,
    spec: open('The constraint.', {
      enforcementAction: text('deny (default), warn, dryrun or scoped.'),
      scopedEnforcementActions: list(
        object(
          'An action where it is taken.',
          {
            action: text('deny, warn or dryrun.'),
            enforcementPoints: list(
              object('A point.', { name: text('validation.gatekeeper.sh, audit.gatekeeper.sh, … or `*`.') }, [
                'name',
              ]),
              'Points.',
            ),
          },
          ['action', 'enforcementPoints'],
        ),
        'With enforcementAction scoped.',
      ),
      match: matchShape,
      parameters: { type: 'any', doc: 'By the schema of the template.' } as const,
    }),
  },
  ['metadata'],
);

export type TemplateSource = Infer<typeof templateShape>;
export type CelSource = Infer<typeof sourceShape>;
export type ConstraintSource = Infer<typeof constraintShape>;
export type ConstraintMatch = Infer<typeof matchShape>;
