/**
 * The one compiled form: every dialect is loaded into it, and one evaluator runs it (evaluate/). What differs between
 * dialects is data here (budgets, subject, bindings), not code there.
 */

import type { Issue } from '../cel/source.ts';
import type { JsonMap, PolicyInfo, ResourceOrigin } from '../model/index.ts';
import type { BlockFilter, Override } from './match/blocks.ts';
import type { Filter } from './match/filter.ts';
import type { Selector } from './match/labels.ts';
import type { MatchResources } from './match/match.ts';
import type { Program } from './program.ts';
import type { Reads } from './related/reads.ts';

/** Format a policy was written in; decides libraries and budgets at load. */
export type Dialect =
  | 'native'
  | 'vap'
  | 'map'
  | 'gatekeeper'
  | 'kyverno'
  | 'kyverno-namespaced'
  | 'clusterpolicy';

/** Whether Kyverno evaluates it itself, with its own functions. */
export function isKyverno(dialect: Dialect): dialect is 'kyverno' | 'kyverno-namespaced' {
  return dialect === 'kyverno' || dialect === 'kyverno-namespaced';
}

export type FailurePolicy = 'Fail' | 'Ignore';
export type ValidationAction = 'Deny' | 'Warn' | 'Audit';
/** HTTP reasons a denial may carry; codes in evaluate/answer.ts. */
export type StatusReason = 'Invalid' | 'Forbidden' | 'Unauthorized' | 'RequestEntityTooLarge';

/** The `variant` of a policy that changes objects which exist, rather than those of requests. */
export const TARGET = 'target';

export interface CompiledPolicy {
  /** `metadata.name`. Readings of one policy (`variant`) share it: they concern different kinds. */
  readonly id: string;
  /** Which reading it is, in the dialect's own word (`autogen-cronjobs`); empty: the policy as it is written. */
  readonly variant: string;
  readonly dialect: Dialect;
  readonly info: PolicyInfo;
  /** Ready-made selections it belongs to. */
  readonly sets: readonly string[];
  readonly origin: ResourceOrigin;
  /** Where its expressions stand: for a constraint in the template's document. */
  readonly codeOrigin: ResourceOrigin;
  /**
   * What expressions are about: the object, each pod template in it (`pod`, `containers`), or a JSON document that is no
   * Kubernetes object.
   */
  readonly subject: 'object' | 'pod' | 'payload';
  /**
   * Where the Pod is that expressions were written for: fields from the object to its template; `found`: each template
   * found in the object's spec, as a Pod; null: they mean the object itself.
   */
  readonly template: readonly string[] | 'found' | null;
  readonly match: MatchResources;
  /** What rules cannot say; null: nothing more is asked. */
  readonly filter: Filter | BlockFilter | null;
  readonly matchConditions: readonly MatchCondition[];
  /** Whether they see the request as validations do: the API server's see no namespace, and the resource as it was asked for. */
  readonly conditionsSeeAll: boolean;
  readonly failurePolicy: FailurePolicy;
  readonly paramKind: ParamKind | null;
  /** Other objects that expressions see; absent: none. Only native policies have them. */
  readonly related?: readonly Lookup[];
  readonly variables: readonly Variable[];
  readonly validations: readonly Validation[];
  readonly auditAnnotations: readonly AuditAnnotation[];
  /** Asked before the match conditions. */
  readonly exceptions: readonly Exception[];
  /** What it changes; such a policy has no validations, and says nothing of what is only looked at. */
  readonly mutations: readonly Mutation[];
  /** Of a reading for objects that exist ({@link TARGET}): who says which; null: `match` does. */
  readonly targets: TargetChoice | null;
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
  /**
   * Whether what follows the first validation that fails, in whatever way, is left; of mutations also what was done
   * before it.
   */
  readonly firstFailureOnly: boolean;
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

/** Objects of the environment that a policy looks up for the object it is about; expressions see `related.<name>`. */
export interface Lookup {
  readonly name: string;
  /** Of which kinds, whatever their version; `pods`: every pod template, as a {@link RelatedPod}. */
  readonly of: readonly GroupKind[] | 'pods';
  /** Where: the namespace an expression names, the object's own (null), or everywhere. */
  readonly namespace: Expression | null | 'everywhere';
  readonly by: LookupKey;
}

export interface GroupKind {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
}

/** Which of them. What is asked of the object is `ask`; what is asked of each candidate, as `item`, is `item`. */
export type LookupKey =
  | { readonly kind: 'all' }
  /** `metadata.name` is the string, or one of the strings. */
  | { readonly kind: 'name'; readonly ask: Expression }
  /** A label selector selects their labels. */
  | { readonly kind: 'labels'; readonly ask: Expression }
  /** Their label selector selects some labels. */
  | { readonly kind: 'selector'; readonly ask: Expression; readonly item: Expression }
  /** They have a string in common with the object. */
  | { readonly kind: 'key'; readonly ask: Expression; readonly item: Expression };

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
  /** Checks of peers that ask this validation alone; those that ask all are in `info`, which holds these too. */
  readonly equivalents?: readonly string[];
}

