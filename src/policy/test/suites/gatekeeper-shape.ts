/** Gatekeeper's test suites (test.gatekeeper.sh/v1alpha1 Suite). Source: gatekeeper pkg/gator/verify. */
import { type Infer, list, object, oneOf, open, text } from '../../shape/shape.ts';

const skip = { type: 'boolean', doc: 'Not run.' } as const;

const assertion = object('What must be so of the violations.', {
  violations: oneOf(
    [
      text('yes (default), no, or a number.'),
      { type: 'boolean', doc: 'YAML reads yes and no as booleans.' } as const,
      { type: 'integer', doc: 'Exactly so many.' } as const,
    ],
    'How many there are.',
  ),
  message: text('Regular expression: only violations whose message it finds count.'),
});

const suiteCase = object('One object against the constraint.', {
  name: text('Name.'),
  object: text('File with one object, or an AdmissionReview.'),
  inventory: list(text('File.'), 'Files with objects of the cluster.'),
  assertions: list(assertion, 'All must hold.'),
  skip,
});

const suiteTest = object('One constraint.', {
  name: text('Name.'),
  template: text('File with the ConstraintTemplate.'),
  constraint: text('File with the constraint.'),
  expansion: text('File with ExpansionTemplates.'),
  cases: list(suiteCase, 'Cases.'),
  invalid: { type: 'boolean', doc: 'The constraint must be refused by the schema.' } as const,
  skip,
});

export const suiteShape = open('A suite.', { tests: list(suiteTest, 'Tests.'), skip }, ['tests']);

export type SuiteTest = Infer<typeof suiteTest>;
export type SuiteCase = Infer<typeof suiteCase>;
export type Assertion = Infer<typeof assertion>;
