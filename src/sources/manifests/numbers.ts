/**
 * Numbers as the API server's JSON decoder keeps them: int64 where the text is an integer that fits, otherwise float64
 * (k8s.io/apimachinery/pkg/util/json). In JavaScript: a number for a safe integer, a bigint for the rest of int64, a
 * boxed Number for float64.
 */

export type JsonNumber = number | bigint | { valueOf(): number };

const MAX_INT64 = 9223372036854775807n;
const MIN_INT64 = -9223372036854775808n;
const MAX_UINT64 = 18446744073709551615n;

/** The number a JSON text spells; undefined when it overflows float64, which Kubernetes refuses. */
export function jsonNumber(text: string): JsonNumber | undefined {
  const value = Number(text);
  if (Number.isSafeInteger(value) && isIntegerText(text)) return value === 0 ? 0 : value;
  if (isIntegerText(text)) {
    const exact = BigInt(text);
    if (exact >= MIN_INT64 && exact <= MAX_INT64) return exact;
  }
  return Number.isFinite(value) ? boxed(value) : undefined;
}

/**
 * What becomes of an integer that YAML spells: written into JSON exactly, then read as {@link jsonNumber}. Undefined
 * beyond uint64, where go-yaml no longer takes it for an integer.
 */
export function yamlInteger(value: bigint): JsonNumber | undefined {
  if (value >= MIN_INT64 && value <= MAX_INT64) {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  return value > 0n && value <= MAX_UINT64 ? boxed(Number(value)) : undefined;
}

/**
 * What becomes of a float that YAML spells: Go's JSON encoder writes 1.0 as `1` and 1e3 as `1000`, so a float without
 * fraction below 1e21 is read back as an integer. Not for NaN and infinities, which JSON cannot hold.
 */
export function yamlFloat(value: number): JsonNumber {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  if (Number.isInteger(value) && Math.abs(value) < 1e21) {
    const exact = BigInt(value.toString());
    if (exact >= MIN_INT64 && exact <= MAX_INT64) return exact;
  }
  return boxed(value);
}

/** A float as a mapping key: Go's shortest float32 in %g (sigs.k8s.io/yaml convertToJSONableObject). */
export function floatKey(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  const single = Math.fround(value);
  if (single === Number.POSITIVE_INFINITY) return '.inf';
  if (single === Number.NEGATIVE_INFINITY) return '-.inf';
  if (single === 0) return Object.is(single, -0) ? '-0' : '0';
  const [digits, exponent] = shortestSingle(Math.abs(single));
  const sign = single < 0 ? '-' : '';
  return sign + (exponent < -4 || exponent >= 6 ? scientific : positional)(digits, exponent);
}

function shortestSingle(value: number): [digits: string, exponent: number] {
  for (let precision = 1; precision <= 9; precision++) {
    const text = value.toExponential(precision - 1);
    if (Math.fround(Number(text)) !== value) continue;
    const [mantissa, exponent] = text.split('e') as [string, string];
    return [mantissa.replace('.', '').replace(/0+$/, '') || '0', Number(exponent)];
  }
  throw new RangeError(`no float32 has the value ${value}`);
}

function scientific(digits: string, exponent: number): string {
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
  const magnitude = String(Math.abs(exponent)).padStart(2, '0');
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${magnitude}`;
}

function positional(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (exponent + 1 >= digits.length) return digits + '0'.repeat(exponent + 1 - digits.length);
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

function isIntegerText(text: string): boolean {
  for (let index = text.charCodeAt(0) === 0x2d ? 1 : 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

function boxed(value: number): { valueOf(): number } {
  return Object(value) as { valueOf(): number };
}
