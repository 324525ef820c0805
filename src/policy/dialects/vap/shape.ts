/** ValidatingAdmissionPolicy and its binding, admissionregistration.k8s.io v1 and v1beta1 (the same fields). */
import { cel, type Infer, list, object, open, text } from '../../shape/shape.ts';
import { matchConditionsShape, metadataShape, paramRefShape, variablesShape } from '../admission-shape.ts';
import { matchResourcesShape, paramKindShape } from '../match-shape.ts';

export const policyFields = {
  paramKind: paramKindShape,
  matchConstraints: matchResourcesShape,
  matchConditions: matchConditionsShape,
  failurePolicy: text('Fail (default) or Ignore.'),
  variables: variablesShape,
  validations: list(
    object('A validation.', {
      expression: cel('Boolean expression; false is a violation.'),
      message: text('Message of the violation.'),
      messageExpression: cel('String expression that gives the message.'),
      reason: text('Invalid (default), Forbidden, Unauthorized or RequestEntityTooLarge.'),
    }),
    'All must hold.',
  ),
  auditAnnotations: list(
    object('An audit annotation.', {
      key: text('Key; the annotation is `policy/key`.'),
      valueExpression: cel('String or null expression.'),
    }),
    'Written into the audit event; at most 20.',
  ),
} as const;

export const vapShape = object(
  'A ValidatingAdmissionPolicy.',
  {
    apiVersion: text('admissionregistration.k8s.io/v1 or v1beta1.'),
    kind: text('ValidatingAdmissionPolicy.'),
    metadata: metadataShape,
    spec: object('The policy.', policyFields),
    status: open('Written by the cluster.', {}),
  },
  ['spec', 'metadata'],
);

export const vapBindingShape = object(
  'A ValidatingAdmissionPolicyBinding.',
  {
    apiVersion: text('admissionregistration.k8s.io/v1 or v1beta1.'),
    kind: text('ValidatingAdmissionPolicyBinding.'),
    metadata: metadataShape,
    spec: object('The binding.', {
      policyName: text('Name of the policy.'),
      paramRef: paramRefShape,
      matchResources: matchResourcesShape,
      validationActions: list(text('Deny, Warn or Audit.'), 'What a violation leads to.'),
    }),
  },
  ['spec', 'metadata'],
);

export type VapSource = Infer<typeof vapShape>;
export type VapSpec = VapSource['spec'];
export type VapBindingSource = Infer<typeof vapBindingShape>;
