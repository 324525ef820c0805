/**
 * @module CEL as the Kubernetes API server runs it: parser, type checker, compiler to JavaScript, exact cost.
 */
export type { Ast, Expr, SourceInfo } from './ast.ts';
export { PER_CALL_LIMIT } from './cost.ts';
export {
  type CompileOptions,
  type CompileResult,
  createEnvironment,
  type Environment,
  type EnvironmentOptions,
  type ObjectTypes,
} from './environment.ts';
export { equals } from './equality.ts';
export { CEL_ERROR_CODES, CelError, type CelErrorCode } from './errors.ts';
export { explain, locate, type Origins, type RootOrigin } from './explain.ts';
export { codeOf, type KeptProgram } from './kept.ts';
export { createAuthorizer, createRequestResource } from './libraries/authz.ts';
export { bindings, jsonpatch, kubernetesLibraries, LATEST_MINOR } from './libraries/index.ts';
export type { Library, Macro, Overload } from './library.ts';
export { NONE, Optional, optional, optionalLibrary } from './optional.ts';
export type { Deadline, Outcome } from './outcome.ts';
export type { Engine, Program } from './program.ts';
export { expectTime, type Pace, paced } from './runtime/pace.ts';
export { Fields } from './runtime/select.ts';
export { formatIssue, type Issue, type IssueCode } from './source.ts';
export type { Type } from './types.ts';
export * as types from './types.ts';
export {
  CelMap,
  type Double,
  double,
  int,
  type JsonObject,
  type Opaque,
  Uint,
  type Value,
} from './values.ts';
