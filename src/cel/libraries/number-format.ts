/**
 * Doubles as golang.org/x/text/message prints them in English, which cel-go's format() hands them to: exact decimal
 * digits, ties to even, thousands in groups.
 */

/** A finite double as exact decimal digits: value = ±(digits as an integer) · 10^-scale. */
interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly scale: number;
}

/**
 * `%.Nf`. Quirk kept: the least number of decimals is N modulo 256, the greatest N as a signed 16-bit number, a
 * negative one meaning no limit.
 *
 * @param group separator of thousands
 */
export function formatFixed(value: number, precision: number, group = ','): string {
  const special = notFinite(value);
  if (special !== undefined) return special;
  const least = precision & 0xff;
  const most = (precision << 16) >> 16;
  const exact = exactDecimal(value);
  const rounded = most < 0 || exact.scale <= most ? exact : round(exact, exact.scale - most);
  const padded = rounded.digits.padStart(rounded.scale + 1, '0');
  const whole = padded.slice(0, padded.length - rounded.scale);
  const fraction = padded
    .slice(padded.length - rounded.scale)
    .replace(/0+$/, '')
    .padEnd(least, '0');
  const sign = rounded.negative ? '-' : '';
  return `${sign}${grouped(whole, group)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** `%.Ne`. Quirk kept: N is the width to pad to, modulo 65536; there are always six decimals. */
export function formatScientific(value: number, precision: number): string {
  return (notFinite(value) ?? scientific(value)).padStart(precision & 0xffff, ' ');
}

function scientific(value: number): string {
  const exact = exactDecimal(value);
  const surplus = exact.digits.length - 7;
  const { digits, scale, negative } = surplus > 0 ? round(exact, surplus) : exact;
  const exponent = value === 0 ? 0 : digits.length - 1 - scale;
  const mantissa = `${digits[0]}.${digits.slice(1, 7).padEnd(6, '0')}`;
  return `${negative ? '-' : ''}${mantissa}×10${superscript(exponent)}`;
}

const SUPERSCRIPT = '⁰¹²³⁴⁵⁶⁷⁸⁹';

function superscript(exponent: number): string {
  const digits = String(Math.abs(exponent)).padStart(2, '0');
  return `${exponent < 0 ? '⁻' : ''}${digits.replace(/\d/g, (digit) => SUPERSCRIPT[Number(digit)]!)}`;
}

function notFinite(value: number): string | undefined {
  if (Number.isFinite(value)) return undefined;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞';
}

function grouped(whole: string, separator: string): string {
  return separator === '' ? whole : whole.replace(/\B(?=(?:\d{3})+$)/g, separator);
}

/** Every double is an integer times a power of two, so its decimal digits end. Zero has no sign here. */
function exactDecimal(value: number): Decimal {
  if (value === 0) return { negative: false, digits: '0', scale: 0 };
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  let mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n;
  let exponent = (biased === 0 ? 1 : biased) - 1075;
  while (exponent < 0 && (mantissa & 1n) === 0n) {
    mantissa >>= 1n;
    exponent++;
  }
  const negative = value < 0;
  if (exponent >= 0) return { negative, digits: String(mantissa << BigInt(exponent)), scale: 0 };
  return { negative, digits: String(mantissa * 5n ** BigInt(-exponent)), scale: -exponent };
}

/** Drops the last `surplus` digits, rounding to nearest, ties to even. */
function round({ negative, digits, scale }: Decimal, surplus: number): Decimal {
  const padded = digits.padStart(surplus + 1, '0');
  const kept = BigInt(padded.slice(0, padded.length - surplus));
  const rest = padded.slice(padded.length - surplus);
  const half = `5${'0'.repeat(surplus - 1)}`;
  const up = rest > half || (rest === half && (kept & 1n) === 1n);
  return { negative, digits: String(up ? kept + 1n : kept), scale: scale - surplus };
}
