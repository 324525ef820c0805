/**
 * ValidatingPolicy and MutatingPolicy, their namespaced forms, and PolicyException: policies.kyverno.io v1, v1beta1,
 * v1alpha1 (the same fields).
 */
import { cel, type Infer, list, mapOf, object, open, text } from '../../shape/shape.ts';
import { metadataShape } from '../admission-shape.ts';
import { mapPolicyFields } from '../map/shape.ts';
import { matchResourcesShape } from '../match-shape.ts';
import { policyFields } from '../vap/shape.ts';

const toggle = (doc: string) => object(doc, { enabled: { type: 'boolean' } });

const evaluationFields = {
  mode: text('Kubernetes (default) or JSON.'),
  admission: toggle('At admission.'),
  background: toggle('In the background.'),
};

const podControllers = object('Kinds that make Pods.', {
  controllers: list(
    text('daemonsets, deployments, jobs, …, or resource.version.group.'),
    'Those the policy is applied to; an empty list is none.',
  ),
});

const webhookConfiguration = object('The webhook.', { timeoutSeconds: { type: 'integer' } });

export const validatingPolicyShape = object(
  'A ValidatingPolicy or NamespacedValidatingPolicy.',
  {
    apiVersion: text('policies.kyverno.io/v1, v1beta1 or v1alpha1.'),
    kind: text('ValidatingPolicy or NamespacedValidatingPolicy.'),
    metadata: metadataShape,
    spec: object('The policy.', {
      matchConstraints: matchResourcesShape,
      matchConditions: policyFields.matchConditions,
      failurePolicy: policyFields.failurePolicy,
      variables: policyFields.variables,
      validations: policyFields.validations,
      auditAnnotations: policyFields.auditAnnotations,
      validationActions: list(
        text('Deny, Warn or Audit.'),
        'What a violation leads to; Deny when there is none.',
      ),
      evaluation: object('How the policy is evaluated.', evaluationFields),
      autogen: object('What is made of a policy on Pods.', {
        podControllers,
        validatingAdmissionPolicy: toggle('A ValidatingAdmissionPolicy of the same content.'),
      }),
      webhookConfiguration,
    }),
    status: open('Written by the cluster.', {}),
  },
  ['spec', 'metadata'],
);

export const mutatingPolicyShape = object(
  'A MutatingPolicy or NamespacedMutatingPolicy.',
  {
    apiVersion: text('policies.kyverno.io/v1, v1beta1 or v1alpha1.'),
    kind: text('MutatingPolicy or NamespacedMutatingPolicy.'),
    metadata: metadataShape,
    spec: object('The policy.', {
      matchConstraints: matchResourcesShape,
      matchConditions: mapPolicyFields.matchConditions,
      failurePolicy: mapPolicyFields.failurePolicy,
      reinvocationPolicy: mapPolicyFields.reinvocationPolicy,
      variables: mapPolicyFields.variables,
      mutations: mapPolicyFields.mutations,
      auditAnnotations: policyFields.auditAnnotations,
      targetMatchConstraints: object(
        'Which objects that exist are changed; none: those of matchConstraints.',
        {
          ...matchResourcesShape.fields,
          expression: cel('Gives the object, or the list of objects.'),
        },
      ),
      targetMatchConditions: mapPolicyFields.matchConditions,
      evaluation: object('How the policy is evaluated.', {
        ...evaluationFields,
        mutateExisting: toggle('On objects that exist.'),
        skipBackgroundRequests: { type: 'boolean' },
        useServerSideApply: { type: 'boolean' },
      }),
      autogen: object('What is made of a policy on Pods.', {
        podControllers,
        mutatingAdmissionPolicy: toggle('A MutatingAdmissionPolicy of the same content.'),
      }),
      webhookConfiguration,
    }),
    status: open('Written by the cluster.', {}),
  },
  ['spec', 'metadata'],
);

export const policyExceptionShape = object(
  'A PolicyException.',
  {
    apiVersion: text('policies.kyverno.io/v1, v1beta1 or v1alpha1.'),
    kind: text('PolicyException.'),
    metadata: metadataShape,
    spec: object(
      'The exception.',
      {
        policyRefs: list(
          object('A policy.', { name: text('Name.'), kind: text('Kind.') }, ['name', 'kind']),
          'The policies it is an exception to.',
        ),
        matchConditions: list(
          object('A condition.', { name: text('Name.'), expression: cel('Boolean expression.') }),
          'Which requests it is for; none: all.',
        ),
        images: list(text('An image, with wildcards.'), 'What expressions see as exceptions.allowedImages.'),
        allowedValues: list(text('A value.'), 'What expressions see as exceptions.allowedValues.'),
        reportResult: text('skip (default) or pass.'),
        expiresAt: text('Time from which on it counts no longer (RFC 3339).'),
        properties: mapOf(text('Value.'), 'Added to reports.'),
      },
      ['policyRefs'],
    ),
  },
  ['spec', 'metadata'],
);

export type ValidatingPolicySource = Infer<typeof validatingPolicyShape>;
export type ValidatingPolicySpec = ValidatingPolicySource['spec'];
export type MutatingPolicySource = Infer<typeof mutatingPolicyShape>;
export type PolicyExceptionSource = Infer<typeof policyExceptionShape>;
