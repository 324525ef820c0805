/** What the API server refuses in a ValidatingAdmissionPolicy, expressions apart (kubernetes pkg/apis/admissionregistration/validation). */
import { trim } from '../../../cel/libraries/strings.ts';
import { parseApiVersion } from '../../request.ts';
import { type DocumentFault, error } from '../fault.ts';
import type { ParamKindSource } from '../match-shape.ts';
import { dns1035Fault, dnsSubdomainFault, identifierFault, qualifiedNameFault } from '../names.ts';
import type { VapSource, VapSpec } from './shape.ts';
import { type MatchSource, named, notOneOf, validateMatch } from './validate-match.ts';
import { validateMetadata } from './validate-metadata.ts';

/** `Unauthorized` is documented in the API but refused by its validation; the API server decides. */
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const MAX_MATCH_CONDITIONS = 64;
const MAX_AUDIT_ANNOTATIONS = 20;
const MAX_AUDIT_EXPRESSION_BYTES = 5 * 1024;

export function validatePolicy(policy: VapSource): DocumentFault[] {
  const { spec } = policy;
  const name = policy.metadata.name ?? '';
  return [
    ...validateMetadata(policy.metadata),
    ...validateFailurePolicy(spec),
    ...validateParamKind(spec.paramKind, '/spec/paramKind'),
    ...validateConstraints(spec),
    ...validateMatchConditions(spec.matchConditions ?? [], '/spec/matchConditions'),
    ...validateVariables(spec.variables ?? [], '/spec/variables'),
    ...validateValidations(spec),
    ...validateAuditAnnotations(spec.auditAnnotations ?? [], name, '/spec/auditAnnotations'),
  ];
}

export function validateFailurePolicy({
  failurePolicy,
}: {
  readonly failurePolicy?: string;
}): DocumentFault[] {
  if (failurePolicy === undefined || failurePolicy === 'Fail' || failurePolicy === 'Ignore') return [];
  return [notOneOf('/spec/failurePolicy', failurePolicy, ['Fail', 'Ignore'])];
}

export function validateParamKind(paramKind: ParamKindSource | undefined, pointer: string): DocumentFault[] {
  if (paramKind === undefined) return [];
  const { apiVersion = '', kind = '' } = paramKind;
  const faults: DocumentFault[] = [];
  const { group, version } = parseApiVersion(apiVersion);
  if (apiVersion === '') faults.push(error(`${pointer}/apiVersion`, 'An apiVersion is required.'));
  else if (version === '' || version.includes('/')) {
    faults.push(error(`${pointer}/apiVersion`, `Expected "group/version", got "${apiVersion}".`));
  } else {
    if (group !== '') {
      faults.push(...named(`${pointer}/apiVersion`, `group "${group}"`, dnsSubdomainFault(group)));
    }
    faults.push(...named(`${pointer}/apiVersion`, `version "${version}"`, dns1035Fault(version)));
  }
  if (kind === '') faults.push(error(`${pointer}/kind`, 'A kind is required.'));
  else faults.push(...named(`${pointer}/kind`, `kind "${kind}"`, dns1035Fault(kind.toLowerCase())));
  return faults;
}

export function validateConstraints({
  matchConstraints,
}: {
  readonly matchConstraints?: MatchSource;
}): DocumentFault[] {
  if (matchConstraints === undefined) {
    return [error('/spec/matchConstraints', '"matchConstraints" is required.')];
  }
  const faults = validateMatch(matchConstraints, '/spec/matchConstraints');
  if ((matchConstraints.resourceRules?.length ?? 0) === 0) {
    faults.push(error('/spec/matchConstraints/resourceRules', 'At least one resource rule is required.'));
  }
  return faults;
}

/** @param names `any`: those of a ClusterPolicy, which may be sentences. */
export function validateMatchConditions(
  conditions: readonly { readonly name?: string; readonly expression?: string }[],
  pointer: string,
  names: 'qualified' | 'any' = 'qualified',
): DocumentFault[] {
  const faults: DocumentFault[] = [];
  if (conditions.length > MAX_MATCH_CONDITIONS) {
    faults.push(error(pointer, `At most ${MAX_MATCH_CONDITIONS} conditions, got ${conditions.length}.`));
  }
  const known = new Set<string>();
  conditions.forEach(({ name = '', expression = '' }, i) => {
    if (trim(expression) === '')
      faults.push(error(`${pointer}/${i}/expression`, 'An expression is required.'));
    if (name === '') faults.push(error(`${pointer}/${i}/name`, 'A name is required.'));
    else if (names === 'qualified')
      faults.push(...named(`${pointer}/${i}/name`, `name "${name}"`, qualifiedNameFault(name)));
    if (known.has(name) && name !== '') {
      faults.push(error(`${pointer}/${i}/name`, `A second condition named "${name}".`));
    }
    known.add(name);
  });
  return faults;
}

