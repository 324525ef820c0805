/** A HardeningPolicy: what bindings say goes into the policy itself, where it can. */
import type { JsonMap, Resource } from '../../model/index.ts';
import type { Binding, CompiledPolicy } from '../form.ts';
import type { MatchResources } from '../match/match.ts';
import { celText } from './literal.ts';
import { type Plain, type PlainValidation, plainOf, Refused } from './plain.ts';
import { renameFree } from './rename.ts';
import { matchDocument } from './rules.ts';
import { listOf } from './vap.ts';

export function nativeDocument(plain: Plain): JsonMap {
  const { name, info, failurePolicy } = plain;
  if (plain.validations.length === 0)
    throw new Refused('it only writes audit annotations, which a native policy has none of');
  return {
    apiVersion: 'rampart.dev/v1',
    kind: 'HardeningPolicy',
    metadata: { name },
    spec: {
      title: info.title,
      severity: info.severity,
      ...(failurePolicy === 'Fail' ? {} : { failurePolicy }),
      matchConstraints: matchDocument(plain.match),
      ...listOf(
        'matchConditions',
        plain.conditions.map(({ name: of, text }) => ({ name: of, expression: text })),
      ),
      ...listOf(
        'variables',
        plain.variables.map(({ name: of, text }) => ({ name: of, expression: text })),
      ),
      validations: [...plain.validations.map(validationDocument), ...annotationDocuments(plain)],
    },
  };
}

/** Nobody writes the annotations, but under Fail one that cannot be made denies the request. */
function annotationDocuments({ auditAnnotations, failurePolicy }: Plain): JsonMap[] {
  if (failurePolicy === 'Ignore') return [];
  return auditAnnotations.map(({ key, valueExpression }) => ({
    expression: `size([${valueExpression.text}]) == 1`,
    message: `the audit annotation ${key} cannot be made`,
  }));
}

function validationDocument({ name, text, message, messageText, at }: PlainValidation): JsonMap {
  return {
    ...(name === '' ? {} : { name }),
    expression: text,
    ...(message === '' ? {} : { message }),
    ...(messageText === '' ? {} : { messageExpression: messageText }),
    ...(at === '' ? {} : { at }),
  };
}

/** A ValidatingAdmissionPolicy with its bindings and parameters put into one. */
export function withoutBindings(policy: CompiledPolicy, objects: readonly Resource[]): Plain {
  const [binding, ...others] = policy.bindings;
  const same = others.every(
    ({ match, paramRef }) =>
      JSON.stringify([match, paramRef]) === JSON.stringify([binding!.match, binding!.paramRef]),
  );
  if (!same)
    throw new Refused(
      'its bindings differ in what they match or in their parameters, and a native policy has none',
    );
  const match = binding!.match === null ? policy.match : mergedMatch(policy.match, binding!.match);
  if (policy.paramKind === null) {
    const same = (text: string) => text;
    return { ...plainOf(policy, { condition: same, other: same }), match };
  }
  const text = `dyn(${celText(parametersOf(policy, binding!, objects))})`;
  const name = policy.variables.some((variable) => variable.name === 'params') ? 'paramsOfBinding' : 'params';
  const plain = plainOf(policy, {
    condition: (of, ast) => renameFree(of, ast, { params: text }),
    other: (of, ast) => renameFree(of, ast, { params: `variables.${name}` }),
  });
  return { ...plain, match, paramKind: null, variables: [{ name, text }, ...plain.variables] };
}

function parametersOf(
  { paramKind }: CompiledPolicy,
  { paramRef }: Binding,
  objects: readonly Resource[],
): JsonMap {
  if (paramRef === null || paramRef.name === '' || paramRef.namespace === '')
    throw new Refused('which parameters it takes is decided for each request, and a native policy has none');
  const found = objects.find(
    ({ ref }) =>
      ref.apiVersion === paramKind!.apiVersion &&
      ref.kind === paramKind!.kind &&
      ref.name === paramRef.name &&
      ref.namespace === paramRef.namespace,
  );
  if (found === undefined)
    throw new Refused(`its parameters ${paramRef.namespace}/${paramRef.name} are not among the documents`);
  return found.object;
}

function mergedMatch(policy: MatchResources, binding: MatchResources): MatchResources {
  if (binding.resourceRules.length > 0)
    throw new Refused('its binding has resource rules of its own, and a native policy has one set of them');
  if (policy.objectSelector.length > 0 && binding.objectSelector.length > 0)
    throw new Refused('both the policy and its binding select objects by labels');
  if (policy.matchPolicy !== binding.matchPolicy && binding.excludeResourceRules.length > 0)
    throw new Refused('the policy and its binding differ in matchPolicy');
  return {
    ...policy,
    namespaceSelector: [...policy.namespaceSelector, ...binding.namespaceSelector],
    objectSelector: [...policy.objectSelector, ...binding.objectSelector],
    excludeResourceRules: [...policy.excludeResourceRules, ...binding.excludeResourceRules],
  };
}
