/** What ends an evaluation for good. */
import { CelError } from '../errors.ts';

/** Thrown, and caught only at the top of an evaluation: no operator absorbs it. */
export class Exhausted {
  readonly error: CelError;
  constructor(error: CelError) {
    this.error = error;
  }
}

export function costExceeded(): Exhausted {
  return new Exhausted(new CelError('cost-exceeded', 'operation cancelled: actual cost limit exceeded'));
}

export function deadlineExceeded(): Exhausted {
  return new Exhausted(new CelError('deadline-exceeded', 'operation cancelled: deadline exceeded'));
}

/**
 * Longest string and list an operator makes. Where types are known, cost ends doubling long before; on `dyn` operands
 * every concatenation costs 1, and only this stands between a policy and all memory.
 */
export const MAX_STRING = 1 << 24;
export const MAX_LIST = 1 << 22;