/** Unlike the API server, which lets the last one win in silence, two variables of one name are refused. */
export function validateVariables(
  variables: readonly { readonly name?: string; readonly expression?: string }[],
  pointer: string,
): DocumentFault[] {
  const faults: DocumentFault[] = [];
  const names = new Set<string>();
  variables.forEach(({ name = '', expression = '' }, i) => {
    if (trim(name) === '') faults.push(error(`${pointer}/${i}/name`, 'A name is required.'));
    else faults.push(...named(`${pointer}/${i}/name`, `name "${name}"`, identifierFault(name)));
    if (names.has(name) && name !== '') {
      faults.push(error(`${pointer}/${i}/name`, `A second variable named "${name}".`));
    }
    names.add(name);
    if (trim(expression) === '')
      faults.push(error(`${pointer}/${i}/expression`, 'An expression is required.'));
  });
  return faults;
}

function validateValidations(spec: VapSpec): DocumentFault[] {
  const validations = spec.validations ?? [];
  if (validations.length === 0 && (spec.auditAnnotations?.length ?? 0) === 0) {
    return [error('/spec/validations', 'At least one validation or audit annotation is required.')];
  }
  return validations.flatMap((validation, i) => {
    const pointer = `/spec/validations/${i}`;
    const { reason } = validation;
    return [
      ...validateMessages(validation, pointer),
      ...(reason === undefined || REASONS.includes(reason)
        ? []
        : [notOneOf(`${pointer}/reason`, reason, REASONS)]),
    ];
  });
}

export function validateMessages(
  validation: {
    readonly expression?: string;
    readonly message?: string;
    readonly messageExpression?: string;
  },
  pointer: string,
): DocumentFault[] {
  const { expression = '', message = '', messageExpression = '' } = validation;
  const faults: DocumentFault[] = [];
  if (trim(expression) === '') faults.push(error(`${pointer}/expression`, 'An expression is required.'));
  if (messageExpression !== '' && trim(messageExpression) === '') {
    faults.push(error(`${pointer}/messageExpression`, 'Must not be blank.'));
  }
  if (message !== '' && trim(message) === '') faults.push(error(`${pointer}/message`, 'Must not be blank.'));
  else if (/[\n\r]/.test(trim(message))) {
    faults.push(error(`${pointer}/message`, 'Must not contain line breaks.'));
  }
  return faults;
}

export function validateAuditAnnotations(
  annotations: NonNullable<VapSpec['auditAnnotations']>,
  policy: string,
  where: string,
): DocumentFault[] {
  const faults: DocumentFault[] = [];
  if (annotations.length > MAX_AUDIT_ANNOTATIONS) {
    const detail = `At most ${MAX_AUDIT_ANNOTATIONS} audit annotations, got ${annotations.length}.`;
    faults.push(error(where, detail));
  }
  const keys = new Set<string>();
  annotations.forEach(({ key = '', valueExpression = '' }, i) => {
    const pointer = `${where}/${i}`;
    faults.push(...named(`${pointer}/key`, `key "${policy}/${key}"`, qualifiedNameFault(`${policy}/${key}`)));
    if (keys.has(key)) faults.push(error(`${pointer}/key`, `A second audit annotation "${key}".`));
    keys.add(key);
    const trimmed = trim(valueExpression);
    if (trimmed === '') faults.push(error(`${pointer}/valueExpression`, 'An expression is required.'));
    else if (Buffer.byteLength(trimmed) > MAX_AUDIT_EXPRESSION_BYTES) {
      const detail = `At most ${MAX_AUDIT_EXPRESSION_BYTES} bytes, got ${Buffer.byteLength(trimmed)}.`;
      faults.push(error(`${pointer}/valueExpression`, detail));
    }
  });
  return faults;
}
