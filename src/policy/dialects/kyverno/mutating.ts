import type { Resource, Severity } from '../../../model/index.ts';
import { TARGET } from '../../form.ts';
import { EVERYTHING } from '../../match/match.ts';
import { at, auditAnnotationsOf, conditionsOf, variablesOf } from '../admission.ts';
import { type DocumentFault, error, warning } from '../fault.ts';
import { mutationsOf } from '../map/load.ts';
import { validateMutations, validateReinvocation } from '../map/validate.ts';
import { compileMatch } from '../match.ts';
import type { PolicyParts } from '../parts.ts';
import { readPolicy } from '../read-policy.ts';
import { notOneOf, validateMatch } from '../vap/validate-match.ts';
import { validateMetadata } from '../vap/validate-metadata.ts';
import {
  validateConstraints,
  validateFailurePolicy,
  validateMatchConditions,
  validateVariables,
} from '../vap/validate-policy.ts';
import { validateControllers, variantsOf } from './autogen.ts';
import { identityOf } from './identity.ts';
import { type MutatingPolicySource, mutatingPolicyShape } from './shape.ts';

/**
 * Reads a MutatingPolicy or NamespacedMutatingPolicy in its readings: for Pods, and for the kinds that make them; no
 * value when Kyverno would refuse it. Source: kyverno pkg/cel/policies/mpol.
 */
export function loadMutatingPolicy(resource: Resource): {
  value?: readonly PolicyParts[];
  faults: DocumentFault[];
} {
  const { value, severity, faults } = readPolicy(mutatingPolicyShape, resource, validate);
  if (value === undefined) return { faults };
  return { value: variants(value, severity), faults };
}

function validate({ metadata, kind, spec }: MutatingPolicySource): DocumentFault[] {
  const { evaluation, reinvocationPolicy } = spec;
  return [
    ...validateMetadata(kind === 'MutatingPolicy' ? metadata : { ...metadata, namespace: '' }),
    ...validateFailurePolicy(spec),
    ...validateConstraints(spec),
    ...validateMatchConditions(spec.matchConditions ?? [], '/spec/matchConditions'),
    ...validateVariables(spec.variables ?? [], '/spec/variables'),
    ...validateMutations(spec.mutations ?? []),
    ...(reinvocationPolicy === undefined || reinvocationPolicy === ''
      ? []
      : validateReinvocation(reinvocationPolicy)),
    ...validateMode(evaluation?.mode),
    ...validateTargets(spec),
    ...validateControllers(controllersOf(spec) ?? [], CONTROLLERS),
    ...(evaluation?.admission?.enabled === false && evaluation.mutateExisting?.enabled !== true
      ? [error('/spec/evaluation', 'Neither admission nor mutateExisting is enabled: it changes nothing.')]
      : []),
  ];
}

/** Kyverno reads the mode of policies that validate alone. */
function validateMode(mode: string | undefined): DocumentFault[] {
  if (mode === undefined || mode === '' || mode === 'Kubernetes') return [];
  const pointer = '/spec/evaluation/mode';
  if (mode !== 'JSON') return [notOneOf(pointer, mode, ['Kubernetes', 'JSON'])];
  return [warning(pointer, 'Kyverno changes Kubernetes objects under JSON, too: the mode has no effect.')];
}

function validateTargets({
  targetMatchConstraints: targets,
  targetMatchConditions,
  evaluation,
}: MutatingPolicySource['spec']): DocumentFault[] {
  const idle = targets !== undefined && evaluation?.mutateExisting?.enabled !== true;
  return [
    ...(targets === undefined ? [] : validateMatch(targets, '/spec/targetMatchConstraints')),
    ...validateMatchConditions(targetMatchConditions ?? [], '/spec/targetMatchConditions'),
    ...(idle
      ? [error('/spec/targetMatchConstraints', 'Without evaluation.mutateExisting it changes nothing.')]
      : []),
  ];
}

const CONTROLLERS = '/spec/autogen/podControllers/controllers';

function controllersOf({ autogen }: MutatingPolicySource['spec']): readonly string[] | undefined {
  return autogen?.podControllers?.controllers;
}

/**
 * For objects of requests: the policy, and its readings for what makes Pods; Kyverno does not change custom kinds by what
 * it finds in them, so there is none for those. For objects that exist: one reading more.
 */
function variants(source: MutatingPolicySource, severity: Severity): PolicyParts[] {
  const policy = partsOf(source, severity);
  const { targetMatchConstraints, evaluation } = source.spec;
  const onTargets = evaluation?.mutateExisting?.enabled === true ? [targetReading(source, policy)] : [];
  const onRequests = evaluation?.admission?.enabled !== false && !choosesTargets(targetMatchConstraints);
  if (!onRequests) return onTargets.length === 0 ? [policy] : onTargets;
  return [
    policy,
    ...variantsOf(policy.match, controllersOf(source.spec)).flatMap(({ name, match, path }): PolicyParts[] =>
      path === null ? [] : [{ ...policy, variant: name, match, template: path }],
    ),
    ...onTargets,
  ];
}

type Targets = MutatingPolicySource['spec']['targetMatchConstraints'];

/** Selectors alone choose nothing. */
function choosesTargets(own: Targets): boolean {
  return (own?.resourceRules?.length ?? 0) > 0 || (own?.expression ?? '') !== '';
}

/** Objects that exist are there whatever was done to them. */
function targetReading({ spec }: MutatingPolicySource, policy: PolicyParts): PolicyParts {
  const { targetMatchConstraints: own, targetMatchConditions } = spec;
  const reading: PolicyParts = {
    ...policy,
    variant: TARGET,
    matchConditions: conditionsOf(targetMatchConditions, 'targetMatchConditions'),
  };
  const { expression = '' } = own ?? {};
  if (expression !== '') {
    const targets = at(expression, '/spec/targetMatchConstraints/expression');
    const { match, matchConditions } = policy;
    return { ...reading, match: EVERYTHING, targets: { expression: targets, match, matchConditions } };
  }
  const match = (own?.resourceRules?.length ?? 0) > 0 ? compileMatch(own!) : policy.match;
  const resourceRules = match.resourceRules.map((rule) => ({ ...rule, operations: ['*'] }));
  return { ...reading, match: { ...match, resourceRules } };
}

function partsOf(source: MutatingPolicySource, severity: Severity): PolicyParts {
  const { spec } = source;
  return {
    ...identityOf(source, 'NamespacedMutatingPolicy', severity),
    subject: 'object',
    match: compileMatch(spec.matchConstraints!),
    matchConditions: conditionsOf(spec.matchConditions),
    failurePolicy: spec.failurePolicy === 'Ignore' ? 'Ignore' : 'Fail',
    variables: variablesOf(spec.variables),
    validations: [],
    auditAnnotations: auditAnnotationsOf(spec.auditAnnotations),
    mutations: mutationsOf(spec, spec.evaluation?.useServerSideApply === true ? 'replaced' : 'refused'),
    targets: null,
    // It is for the admission policy that Kyverno may make of this one; its own webhook asks each policy once.
    reinvocation: 'Never',
  };
}
