/**
 * The syntax tree: the standard `cel.expr.Expr` message of cel-spec, as a discriminated union.
 * Ids are unique within one parse and key the tables of {@link SourceInfo}.
 */

/** A literal. int64 and uint64 are bigints here (exact); the compiler picks their runtime form. */
export type Constant =
  | { readonly type: 'null' }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'uint'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'bytes'; readonly value: Uint8Array };

export interface ConstExpr {
  readonly kind: 'const';
  readonly id: number;
  readonly value: Constant;
}

/** A name. A leading dot (`.name`) stays part of the name, as in cel-go. */
export interface IdentExpr {
  readonly kind: 'ident';
  readonly id: number;
  readonly name: string;
}

/** `operand.field`, or with `testOnly` what the macro `has(operand.field)` expands to. */
export interface SelectExpr {
  readonly kind: 'select';
  readonly id: number;
  readonly operand: Expr;
  readonly field: string;
  readonly testOnly: boolean;
}

/** A call. Operators carry cel-go's names: `_&&_`, `_==_`, `!_`, `_[_]`, `_?._`, `@in`, `_?_:_`, … */
export interface CallExpr {
  readonly kind: 'call';
  readonly id: number;
  readonly target?: Expr;
  readonly function: string;
  readonly args: readonly Expr[];
}

export interface ListExpr {
  readonly kind: 'list';
  readonly id: number;
  readonly elements: readonly Expr[];
  /** Indexes of the elements written `?e`. */
  readonly optionalIndices: readonly number[];
}

/** A map literal `{k: v}`. */
export interface MapExpr {
  readonly kind: 'map';
  readonly id: number;
  readonly entries: readonly MapEntry[];
}

export interface MapEntry {
  readonly id: number;
  readonly key: Expr;
  readonly value: Expr;
  readonly optional: boolean;
}

/** A message literal `pkg.Type{field: value}`. */
export interface StructExpr {
  readonly kind: 'struct';
  readonly id: number;
  readonly typeName: string;
  readonly fields: readonly StructField[];
}

export interface StructField {
  readonly id: number;
  readonly name: string;
  readonly value: Expr;
  readonly optional: boolean;
}

/** What `all`, `exists`, `map`, … expand to: a fold over a list or map. */
export interface ComprehensionExpr {
  readonly kind: 'comprehension';
  readonly id: number;
  readonly iterVar: string;
  /** Second variable of the two-variable macros. */
  readonly iterVar2?: string;
  readonly iterRange: Expr;
  readonly accuVar: string;
  readonly accuInit: Expr;
  readonly loopCondition: Expr;
  readonly loopStep: Expr;
  readonly result: Expr;
}

export type Expr =
  | ConstExpr
  | IdentExpr
  | SelectExpr
  | CallExpr
  | ListExpr
  | MapExpr
  | StructExpr
  | ComprehensionExpr;

/** Where each node came from. Offsets count Unicode code points from 0, as cel-go counts. */
export interface SourceInfo {
  /** The expression as written. */
  readonly text: string;
  /** Shown in messages; `<input>` unless told. */
  readonly description: string;
  readonly positions: ReadonlyMap<number, number>;
  /** Id of an expanded node → the macro call as it was written. */
  readonly macroCalls: ReadonlyMap<number, Expr>;
}

export interface Ast {
  readonly expr: Expr;
  readonly source: SourceInfo;
}
