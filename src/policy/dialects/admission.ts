/** What the policies of admissionregistration.k8s.io and their bindings share, in the compiled form. */
import type { Binding, CompiledPolicy, Expression, ParamRef, StatusReason } from '../form.ts';
import { compileSelector } from '../match/labels.ts';
import type { Infer } from '../shape/shape.ts';
import type { ConditionsSource, ParamRefSource, VariablesSource } from './admission-shape.ts';
import type { paramKindShape } from './match-shape.ts';

type ValidationsSource = readonly {
  readonly expression?: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
}[];

/** A binding and the policy it names. */
export interface LoadedBinding {
  readonly policyName: string;
  readonly binding: Binding;
}

export function at(text: string, pointer: string): Expression {
  return { text, pointer };
}

export function conditionsOf(
  conditions: ConditionsSource = [],
  field = 'matchConditions',
): CompiledPolicy['matchConditions'] {
  return conditions.map(({ name, expression }, i) => ({
    name: name!,
    expression: at(expression!, `/spec/${field}/${i}/expression`),
  }));
}

export function variablesOf(variables: VariablesSource = []): CompiledPolicy['variables'] {
  return variables.map(({ name, expression }, i) => ({
    name: name!,
    expression: at(expression!, `/spec/variables/${i}/expression`),
  }));
}

export function validationsOf(validations: ValidationsSource = []): CompiledPolicy['validations'] {
  return validations.map(({ expression, message, messageExpression, reason }, i) => ({
    name: `validations[${i}]`,
    named: false,
    expression: at(expression!, `/spec/validations/${i}/expression`),
    message: message ?? '',
    messageExpression:
      messageExpression === undefined || messageExpression === ''
        ? null
        : at(messageExpression, `/spec/validations/${i}/messageExpression`),
    reason: (reason as StatusReason | undefined) ?? 'Invalid',
    at: null,
  }));
}

export function auditAnnotationsOf(
  annotations: readonly { readonly key?: string; readonly valueExpression?: string }[] = [],
): CompiledPolicy['auditAnnotations'] {
  return annotations.map(({ key, valueExpression }, i) => ({
    key: key!,
    valueExpression: at(valueExpression!, `/spec/auditAnnotations/${i}/valueExpression`),
  }));
}

export function paramKindOf(source: Infer<typeof paramKindShape> | undefined): CompiledPolicy['paramKind'] {
  return source === undefined ? null : { apiVersion: source.apiVersion!, kind: source.kind! };
}

export function paramRefOf(ref: ParamRefSource | undefined): ParamRef | null {
  if (ref === undefined) return null;
  return {
    name: ref.name ?? '',
    namespace: ref.namespace ?? '',
    selector: ref.selector === undefined ? null : compileSelector(ref.selector),
    notFound: ref.parameterNotFoundAction === 'Deny' ? 'Deny' : 'Allow',
  };
}
