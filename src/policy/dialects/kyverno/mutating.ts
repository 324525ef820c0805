import type { Resource, Severity } from '../../../model/index.ts';
import { read } from '../../shape/read.ts';
import { zeroNulls } from '../../shape/zero.ts';
import { at, conditionsOf, variablesOf } from '../admission.ts';
import { type DocumentFault, error, ofShape, warning } from '../fault.ts';
import { mutationsOf } from '../map/load.ts';
import { validateMutations, validateReinvocation } from '../map/validate.ts';
import { compileMatch } from '../match.ts';
import type { PolicyParts } from '../parts.ts';
import { severityOf } from '../severity.ts';
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
  const { value, issues } = read(mutatingPolicyShape, zeroNulls(mutatingPolicyShape, resource.object));
  const faults = issues.map((issue) => ofShape(issue, issue.code === 'unknown-field' ? 'warning' : 'error'));
  if (issues.some((issue) => issue.code !== 'unknown-field')) return { faults };
  const { severity, faults: severityFaults } = severityOf(resource.object);
  faults.push(...severityFaults, ...validate(value), ...notDone(value));
  if (faults.some((fault) => fault.severity === 'error')) return { faults };
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
    ...validateControllers(controllersOf(spec) ?? [], CONTROLLERS),
    ...(evaluation?.admission?.enabled === false && evaluation.mutateExisting?.enabled !== true
      ? [error('/spec/evaluation', 'Neither admission nor mutateExisting is enabled: it changes nothing.')]
      : []),
  ];
}

const CONTROLLERS = '/spec/autogen/podControllers/controllers';

function controllersOf({ autogen }: MutatingPolicySource['spec']): readonly string[] | undefined {
  return autogen?.podControllers?.controllers;
}

/** What Kyverno does and we do not; policies that are nothing else are refused. */
function notDone({ spec }: MutatingPolicySource): DocumentFault[] {
  const { evaluation, targetMatchConstraints } = spec;
  const unsupported = (pointer: string, what: string): DocumentFault => ({
    ...error(pointer, `${what} This version changes only the object of a request.`),
    reason: 'unsupported',
    help: 'Keep it out of --policies; Kyverno goes on running it.',
  });
  if (evaluation?.mode === 'JSON')
    return [unsupported('/spec/evaluation/mode', 'It changes JSON documents that are no objects.')];
  if (evaluation?.useServerSideApply === true)
    return [
      unsupported('/spec/evaluation/useServerSideApply', 'It replaces whole lists and maps of an object.'),
    ];
  if (targetMatchConstraints !== undefined)
    return [unsupported('/spec/targetMatchConstraints', 'It changes objects that exist.')];
  if (evaluation?.admission?.enabled === false)
    return [
      unsupported('/spec/evaluation/admission', 'It changes objects that exist, not those of requests.'),
    ];
  const existing = evaluation?.mutateExisting?.enabled === true;
  return existing
    ? [warning('/spec/evaluation/mutateExisting', 'Only objects of requests are changed, none that exist.')]
    : [];
}

/** Kyverno does not change custom kinds by what it finds in them, so there is no reading for those. */
function variants(source: MutatingPolicySource, severity: Severity): PolicyParts[] {
  const policy = partsOf(source, severity);
  return [
    policy,
    ...variantsOf(policy.match, controllersOf(source.spec)).flatMap(({ name, match, path }): PolicyParts[] =>
      path === null ? [] : [{ ...policy, variant: name, match, template: path }],
    ),
  ];
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
    auditAnnotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }, i) => ({
      key: key!,
      valueExpression: at(valueExpression!, `/spec/auditAnnotations/${i}/valueExpression`),
    })),
    mutations: mutationsOf(spec),
    reinvocation: spec.reinvocationPolicy === 'IfNeeded' ? 'IfNeeded' : 'Never',
  };
}
