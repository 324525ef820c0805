/** A policy as text again, between the format it came in and the one it is wanted in. */
import type { Ast } from '../../cel/ast.ts';
import type { AuditAnnotation, Binding, CompiledPolicy, FailurePolicy, ParamKind } from '../form.ts';
import type { MatchResources } from '../match/match.ts';

export interface Plain {
  readonly name: string;
  readonly info: CompiledPolicy['info'];
  readonly match: MatchResources;
  readonly conditions: readonly PlainExpression[];
  readonly failurePolicy: FailurePolicy;
  readonly paramKind: ParamKind | null;
  readonly variables: readonly PlainExpression[];
  readonly validations: readonly PlainValidation[];
  readonly auditAnnotations: readonly AuditAnnotation[];
  readonly bindings: readonly Binding[];
}

export interface PlainExpression {
  readonly name: string;
  readonly text: string;
}

export interface PlainValidation {
  /** Empty when none was given. */
  readonly name: string;
  readonly text: string;
  readonly message: string;
  /** Empty: none. */
  readonly messageText: string;
  readonly reason: string;
  /** Empty: none. */
  readonly at: string;
}

/** What cannot be said in the format that is wanted. */
export class Refused extends Error {}

/** Gives an expression another text; the tree is that of the present one. */
export type Rewrite = (text: string, ast: Ast) => string;

/** The policy as it is, each expression rewritten by where it stands. */
export function plainOf(policy: CompiledPolicy, rewrite: { condition: Rewrite; other: Rewrite }): Plain {
  const code = policy.code();
  const { condition, other } = rewrite;
  return {
    name: policy.id,
    info: policy.info,
    match: policy.match,
    conditions: policy.matchConditions.map(({ name, expression }, i) => ({
      name,
      text: condition(expression.text, code.matchConditions[i]!.ast),
    })),
    failurePolicy: policy.failurePolicy,
    paramKind: policy.paramKind,
    variables: policy.variables.map(({ name, expression }, i) => ({
      name,
      text: other(expression.text, code.variables[i]!.ast),
    })),
    validations: policy.validations.map(
      ({ name, named, expression, message, messageExpression, reason, at }, i) => ({
        name: named ? name : '',
        text: other(expression.text, code.validations[i]!.ast),
        message,
        messageText: messageExpression === null ? '' : other(messageExpression.text, code.messages[i]!.ast),
        reason,
        at: at === null ? '' : other(at.text, code.places[i]!.ast),
      }),
    ),
    auditAnnotations: policy.auditAnnotations.map(({ key, valueExpression }, i) => ({
      key,
      valueExpression: {
        ...valueExpression,
        text: other(valueExpression.text, code.auditAnnotations[i]!.ast),
      },
    })),
    bindings: policy.bindings,
  };
}
