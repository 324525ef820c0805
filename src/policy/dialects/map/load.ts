import type { Resource, Severity } from '../../../model/index.ts';
import { KUBERNETES_BUDGET, type Mutation } from '../../form.ts';
import { parseApiVersion } from '../../request.ts';
import { read } from '../../shape/read.ts';
import { zeroNulls } from '../../shape/zero.ts';
import { at, conditionsOf, type LoadedBinding, paramKindOf, paramRefOf, variablesOf } from '../admission.ts';
import { type DocumentFault, ofShape } from '../fault.ts';
import { compileMatch } from '../match.ts';
import type { PolicyParts } from '../parts.ts';
import { readPolicy } from '../read-policy.ts';
import { type MapBindingSource, type MapSource, type MapSpec, mapBindingShape, mapShape } from './shape.ts';
import { validateBinding, validatePolicy } from './validate.ts';

/** Reads a MutatingAdmissionPolicy; no value when the API server would refuse it. */
export function loadMutating(resource: Resource): { value?: PolicyParts; faults: DocumentFault[] } {
  const { value, severity, faults } = readPolicy(mapShape, resource, validatePolicy);
  if (value === undefined) return { faults };
  return { value: partsOf(value, severity), faults };
}

function partsOf({ metadata, spec }: MapSource, severity: Severity): PolicyParts {
  const id = metadata.name!;
  return {
    id,
    variant: '',
    dialect: 'map',
    info: { id, title: id, severity, kind: 'MutatingAdmissionPolicy' },
    sets: [],
    subject: 'object',
    template: null,
    match: compileMatch(spec.matchConstraints!),
    filter: null,
    matchConditions: conditionsOf(spec.matchConditions),
    failurePolicy: spec.failurePolicy === 'Ignore' ? 'Ignore' : 'Fail',
    paramKind: paramKindOf(spec.paramKind),
    variables: variablesOf(spec.variables),
    validations: [],
    auditAnnotations: [],
    exceptions: [],
    mutations: mutationsOf(spec, 'refused'),
    targets: null,
    reinvocation: spec.reinvocationPolicy === 'IfNeeded' ? 'IfNeeded' : 'Never',
    budget: KUBERNETES_BUDGET,
    lazyMessages: false,
    firstFailureOnly: false,
    conditionsSeeAll: false,
  };
}

export function mutationsOf(
  { mutations = [] }: Pick<MapSpec, 'mutations'>,
  atomics: Mutation['atomics'],
): readonly Mutation[] {
  return mutations.map(({ patchType, jsonPatch, applyConfiguration }, i) =>
    patchType === 'JSONPatch'
      ? {
          patchType,
          atomics,
          expression: at(jsonPatch!.expression!, `/spec/mutations/${i}/jsonPatch/expression`),
        }
      : {
          patchType: 'ApplyConfiguration',
          atomics,
          expression: at(
            applyConfiguration!.expression!,
            `/spec/mutations/${i}/applyConfiguration/expression`,
          ),
        },
  );
}

/** Reads a MutatingAdmissionPolicyBinding; no value when the API server would refuse it. */
export function loadMutatingBinding(resource: Resource): { value?: LoadedBinding; faults: DocumentFault[] } {
  const { value: source, issues } = read(mapBindingShape, zeroNulls(mapBindingShape, resource.object));
  const faults = issues.map((issue) => ofShape(issue, issue.code === 'unknown-field' ? 'warning' : 'error'));
  if (issues.some((issue) => issue.code !== 'unknown-field')) return { faults };
  const value = withDefaults(source, resource);
  faults.push(...validateBinding(value));
  if (faults.some((fault) => fault.severity === 'error')) return { faults };
  return { value: bindingOf(value), faults };
}

/** Only v1alpha1 says what becomes of missing parameters when the binding does not. */
function withDefaults(source: MapBindingSource, { ref }: Resource): MapBindingSource {
  const { paramRef } = source.spec;
  if (paramRef === undefined || parseApiVersion(ref.apiVersion).version !== 'v1alpha1') return source;
  const { parameterNotFoundAction = 'Deny' } = paramRef;
  return { ...source, spec: { ...source.spec, paramRef: { ...paramRef, parameterNotFoundAction } } };
}

function bindingOf({ metadata, spec }: MapBindingSource): LoadedBinding {
  return {
    policyName: spec.policyName!,
    binding: {
      name: metadata.name!,
      match: spec.matchResources === undefined ? null : compileMatch(spec.matchResources),
      paramRef: paramRefOf(spec.paramRef),
      params: null,
      actions: [],
    },
  };
}
