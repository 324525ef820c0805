/**
 * What the API server refuses in a MutatingAdmissionPolicy and its binding, expressions apart (kubernetes
 * pkg/apis/admissionregistration/validation).
 */
import { trim } from '../../../cel/libraries/strings.ts';
import { type DocumentFault, error } from '../fault.ts';
import { validateParamRef, validatePolicyName } from '../vap/validate-binding.ts';
import { type MatchSource, notOneOf, validateMatch } from '../vap/validate-match.ts';
import { validateMetadata } from '../vap/validate-metadata.ts';
import {
  validateConstraints,
  validateFailurePolicy,
  validateMatchConditions,
  validateParamKind,
  validateVariables,
} from '../vap/validate-policy.ts';
import type { MapBindingSource, MapSource, MapSpec } from './shape.ts';

/** There is nothing to change in a DELETE or CONNECT. */
const OPERATIONS = ['*', 'CREATE', 'UPDATE'];
const REINVOCATIONS = ['IfNeeded', 'Never'];
const PATCH_TYPES = ['ApplyConfiguration', 'JSONPatch'];

type MutationSource = NonNullable<MapSpec['mutations']>[number];

export function validatePolicy({ metadata, spec }: MapSource): DocumentFault[] {
  return [
    ...validateMetadata(metadata),
    ...validateFailurePolicy(spec),
    ...validateParamKind(spec.paramKind, '/spec/paramKind'),
    ...validateConstraints(spec),
    ...validateOperations(spec.matchConstraints, '/spec/matchConstraints'),
    ...validateMatchConditions(spec.matchConditions ?? [], '/spec/matchConditions'),
    ...validateVariables(spec.variables ?? [], '/spec/variables'),
    ...validateMutations(spec.mutations ?? []),
    ...validateReinvocation(spec.reinvocationPolicy ?? ''),
  ];
}

export function validateBinding({ metadata, spec }: MapBindingSource): DocumentFault[] {
  return [
    ...validateMetadata(metadata),
    ...validatePolicyName(spec.policyName ?? ''),
    ...validateParamRef(spec.paramRef, '/spec/paramRef'),
    ...(spec.matchResources === undefined ? [] : validateMatch(spec.matchResources, '/spec/matchResources')),
    ...validateOperations(spec.matchResources, '/spec/matchResources'),
  ];
}

function validateOperations(match: MatchSource | undefined, pointer: string): DocumentFault[] {
  return (match?.resourceRules ?? []).flatMap((rule, i) =>
    (rule.operations ?? []).flatMap((operation, j) =>
      // What is no operation at all is refused with the other rules.
      operation === 'DELETE' || operation === 'CONNECT'
        ? [notOneOf(`${pointer}/resourceRules/${i}/operations/${j}`, operation, OPERATIONS)]
        : [],
    ),
  );
}

export function validateMutations(mutations: readonly MutationSource[]): DocumentFault[] {
  if (mutations.length === 0) return [error('/spec/mutations', 'At least one mutation is required.')];
  return mutations.flatMap((mutation, i) => validateMutation(mutation, `/spec/mutations/${i}`));
}

function validateMutation(mutation: MutationSource, pointer: string): DocumentFault[] {
  const { patchType = '' } = mutation;
  if (patchType === '')
    return [error(`${pointer}/patchType`, '"patchType" is required: ApplyConfiguration or JSONPatch.')];
  if (!PATCH_TYPES.includes(patchType)) return [notOneOf(`${pointer}/patchType`, patchType, PATCH_TYPES)];
  const [wanted, other] =
    patchType === 'JSONPatch'
      ? (['jsonPatch', 'applyConfiguration'] as const)
      : (['applyConfiguration', 'jsonPatch'] as const);
  const faults: DocumentFault[] = [];
  const given = mutation[wanted];
  if (given === undefined) {
    faults.push(error(`${pointer}/${wanted}`, `"${wanted}" is required when patchType is ${patchType}.`));
  } else if (trim(given.expression ?? '') === '') {
    faults.push(error(`${pointer}/${wanted}/expression`, 'An expression is required.'));
  }
  if (mutation[other] !== undefined) {
    faults.push(error(`${pointer}/${other}`, `Must not be given when patchType is ${patchType}.`));
  }
  return faults;
}

export function validateReinvocation(policy: string): DocumentFault[] {
  const pointer = '/spec/reinvocationPolicy';
  if (policy === '') return [error(pointer, '"reinvocationPolicy" is required: Never or IfNeeded.')];
  return REINVOCATIONS.includes(policy) ? [] : [notOneOf(pointer, policy, REINVOCATIONS)];
}
