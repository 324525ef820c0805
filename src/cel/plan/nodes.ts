/**
 * The plan: the form between syntax tree and execution, shaped like cel-go's interpretable (interpreter/planner.go),
 * since costs hang on that shape: a chain of selections is ONE attribute, literals of constants are constants, `in` a
 * constant list is a look-up. Both engines execute it: the interpreter (exact, also for errors) and generated code.
 */

import type { CallCost } from '../cost.ts';
import type { FunctionDeclaration, Overload } from '../library.ts';
import type { MapKey } from '../runtime/maps.ts';
import type { Type } from '../types.ts';
import type { Value } from '../values.ts';

export type Node =
  | ConstNode
  | AttributeNode
  | TestNode
  | LogicNode
  | EqualityNode
  | CallNode
  | OperatorNode
  | OrNode
  | InSetNode
  | ListNode
  | MapNode
  | StructNode
  | FoldNode;

interface Base {
  /** Id of the syntax node it was made from. */
  readonly id: number;
}

export interface ConstNode extends Base {
  readonly kind: 'const';
  readonly value: Value;
}

/** A root and what is selected from it, one after the other. */
export interface AttributeNode extends Base {
  readonly kind: 'attribute';
  readonly attribute: Attribute;
}

export type Attribute = VariableAttribute | RelativeAttribute | ConditionalAttribute;

export interface VariableAttribute {
  readonly root: 'variable';
  readonly name: string;
  /** The fold that binds the name; undefined for a variable of the evaluation. */
  readonly local: FoldNode | undefined;
  readonly qualifiers: Qualifier[];
}

export interface RelativeAttribute {
  readonly root: 'expression';
  readonly operand: Node;
  readonly qualifiers: Qualifier[];
}

/** Qualifiers of a conditional were handed down to both branches. */
export interface ConditionalAttribute {
  readonly root: 'conditional';
  readonly condition: Node;
  readonly truthy: Attribute;
  readonly falsy: Attribute;
}

/** One selection: by a constant, by another attribute, or by the value of any other expression. */
export interface Qualifier extends Base {
  readonly key: { readonly value: Value } | { readonly attribute: Attribute } | { readonly node: Node };
  readonly optional: boolean;
  /** The last selection of `has()`: yields whether it is there. */
  readonly test: boolean;
}

/** `has(a.b)`. */
export interface TestNode extends Base {
  readonly kind: 'test';
  readonly attribute: Attribute;
}

export interface LogicNode extends Base {
  readonly kind: 'and' | 'or';
  readonly left: Node;
  readonly right: Node;
}

export interface EqualityNode extends Base {
  readonly kind: 'equal' | 'not-equal';
  readonly left: Node;
  readonly right: Node;
}

export type Operator =
  | '_+_'
  | '_-_'
  | '_*_'
  | '_/_'
  | '_%_'
  | '-_'
  | '!_'
  | '_<_'
  | '_<=_'
  | '_>_'
  | '_>=_'
  | '@in'
  | '@not_strictly_false';

/** An operator that the engines implement themselves. */
export interface OperatorNode extends Base {
  readonly kind: 'operator';
  readonly operator: Operator;
  readonly args: readonly Node[];
  /** Id of the overload, when the checker found exactly one. */
  readonly overload: string | undefined;
  /** Undefined: the constant 1. */
  readonly cost: CallCost | undefined;
  /** `@result + [x]` in the step of the fold that owns `@result`: the list may be appended to. */
  readonly appends: boolean;
}

/** A call of a function of a library. */
export interface CallNode extends Base {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Node[];
  /** The overload, when the checker found exactly one. */
  readonly overload: Overload | undefined;
  /** All overloads that take this number of arguments, in order of declaration. */
  readonly candidates: readonly Overload[];
  readonly cost: CallCost | undefined;
  /** How cel-go evaluates arguments: the first error ends it, or (up to two arguments) all are evaluated. */
  readonly stopsAtError: boolean;
  /** One implementation for all overloads, chosen by the operand (size, type, dyn, matches). */
  readonly singleton: boolean;
  /** `cel.@mapInsert(@result, …)` in the step of the fold that owns `@result`: the map may be written to. */
  readonly inserts: boolean;
}

/** `optional.or`, `optional.orValue`. */
export interface OrNode extends Base {
  readonly kind: 'optional-or';
  readonly left: Node;
  readonly right: Node;
  readonly unwraps: boolean;
}

/** `x in [constants]`. */
export interface InSetNode extends Base {
  readonly kind: 'in-set';
  readonly operand: Node;
  readonly members: ReadonlySet<MapKey>;
  /** Doubles that members too big for a double round to: cel-go takes those for members as well. */
  readonly rounded?: ReadonlySet<number>;
}

export interface ListNode extends Base {
  readonly kind: 'list';
  readonly elements: readonly Node[];
  readonly optional: readonly boolean[];
}

export interface MapNode extends Base {
  readonly kind: 'map';
  readonly entries: readonly { readonly key: Node; readonly value: Node; readonly optional: boolean }[];
}

export interface StructNode extends Base {
  readonly kind: 'struct';
  readonly typeName: string;
  readonly fields: readonly { readonly name: string; readonly value: Node; readonly optional: boolean }[];
}

export interface FoldNode extends Base {
  readonly kind: 'fold';
  readonly accuVar: string;
  readonly iterVar: string;
  readonly iterVar2: string | undefined;
  // Assigned one after the other while planning, since the parts refer to the fold.
  range: Node;
  init: Node;
  condition: Node;
  step: Node;
  result: Node;
}

export interface Plan {
  readonly root: Node;
  readonly structs: StructTypes | undefined;
  /** Of the libraries it was made with. */
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  readonly outputType: Type;
}

/** Makes values of message types (`Object{…}`, `JSONPatch{…}`). */
export interface StructTypes {
  /** Undefined for a name that is no type. Throws CelError for fields that do not fit. */
  create(typeName: string, fields: ReadonlyMap<string, Value>): Value | undefined;
}
