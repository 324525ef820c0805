/** What the policies need of CEL: a compiler of expressions. Injected, so tests can count and replace it. */
import type { CompileResult, Type } from '../cel/index.ts';

export type { CompileResult, Outcome, Program } from '../cel/index.ts';

/** Which names an expression sees beside `object`, `oldObject`, `request` and `namespaceObject`. */
export interface Names {
  readonly params: boolean;
  readonly authorizer: boolean;
  /** `pod` and `containers`. */
  readonly pods: boolean;
  /** `Object{}`, `JSONPatch{}` and `jsonpatch.escapeKey`. */
  readonly patches: boolean;
  /** Types of `variables.*`; null where `variables` does not exist. */
  readonly variables: ReadonlyMap<string, Type> | null;
  /** Types of `related.*`; null or absent where `related` does not exist. */
  readonly related?: ReadonlyMap<string, Type> | null;
  /** What `item` is, to an expression that sees nothing else; absent: it sees the object. */
  readonly item?: Type;
  /** Fields to the pod template that `object.spec` and `object.metadata` stand for; null: for the object's own. */
  readonly template: readonly string[] | null;
  /** What Kyverno's exceptions allow. */
  readonly exceptions: boolean;
}

/** Compiles expressions; `expected` names the exact type the result must have (`dyn` is none), null any. */
export type CompileExpression = (
  text: string,
  names: Names,
  expected: readonly Type[] | null,
) => CompileResult;
