/** Numbers as text, and text as numbers, as Go's strconv has them. */

/** `%g`: shortest digits that round-trip; an exponent when it is below -4 or above 5. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const { sign, digits, exponent } = decimal(value);
  if (exponent >= -4 && exponent <= 5) return fixedNotation(value);
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${sign}${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${size}`;
}

/** `%f` with as many digits as needed: never an exponent. */
export function fixedNotation(value: number): string {
  const { sign, digits, exponent } = decimal(value);
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction ? `${sign}${whole}.${fraction}` : `${sign}${whole}`;
}

/** The shortest decimal digits of a number: `d.ddd × 10^exponent`. */
function decimal(value: number): { sign: string; digits: string; exponent: number } {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const [mantissa, exponent] = Math.abs(value).toExponential().split('e') as [string, string];
  return { sign, digits: mantissa.replace('.', ''), exponent: Number(exponent) };
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const HEXADECIMAL = /^([+-]?)0[xX]([\da-fA-F]*)\.?([\da-fA-F]*)[pP]([+-]?\d+)$/;
const SPECIAL = /^(?:nan|[+-]?inf(?:inity)?)$/i;

/** strconv.ParseFloat: undefined for what is no number or too large for a double. */
export function parseDouble(text: string): number | undefined {
  if (SPECIAL.test(text)) return /nan/i.test(text) ? Number.NaN : text.startsWith('-') ? -Infinity : Infinity;
  const plain = withoutUnderscores(text);
  if (plain === undefined) return undefined;
  const value = DECIMAL.test(plain) ? Number(plain) : hexadecimal(plain);
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** Underscores may stand between digits, and behind `0x`. */
function withoutUnderscores(text: string): string | undefined {
  if (!text.includes('_')) return text;
  const hex = /^[+-]?0[xX]/.test(text);
  const misplaced = hex ? /(?<![\da-fA-FxX])_|_(?![\da-fA-F])/ : /(?<!\d)_|_(?!\d)/;
  return misplaced.test(text) ? undefined : text.replaceAll('_', '');
}

function hexadecimal(text: string): number | undefined {
  const match = HEXADECIMAL.exec(text);
  if (!match) return undefined;
  const [, sign, whole, fraction, exponent] = match as unknown as [string, string, string, string, string];
  if (whole + fraction === '') return undefined;
  // Sixteen digits are more than a double holds.
  const digits = (whole + fraction).replace(/^0+/, '');
  const kept = digits.slice(0, 30) + (/[1-9a-fA-F]/.test(digits.slice(30)) ? '1' : '');
  const power = Number(exponent) + 4 * (digits.length - kept.length - fraction.length);
  const value = scale(Number(BigInt(`0x${kept || '0'}`)), power);
  return sign === '-' ? -value : value;
}

/** value × 2^power, also where 2^power alone is no double. */
function scale(value: number, power: number): number {
  if (value === 0 || power < -2400) return 0;
  if (power > 2400) return Infinity;
  const half = Math.trunc(power / 2);
  return value * 2 ** half * 2 ** (power - half);
}

/** strconv.ParseInt(text, 10, 64): undefined when it is no int64. */
export function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text) || text.length > 1000) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** strconv.ParseUint(text, 10, 64): undefined when it is no uint64. */
export function parseUint64(text: string): bigint | undefined {
  if (!/^\d+$/.test(text) || text.length > 1000) return undefined;
  const value = BigInt(text);
  return BigInt.asUintN(64, value) === value ? value : undefined;
}
