import type { Resource, Severity } from '../../../model/index.ts';
import type { ValidationAction } from '../../form.ts';
import { auditAnnotationsOf, conditionsOf, validationsOf, variablesOf } from '../admission.ts';
import { type DocumentFault, error } from '../fault.ts';
import { compileMatch } from '../match.ts';
import type { PolicyParts } from '../parts.ts';
import { readPolicy } from '../read-policy.ts';
import { validateActions } from '../vap/validate-binding.ts';
import { notOneOf } from '../vap/validate-match.ts';
import { validateMetadata } from '../vap/validate-metadata.ts';
import {
  validateConstraints,
  validateFailurePolicy,
  validateMatchConditions,
  validateVariables,
} from '../vap/validate-policy.ts';
import { validateControllers, variantsOf } from './autogen.ts';
import { identityOf } from './identity.ts';
import { type ValidatingPolicySource, validatingPolicyShape } from './shape.ts';

/** A ValidatingPolicy in its readings: for Pods, and for the kinds that make them. */
export interface LoadedValidatingPolicy {
  readonly variants: readonly PolicyParts[];
  readonly actions: readonly ValidationAction[];
}

/** Reads a ValidatingPolicy or NamespacedValidatingPolicy; no value when Kyverno would refuse it. */
export function loadValidatingPolicy(resource: Resource): {
  value?: LoadedValidatingPolicy;
  faults: DocumentFault[];
} {
  const { value, severity, faults } = readPolicy(validatingPolicyShape, resource, validate);
  if (value === undefined) return { faults };
  const actions = value.spec.validationActions ?? [];
  return {
    faults,
    value: {
      variants: variants(value, severity),
      actions: actions.length === 0 ? ['Deny'] : (actions as readonly ValidationAction[]),
    },
  };
}

const MODES = ['Kubernetes', 'JSON'];

function validate({ metadata, kind, spec }: ValidatingPolicySource): DocumentFault[] {
  const { evaluation, validationActions, autogen } = spec;
  const faults = [
    ...validateMetadata(kind === 'ValidatingPolicy' ? metadata : { ...metadata, namespace: '' }),
    ...validateFailurePolicy(spec),
    ...validateMatchConditions(spec.matchConditions ?? [], '/spec/matchConditions'),
    ...validateVariables(spec.variables ?? [], '/spec/variables'),
    ...validateControllers(
      autogen?.podControllers?.controllers ?? [],
      '/spec/autogen/podControllers/controllers',
    ),
  ];
  if (evaluation?.mode !== undefined && !MODES.includes(evaluation.mode))
    faults.push(notOneOf('/spec/evaluation/mode', evaluation.mode, MODES));
  if (evaluation?.mode !== 'JSON') faults.push(...validateConstraints(spec));
  if ((validationActions?.length ?? 0) > 0)
    faults.push(...validateActions(validationActions ?? [], '/spec/validationActions'));
  if ((spec.validations?.length ?? 0) === 0 && (spec.auditAnnotations?.length ?? 0) === 0)
    faults.push(error('/spec/validations', 'At least one validation is required.'));
  spec.validations?.forEach(({ expression = '' }, i) => {
    if (expression.trim() === '')
      faults.push(error(`/spec/validations/${i}/expression`, 'An expression is required.'));
  });
  return faults;
}

function variants(source: ValidatingPolicySource, severity: Severity): PolicyParts[] {
  const policy = partsOf(source, severity);
  if (policy.subject === 'payload') return [policy];
  const controllers = source.spec.autogen?.podControllers?.controllers;
  return [
    policy,
    ...variantsOf(policy.match, controllers).map(
      ({ name, match, path }): PolicyParts => ({
        ...policy,
        variant: name,
        match,
        template: path ?? 'found',
      }),
    ),
  ];
}

function partsOf(source: ValidatingPolicySource, severity: Severity): PolicyParts {
  const { spec } = source;
  const onDocuments = spec.evaluation?.mode === 'JSON';
  return {
    ...identityOf(source, 'NamespacedValidatingPolicy', severity),
    subject: onDocuments ? 'payload' : 'object',
    match: compileMatch(spec.matchConstraints ?? {}),
    matchConditions: conditionsOf(spec.matchConditions),
    failurePolicy: spec.failurePolicy === 'Ignore' ? 'Ignore' : 'Fail',
    variables: variablesOf(spec.variables),
    // Kyverno gives no reasons of HTTP.
    validations: validationsOf(spec.validations).map((validation) => ({ ...validation, reason: 'Invalid' })),
    // Kyverno evaluates none of them on documents, which no audit records.
    auditAnnotations: onDocuments ? [] : auditAnnotationsOf(spec.auditAnnotations),
    mutations: [],
    targets: null,
    reinvocation: 'Never',
  };
}
