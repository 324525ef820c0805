/** What the API server refuses in a ValidatingAdmissionPolicyBinding. */
import type { ParamRefSource } from '../admission-shape.ts';
import { type DocumentFault, error } from '../fault.ts';
import { dnsSubdomainFault, pathSegmentFault } from '../names.ts';
import type { VapBindingSource } from './shape.ts';
import { named, notOneOf, validateMatch, validateSelector } from './validate-match.ts';
import { validateMetadata } from './validate-metadata.ts';

const ACTIONS = ['Deny', 'Warn', 'Audit'];

export function validateBinding(binding: VapBindingSource): DocumentFault[] {
  const { spec } = binding;
  return [
    ...validateMetadata(binding.metadata),
    ...validatePolicyName(spec.policyName ?? ''),
    ...validateParamRef(spec.paramRef, '/spec/paramRef'),
    ...(spec.matchResources === undefined ? [] : validateMatch(spec.matchResources, '/spec/matchResources')),
    ...validateActions(spec.validationActions ?? [], '/spec/validationActions'),
  ];
}

export function validatePolicyName(name: string): DocumentFault[] {
  if (name === '') return [error('/spec/policyName', 'A policy name is required.')];
  return named('/spec/policyName', `policy name "${name}"`, dnsSubdomainFault(name));
}

export function validateParamRef(ref: ParamRefSource | undefined, pointer: string): DocumentFault[] {
  if (ref === undefined) return [];
  const { name = '', selector, parameterNotFoundAction } = ref;
  const faults = validateSelector(selector, `${pointer}/selector`);
  if (name !== '') faults.push(...named(`${pointer}/name`, `name "${name}"`, pathSegmentFault(name)));
  if (name !== '' && selector !== undefined) {
    faults.push(error(pointer, 'Either name or selector, not both.'));
  }
  if (name === '' && selector === undefined) {
    faults.push(error(pointer, 'Either name or selector is required.'));
  }
  if (parameterNotFoundAction === undefined || parameterNotFoundAction === '') {
    faults.push(
      error(`${pointer}/parameterNotFoundAction`, '"parameterNotFoundAction" is required: Allow or Deny.'),
    );
  } else if (parameterNotFoundAction !== 'Allow' && parameterNotFoundAction !== 'Deny') {
    faults.push(notOneOf(`${pointer}/parameterNotFoundAction`, parameterNotFoundAction, ['Allow', 'Deny']));
  }
  return faults;
}

/** Of a binding, or of a policy that binds itself. */
export function validateActions(actions: readonly string[], pointer: string): DocumentFault[] {
  if (actions.length === 0) return [error(pointer, 'At least one action is required: Deny, Warn or Audit.')];
  const faults: DocumentFault[] = [];
  actions.forEach((action, i) => {
    if (!ACTIONS.includes(action)) faults.push(notOneOf(`${pointer}/${i}`, action, ACTIONS));
    if (actions.indexOf(action) < i) faults.push(error(`${pointer}/${i}`, `"${action}" is listed twice.`));
  });
  if (actions.includes('Deny') && actions.includes('Warn')) {
    faults.push(
      error(pointer, 'Deny and Warn exclude each other: the answer would say the same thing twice.'),
    );
  }
  return faults;
}
