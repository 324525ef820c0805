/** ValidatingAdmissionPolicy and its binding, admissionregistration.k8s.io v1 and v1beta1 (the same fields). */
import { cel, type Infer, list, mapOf, object, open, text } from '../../shape/shape.ts';
import { matchResourcesShape, paramKindShape } from '../match-shape.ts';

export const metadataShape = open('Object metadata.', {
  name: text('Name.'),
  generateName: text('Prefix of a name that the API server chooses.'),
  namespace: text('None: these kinds belong to the cluster.'),
  labels: mapOf(text('Value.'), 'Labels.'),
  annotations: mapOf(text('Value.'), 'Annotations.'),
});
export type MetadataSource = Infer<typeof metadataShape>;

export const policyFields = {
  paramKind: paramKindShape,
  matchConstraints: matchResourcesShape,
  matchConditions: list(
    object('A condition.', { name: text('Name.'), expression: cel('Boolean expression.') }),
    'Conditions a request must meet beside the rules; at most 64.',
  ),
  failurePolicy: text('Fail (default) or Ignore.'),
  variables: list(
    object('A variable.', { name: text('CEL identifier.'), expression: cel('Expression of any type.') }),
    'Lazily evaluated; an expression sees the variables above it.',
  ),
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
      paramRef: object('Which parameter objects.', {
        name: text('By name.'),
        namespace: text('In this namespace; else in the namespace of the request.'),
        selector: matchResourcesShape.fields.objectSelector,
        parameterNotFoundAction: text('Allow or Deny when there is none.'),
      }),
      matchResources: matchResourcesShape,
      validationActions: list(text('Deny, Warn or Audit.'), 'What a violation leads to.'),
    }),
  },
  ['spec', 'metadata'],
);

export type VapSource = Infer<typeof vapShape>;
export type VapSpec = VapSource['spec'];
export type VapBindingSource = Infer<typeof vapBindingShape>;
export type VapBindingSpec = VapBindingSource['spec'];
