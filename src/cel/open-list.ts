import type { CelError } from './errors.ts';
import { DYN, listOf, type Type } from './types.ts';
import type { Opaque, Value } from './values.ts';

/**
 * A list of which only some elements are known. `exists` and `all` are decided by those where they decide (one that
 * fits, one that does not); everything else that is asked of it is the error of whoever would have to know the rest,
 * as cel-go answers what hangs on an unknown. Whoever puts one before an expression sees to it that nothing else is asked
 * of it (src/policy/related/check.ts).
 */
export class OpenList implements Opaque {
  readonly $known: readonly Value[];
  readonly $error: CelError;

  constructor(known: readonly Value[], error: CelError) {
    this.$known = known;
    this.$error = error;
  }

  get $type(): Type {
    return listOf(DYN);
  }

  $equals(): boolean {
    throw this.$error;
  }
}
