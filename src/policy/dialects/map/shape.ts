/** MutatingAdmissionPolicy and its binding, admissionregistration.k8s.io v1, v1beta1 and v1alpha1 (the same fields). */
import { cel, type Infer, list, object, text } from '../../shape/shape.ts';
import { matchConditionsShape, metadataShape, paramRefShape, variablesShape } from '../admission-shape.ts';
import { matchResourcesShape, paramKindShape } from '../match-shape.ts';

export const mapPolicyFields = {
  paramKind: paramKindShape,
  matchConstraints: matchResourcesShape,
  matchConditions: matchConditionsShape,
  failurePolicy: text('Fail (default) or Ignore.'),
  reinvocationPolicy: text('Never, or IfNeeded: again when others changed the object afterwards.'),
  variables: variablesShape,
  mutations: list(
    object('A mutation.', {
      patchType: text('ApplyConfiguration or JSONPatch.'),
      applyConfiguration: object('Fields to merge into the object.', {
        expression: cel('Gives an `Object{…}`.'),
      }),
      jsonPatch: object('Operations on the object.', {
        expression: cel('Gives a list of `JSONPatch{…}`.'),
      }),
    }),
    'Done in order; each sees the object as those before it left it.',
  ),
} as const;

export const mapShape = object(
  'A MutatingAdmissionPolicy.',
  {
    apiVersion: text('admissionregistration.k8s.io/v1, v1beta1 or v1alpha1.'),
    kind: text('MutatingAdmissionPolicy.'),
    metadata: metadataShape,
    spec: object('The policy.', mapPolicyFields),
  },
  ['spec', 'metadata'],
);

export const mapBindingShape = object(
  'A MutatingAdmissionPolicyBinding.',
  {
    apiVersion: text('admissionregistration.k8s.io/v1, v1beta1 or v1alpha1.'),
    kind: text('MutatingAdmissionPolicyBinding.'),
    metadata: metadataShape,
    spec: object('The binding.', {
      policyName: text('Name of the policy.'),
      paramRef: paramRefShape,
      matchResources: matchResourcesShape,
    }),
  },
  ['spec', 'metadata'],
);

export type MapSource = Infer<typeof mapShape>;
export type MapSpec = MapSource['spec'];
export type MapBindingSource = Infer<typeof mapBindingShape>;