export interface AuditAnnotation {
  readonly key: string;
  readonly valueExpression: Expression;
}

/** A PolicyException of Kyverno's. Without images and values it exempts, else expressions see those. */
export interface Exception {
  /** `namespace/name`. */
  readonly name: string;
  /** All must hold; they see the object as it is. */
  readonly matchConditions: readonly MatchCondition[];
  readonly images: readonly string[];
  readonly allowedValues: readonly string[];
  /** Milliseconds since 1970: later it counts no more. Absent: it always counts. */
  readonly expires?: number;
  /** What an exemption is reported as. */
  readonly result: 'skip' | 'pass';
  /** The result of the exception with the highest one counts. */
  readonly priority: number;
  /** Where its expressions stand. */
  readonly origin: ResourceOrigin;
}

/** What some kinds make of a part of theirs, as Gatekeeper's ExpansionTemplates say. */
export interface Expansion {
  readonly name: string;
  readonly applyTo: readonly {
    readonly groups: readonly string[];
    readonly versions: readonly string[];
    readonly kinds: readonly string[];
  }[];
  /** Fields from the object to the template of what it makes. */
  readonly source: readonly string[];
  readonly generated: { readonly group: string; readonly version: string; readonly kind: string };
  /** Of violations of what is made; null: the constraint's. */
  readonly action: ValidationAction | null;
}

export interface Mutation {
  readonly patchType: 'ApplyConfiguration' | 'JSONPatch';
  readonly expression: Expression;
  /** Whether a merge may replace lists, maps and structs that are only ever replaced as a whole. */
  readonly atomics: 'refused' | 'replaced';
}

/** Objects that exist, chosen by an expression about the request that leads to their change. */
export interface TargetChoice {
  /** Gives one object, or a map with the list `items` of them. */
  readonly expression: Expression;
  /** Which requests lead to it. */
  readonly match: MatchResources;
  readonly matchConditions: readonly MatchCondition[];
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
  /** Other actions in some namespaces: the first that fits counts. */
  readonly overrides?: readonly ActionOverride[];
}

export interface ActionOverride extends Override {
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
  /** Parallel to `related`, which may be absent. */
  readonly related?: readonly LookupCode[];
  /** What of the object they read, where a policy looks up others. */
  readonly reads?: Reads;
  readonly variables: readonly Program[];
  readonly validations: readonly Program[];
  readonly messages: readonly (Program | null)[];
  readonly places: readonly (Program | null)[];
  readonly auditAnnotations: readonly Program[];
  /** Match conditions of the exceptions. */
  readonly exceptions: readonly (readonly Program[])[];
  readonly mutations: readonly Program[];
  readonly targets: TargetCode | null;
  readonly issues: readonly CodeIssue[];
}

/** Programs of a lookup; null where it has no such expression. */
export interface LookupCode {
  readonly namespace: Program | null;
  readonly ask: Program | null;
  readonly item: Program | null;
}

export interface TargetCode {
  readonly expression: Program;
  readonly matchConditions: readonly Program[];
}

/** What is wrong with one expression. */
export interface CodeIssue {
  readonly expression: Expression;
  /** Where the expression stands, when not in the policy's document. */
  readonly origin?: ResourceOrigin;
  readonly issue: Issue;
}
