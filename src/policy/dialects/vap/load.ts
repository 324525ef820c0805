import type { Resource, Severity } from '../../../model/index.ts';
import type { ValidationAction } from '../../form.ts';
import { KUBERNETES_BUDGET } from '../../form.ts';
import { read } from '../../shape/read.ts';
import { zeroNulls } from '../../shape/zero.ts';
import {
  auditAnnotationsOf,
  conditionsOf,
  type LoadedBinding,
  paramKindOf,
  paramRefOf,
  validationsOf,
  variablesOf,
} from '../admission.ts';
import { type DocumentFault, ofShape } from '../fault.ts';
import { compileMatch } from '../match.ts';
import type { PolicyParts } from '../parts.ts';
import { readPolicy } from '../read-policy.ts';
import { type VapBindingSource, type VapSource, vapBindingShape, vapShape } from './shape.ts';
import { validateBinding } from './validate-binding.ts';
import { validatePolicy } from './validate-policy.ts';

/** Reads a ValidatingAdmissionPolicy; no value when the API server would refuse it. */
export function loadPolicy(resource: Resource): { value?: PolicyParts; faults: DocumentFault[] } {
  const { value, severity, faults } = readPolicy(vapShape, resource, validatePolicy);
  if (value === undefined) return { faults };
  return { value: partsOf(value, severity), faults };
}

function partsOf(source: VapSource, severity: Severity): PolicyParts {
  const { spec } = source;
  const id = source.metadata.name!;
  return {
    id,
    variant: '',
    dialect: 'vap',
    info: { id, title: id, severity, kind: 'ValidatingAdmissionPolicy' },
    sets: [],
    subject: 'object',
    template: null,
    match: compileMatch(spec.matchConstraints!),
    filter: null,
    matchConditions: conditionsOf(spec.matchConditions),
    failurePolicy: spec.failurePolicy === 'Ignore' ? 'Ignore' : 'Fail',
    paramKind: paramKindOf(spec.paramKind),
    variables: variablesOf(spec.variables),
    validations: validationsOf(spec.validations),
    auditAnnotations: auditAnnotationsOf(spec.auditAnnotations),
    budget: KUBERNETES_BUDGET,
    mutations: [],
    targets: null,
    reinvocation: 'Never',
    lazyMessages: false,
    firstFailureOnly: false,
    conditionsSeeAll: false,
    exceptions: [],
  };
}

/** Reads a ValidatingAdmissionPolicyBinding; no value when the API server would refuse it. */
export function loadBinding(resource: Resource): { value?: LoadedBinding; faults: DocumentFault[] } {
  const { value, issues } = read(vapBindingShape, zeroNulls(vapBindingShape, resource.object));
  const faults = issues.map((issue) => ofShape(issue, issue.code === 'unknown-field' ? 'warning' : 'error'));
  if (issues.some((issue) => issue.code !== 'unknown-field')) return { faults };
  faults.push(...validateBinding(value));
  if (faults.some((fault) => fault.severity === 'error')) return { faults };
  return { value: bindingOf(value), faults };
}

function bindingOf(source: VapBindingSource): LoadedBinding {
  const { spec } = source;
  return {
    policyName: spec.policyName!,
    binding: {
      name: source.metadata.name!,
      match: spec.matchResources === undefined ? null : compileMatch(spec.matchResources),
      paramRef: paramRefOf(spec.paramRef),
      params: null,
      actions: (spec.validationActions ?? []) as readonly ValidationAction[],
    },
  };
}
