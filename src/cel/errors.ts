/** Runtime errors of CEL, as values. */

/** Closed list; docs/reference/cel-errors.md is generated from it. */
export const CEL_ERROR_CODES = {
  'no-such-key': 'A map or object has no such key or field.',
  'no-such-overload': 'No function or operator takes operands of these types.',
  'no-such-attribute': 'A variable has no value.',
  'index-out-of-bounds': 'A list index is negative or past the end.',
  'division-by-zero': 'Division of an integer by zero.',
  'modulus-by-zero': 'Remainder of an integer by zero.',
  overflow: 'An int, uint, timestamp or duration left its range.',
  'invalid-argument': 'A function refuses the value it was given.',
  'duplicate-key': 'A map literal gives one key twice.',
  'optional-none': 'The value of an empty optional was asked for.',
  'needs-user': 'The answer hangs on who made the request, and nobody did.',
  'needs-namespace': 'The answer hangs on a namespace object that is not at hand.',
  'needs-related': 'The answer hangs on other objects, which may exist where nobody looked.',
  'needs-answer': 'The answer needs a cluster or the network, and neither is there.',
  'cost-exceeded': 'The evaluation used up its budget.',
  'variable-cost-exceeded': 'A variable used up its budget; unlike cost-exceeded, the reader may absorb it.',
  'deadline-exceeded': 'The evaluation used up its time.',
  internal: 'A defect of Rampart: please report it.',
} as const;

export type CelErrorCode = keyof typeof CEL_ERROR_CODES;

/**
 * A runtime error. Not an `Error`: it is thrown often (absorbed by `&&`, `||`, `all`, `exists`) and a stack would cost
 * more than the evaluation. `message` is worded as cel-go words it, since denials quote it.
 */
export class CelError {
  readonly $code: CelErrorCode;
  readonly $message: string;
  /** Id of the node that failed, when known: `SourceInfo.positions` tells where that is. */
  $expr: number | undefined;
  constructor(code: CelErrorCode, message: string, expr?: number) {
    this.$code = code;
    this.$message = message;
    this.$expr = expr;
  }
}
