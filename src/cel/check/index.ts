/**
 * @module The type checker of CEL and the literal checks that the API server adds to it.
 */
export { type CheckResult, check, type Reference } from './check.ts';
export type { CheckEnvironment } from './environment.ts';
export { formatType } from './types.ts';
export { homogeneousLiterals, literalValidation } from './validators.ts';
