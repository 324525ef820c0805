/** A ValidatingAdmissionPolicy and its bindings. */
import type { JsonMap } from '../../model/index.ts';
import type { Binding } from '../form.ts';
import type { Plain, PlainValidation } from './plain.ts';
import { matchDocument, selectorDocument } from './rules.ts';

const API_VERSION = 'admissionregistration.k8s.io/v1';

export function vapDocuments(plain: Plain): JsonMap[] {
  const { name, info, paramKind, failurePolicy, auditAnnotations } = plain;
  const policy = {
    apiVersion: API_VERSION,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name, annotations: { 'rampart.dev/severity': info.severity } },
    spec: {
      failurePolicy,
      ...(paramKind === null
        ? {}
        : { paramKind: { apiVersion: paramKind.apiVersion, kind: paramKind.kind } }),
      matchConstraints: matchDocument(plain.match),
      ...listOf(
        'matchConditions',
        plain.conditions.map(({ name: of, text }) => ({ name: of, expression: text })),
      ),
      ...listOf(
        'variables',
        plain.variables.map(({ name: of, text }) => ({ name: of, expression: text })),
      ),
      ...listOf('validations', plain.validations.map(validationDocument)),
      ...listOf(
        'auditAnnotations',
        auditAnnotations.map(({ key, valueExpression }) => ({ key, valueExpression: valueExpression.text })),
      ),
    },
  };
  return [policy, ...plain.bindings.map((binding) => bindingDocument(name, binding))];
}

export function listOf(name: string, items: readonly JsonMap[]): JsonMap {
  return items.length === 0 ? {} : { [name]: items };
}

function validationDocument({ text, message, messageText, reason }: PlainValidation): JsonMap {
  return {
    expression: text,
    ...(message === '' ? {} : { message }),
    ...(messageText === '' ? {} : { messageExpression: messageText }),
    ...(reason === 'Invalid' ? {} : { reason }),
  };
}

function bindingDocument(policyName: string, { name, match, paramRef, actions }: Binding): JsonMap {
  const matchResources = match === null ? undefined : matchDocument(match);
  return {
    apiVersion: API_VERSION,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: name === '' ? policyName : name },
    spec: {
      policyName,
      validationActions: actions,
      ...(paramRef === null
        ? {}
        : {
            paramRef: {
              ...(paramRef.name === '' ? {} : { name: paramRef.name }),
              ...(paramRef.namespace === '' ? {} : { namespace: paramRef.namespace }),
              ...(paramRef.selector === null ? {} : { selector: selectorDocument(paramRef.selector) }),
              parameterNotFoundAction: paramRef.notFound,
            },
          }),
      ...(matchResources === undefined ? {} : { matchResources }),
    },
  };
}
