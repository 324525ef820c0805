import { CelError } from '../../cel/errors.ts';
import type { Value } from '../../cel/values.ts';

/** What became of something that is computed at most once; undefined before. */
export type Slot = { readonly value: Value } | { readonly error: CelError } | undefined;

/** An error of CEL as a value; a defect goes up. */
export function refuse(compute: () => Value): NonNullable<Slot> {
  try {
    return { value: compute() };
  } catch (thrown) {
    if (thrown instanceof CelError) return { error: thrown };
    throw thrown;
  }
}
