/**
 * The one compiled form: every dialect is loaded into it, and one evaluator runs it (evaluate/). What differs between
 * dialects is data here (budgets, subject, bindings), not code there.
 */

import type { Issue } from '../cel/source.ts';
import type { JsonMap, PolicyInfo, ResourceOrigin } from '../model/index.ts';
import type { Filter } from './match/filter.ts';
import type { Selector } from './match/labels.ts';
import type { MatchResources } from './match/match.ts';
import type { Program } from './program.ts';

/** Format a policy was written in; decides libraries and budgets at load. */
export type Dialect = 'native' | 'vap' | 'map' | 'gatekeeper';

export type FailurePolicy = 'Fail' | 'Ignore';
export type ValidationAction = 'Deny' | 'Warn' | 'Audit';
/** HTTP reasons a denial may carry; codes in evaluate/answer.ts. */
export type StatusReason = 'Invalid' | 'Forbidden' | 'Unauthorized' | 'RequestEntityTooLarge';

export interface CompiledPolicy {
  /** `metadata.name`. */
  readonly id: string;
  readonly dialect: Dialect;
  readonly info: PolicyInfo;
  /** Ready-made selections it belongs to. */
  readonly sets: readonly string[];
  readonly origin: ResourceOrigin;
  /** Where its expressions stand: for a constraint in the template's document. */
  readonly codeOrigin: ResourceOrigin;
  /** What expressions are about: the object, or each pod template in it (`pod`, `containers`). */
  readonly subject: 'object' | 'pod';
  readonly match: MatchResources;
  /** What rules cannot say; null: nothing more is asked. */
  readonly filter: Filter | null;
  readonly matchConditions: readonly MatchCondition[];
  readonly failurePolicy: FailurePolicy;
  readonly paramKind: ParamKind | null;
  readonly variables: readonly Variable[];
  readonly validations: readonly Validation[];
  readonly auditAnnotations: readonly AuditAnnotation[];
  /** What it changes; such a policy has no validations, and says nothing of what is only looked at. */
  readonly mutations: readonly Mutation[];
  /** Whether its mutations are tried again when others changed the object after it. */
  readonly reinvocation: 'Never' | 'IfNeeded';
  /** Never empty: what binds a policy that came without a binding is said in `PolicySet.warnings`. */
  readonly bindings: readonly Binding[];
  readonly budget: Budget;
  /**
   * True: messages are evaluated for failed validations only. False: as the API server does, for all of them, since
   * a message that runs out of budget turns even validations that hold into errors.
   */
  readonly lazyMessages: boolean;
  /** The expressions, compiled: on the first call, once. */
  readonly code: () => PolicyCode;
}

/** An expression and where it stands in the policy's document. */
export interface Expression {
  readonly text: string;
  /** JSON Pointer inside the policy object. */
  readonly pointer: string;
}

export interface MatchCondition {
  readonly name: string;
  readonly expression: Expression;
}

export interface Variable {
  readonly name: string;
  readonly expression: Expression;
}

export interface Validation {
  /** As results name it: the given name, else `validations[i]` by its index in the source. */
  readonly name: string;
  /** Whether the name was given. */
  readonly named: boolean;
  readonly expression: Expression;
  readonly message: string;
  readonly messageExpression: Expression | null;
  readonly reason: StatusReason;
  readonly at: Expression | null;
}

export interface AuditAnnotation {
  readonly key: string;
  readonly valueExpression: Expression;
}

export interface Mutation {
  readonly patchType: 'ApplyConfiguration' | 'JSONPatch';
  readonly expression: Expression;
}

export interface ParamKind {
  readonly apiVersion: string;
  readonly kind: string;
}

export interface Binding {
  /** Empty for the implicit binding of a policy that has none. */
  readonly name: string;
  /** Null: wherever the policy matches. */
  readonly match: MatchResources | null;
  readonly paramRef: ParamRef | null;
  /** Parameters that came with the binding itself; null: `paramRef` says. */
  readonly params: JsonMap | null;
  readonly actions: readonly ValidationAction[];
}

export interface ParamRef {
  /** Empty when a selector chooses. */
  readonly name: string;
  /** Empty: the namespace of the request. */
  readonly namespace: string;
  readonly selector: Selector | null;
  readonly notFound: 'Allow' | 'Deny';
}

/** Cost limits, in CEL's cost units. */
export interface Budget {
  /** Of one expression or variable. */
  readonly expression: number;
  /** Of the validations and variables of one binding and param; messages use what is left; annotations get it anew. */
  readonly evaluation: number;
  /** Of all match conditions of one binding and param. */
  readonly matchConditions: number;
}

/** Source: k8s.io/apiserver pkg/apis/cel/config.go. */
export const KUBERNETES_BUDGET: Budget = {
  expression: 1_000_000,
  evaluation: 10_000_000,
  matchConditions: 2_500_000,
};

/** Programs, parallel to the lists of the policy. Usable only when `issues` is empty. */
export interface PolicyCode {
  readonly matchConditions: readonly Program[];
  readonly variables: readonly Program[];
  readonly validations: readonly Program[];
  readonly messages: readonly (Program | null)[];
  readonly places: readonly (Program | null)[];
  readonly auditAnnotations: readonly Program[];
  readonly mutations: readonly Program[];
  readonly issues: readonly CodeIssue[];
}

/** What is wrong with one expression. */
export interface CodeIssue {
  readonly expression: Expression;
  readonly issue: Issue;
}
