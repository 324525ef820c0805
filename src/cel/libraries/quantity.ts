/** Kubernetes' quantities (k8s.io/apiserver pkg/cel/library/quantity.go, pkg/cel/quantity.go). */
import { CelError } from '../errors.ts';
import type { Library } from '../library.ts';
import { BOOL, DOUBLE, INT, object, STRING, type Type } from '../types.ts';
import { double, int, type Opaque, type Value } from '../values.ts';
import { scan } from './costs.ts';
import { compareDecimals, DecimalRangeError, signOf } from './decimal.ts';
import { declare, global, member } from './declare.ts';
import { remember } from './memo.ts';
import {
  addQuantities,
  formatQuantity,
  parseQuantity,
  QuantityError,
  type QuantityValue,
  quantityAsDouble,
  quantityAsInt,
  quantityOfInt,
  subtractQuantities,
} from './quantity-value.ts';

const TYPE = object('kubernetes.Quantity');

export class Quantity implements Opaque {
  readonly $amount: QuantityValue;
  /** Whether it is the result of add() or sub(): see $equals. */
  readonly $computed: boolean;
  constructor(amount: QuantityValue, computed = false) {
    this.$amount = amount;
    this.$computed = computed;
  }
  get $type(): Type {
    return TYPE;
  }
  /**
   * Comparing it with anything else is an error, and so is, a defect upstream kept here because verdicts hang on it,
   * comparing it with the result of add() or sub() on the right-hand side: those are of another Go type.
   */
  $equals(other: Value): boolean {
    if (!(other instanceof Quantity) || other.$computed) {
      throw new CelError('no-such-overload', 'no such overload');
    }
    return compareDecimals(this.$amount, other.$amount) === 0;
  }
  toString(): string {
    return formatQuantity(this.$amount);
  }
}

function quantity(text: string): Quantity {
  try {
    return new Quantity(parseQuantity(text));
  } catch (error) {
    if (error instanceof QuantityError) throw new CelError('invalid-argument', error.message);
    return tooLarge(error);
  }
}

function isQuantity(text: string): boolean {
  try {
    parseQuantity(text);
    return true;
  } catch (error) {
    if (error instanceof QuantityError) return false;
    return tooLarge(error);
  }
}

/** `1e999999999`: the API server would exhaust its memory on writing it out. */
function tooLarge(error: unknown): never {
  if (error instanceof DecimalRangeError) throw new CelError('overflow', `quantity: ${error.message}`);
  throw error;
}

function computed(compute: () => QuantityValue): Quantity {
  try {
    return new Quantity(compute(), true);
  } catch (error) {
    return tooLarge(error);
  }
}

function asInteger({ $amount }: Quantity): number | bigint {
  const value = quantityAsInt($amount);
  if (value === undefined) throw new CelError('invalid-argument', 'cannot convert value to integer');
  return int(value);
}

const compare = (a: Quantity, b: Quantity) => compareDecimals(a.$amount, b.$amount);
const fromInt = (value: number | bigint) => quantityOfInt(BigInt(value));

export const quantities: Library = Object.freeze({
  name: 'kubernetes.quantity',
  since: 28,
  functions: declare({
    quantity: [global('string_to_quantity', [STRING], TYPE, remember(quantity), scan)],
    isQuantity: [global('is_quantity_string', [STRING], BOOL, remember(isQuantity), scan)],
    // Declared as a global function upstream.
    sign: [global('quantity_sign', [TYPE], INT, (q: Quantity) => signOf(q.$amount.value))],
    isGreaterThan: [
      member('quantity_is_greater_than', [TYPE, TYPE], BOOL, (a: Quantity, b: Quantity) => compare(a, b) > 0),
    ],
    isLessThan: [
      member('quantity_is_less_than', [TYPE, TYPE], BOOL, (a: Quantity, b: Quantity) => compare(a, b) < 0),
    ],
    compareTo: [member('quantity_compare_to', [TYPE, TYPE], INT, compare)],
    asApproximateFloat: [
      member('quantity_get_float', [TYPE], DOUBLE, (q: Quantity) => double(quantityAsDouble(q.$amount))),
    ],
    asInteger: [member('quantity_get_int', [TYPE], INT, asInteger)],
    isInteger: [
      member('quantity_is_integer', [TYPE], BOOL, (q: Quantity) => quantityAsInt(q.$amount) !== undefined),
    ],
    add: [
      member('quantity_add', [TYPE, TYPE], TYPE, (a: Quantity, b: Quantity) =>
        computed(() => addQuantities(a.$amount, b.$amount)),
      ),
      member('quantity_add_int', [TYPE, INT], TYPE, (a: Quantity, b: number | bigint) =>
        computed(() => addQuantities(a.$amount, fromInt(b))),
      ),
    ],
    sub: [
      member('quantity_sub', [TYPE, TYPE], TYPE, (a: Quantity, b: Quantity) =>
        computed(() => subtractQuantities(a.$amount, b.$amount)),
      ),
      member('quantity_sub_int', [TYPE, INT], TYPE, (a: Quantity, b: number | bigint) =>
        computed(() => subtractQuantities(a.$amount, fromInt(b))),
      ),
    ],
  }),
});
