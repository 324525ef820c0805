/** Fields that the policies of admissionregistration.k8s.io and their bindings share. */
import { cel, type Infer, list, mapOf, object, open, text } from '../shape/shape.ts';
import { labelSelectorShape } from './match-shape.ts';

export const metadataShape = open('Object metadata.', {
  name: text('Name.'),
  generateName: text('Prefix of a name that the API server chooses.'),
  namespace: text('None: these kinds belong to the cluster.'),
  labels: mapOf(text('Value.'), 'Labels.'),
  annotations: mapOf(text('Value.'), 'Annotations.'),
});
export type MetadataSource = Infer<typeof metadataShape>;

export const matchConditionsShape = list(
  object('A condition.', { name: text('Name.'), expression: cel('Boolean expression.') }),
  'Conditions a request must meet beside the rules; at most 64.',
);
export type ConditionsSource = Infer<typeof matchConditionsShape>;

export const variablesShape = list(
  object('A variable.', { name: text('CEL identifier.'), expression: cel('Expression of any type.') }),
  'Lazily evaluated; an expression sees the variables above it.',
);
export type VariablesSource = Infer<typeof variablesShape>;

export const paramRefShape = object('Which parameter objects.', {
  name: text('By name.'),
  namespace: text('In this namespace; else in the namespace of the request.'),
  selector: labelSelectorShape,
  parameterNotFoundAction: text('Allow or Deny when there is none.'),
});
export type ParamRefSource = Infer<typeof paramRefShape>;
