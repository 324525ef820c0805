/**
 * IP addresses and prefixes as Go's net/netip reads and prints them. IPv4 and IPv6 never equal each other, leading
 * zeros are refused, zones are read here and refused by the caller.
 */
import { quoteGo } from './text.ts';

export interface Address {
  readonly version: 4 | 6;
  readonly bits: bigint;
  /** Text after `%`, empty without one. */
  readonly zone: string;
}

export interface Prefix {
  readonly address: Address;
  readonly length: number;
}

/** Refused; `message` is what Go says. */
export class AddressError extends Error {}

/** @throws AddressError */
export function parseAddress(text: string): Address {
  for (const char of text) {
    if (char === '.') return { version: 4, bits: parseIpv4(text, text), zone: '' };
    if (char === ':') return parseIpv6(text);
    if (char === '%') fail(text, 'missing IPv6 address');
  }
  return fail(text, 'unable to parse IP');
}

function fail(text: string, message: string, at = ''): never {
  const where = at === '' ? '' : ` (at ${quoteGo(at)})`;
  throw new AddressError(`ParseAddr(${quoteGo(text)}): ${message}${where}`);
}

/** @param whole what messages quote; `text` may be the end of an IPv6 address */
function parseIpv4(text: string, whole: string): bigint {
  const fields: number[] = [];
  let digits = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char >= '0' && char <= '9') {
      if (digits === '0') fail(whole, 'IPv4 field has octet with leading zero');
      digits += char;
      if (Number(digits) > 255) fail(whole, 'IPv4 field has value >255');
    } else if (char === '.') {
      if (digits === '' || i === text.length - 1) {
        fail(whole, 'IPv4 field must have at least one digit', text.slice(i));
      }
      if (fields.length === 3) fail(whole, 'IPv4 address too long');
      fields.push(Number(digits));
      digits = '';
    } else {
      fail(whole, 'unexpected character', text.slice(i));
    }
  }
  if (fields.length < 3) fail(whole, 'IPv4 address too short');
  fields.push(Number(digits));
  return fields.reduce((bits, field) => (bits << 8n) | BigInt(field), 0n);
}

function parseIpv6(whole: string): Address {
  const percent = whole.indexOf('%');
  const zone = percent < 0 ? '' : whole.slice(percent + 1);
  if (percent >= 0 && zone === '') fail(whole, 'zone must be a non-empty string');
  const text = percent < 0 ? whole : whole.slice(0, percent);
  const { groups, gap } = readGroups(text, whole);
  if (groups.length < 8) {
    if (gap < 0) fail(whole, 'address string too short');
    groups.splice(gap, 0, ...new Array<number>(8 - groups.length).fill(0));
  } else if (gap >= 0) {
    fail(whole, 'the :: must expand to at least one field of zeros');
  }
  return { version: 6, bits: groups.reduce((bits, group) => (bits << 16n) | BigInt(group), 0n), zone };
}

/** The 16-bit groups as written, and the index at which `::` stood. */
function readGroups(text: string, whole: string): { groups: number[]; gap: number } {
  const groups: number[] = [];
  let gap = -1;
  let rest = text;
  if (rest.startsWith('::')) {
    gap = 0;
    rest = rest.slice(2);
    if (rest === '') return { groups, gap };
  }
  while (groups.length < 8) {
    const digits = /^[0-9A-Fa-f]*/.exec(rest)![0];
    if (digits.length > 4) fail(whole, 'each group must have 4 or less digits', rest);
    if (digits === '') fail(whole, 'each colon-separated field must have at least one digit', rest);
    if (rest[digits.length] === '.') {
      groups.push(...embeddedIpv4(rest, whole, groups.length, gap));
      return { groups, gap };
    }
    groups.push(Number.parseInt(digits, 16));
    rest = rest.slice(digits.length);
    if (rest === '') return { groups, gap };
    if (rest[0] !== ':') fail(whole, 'unexpected character, want colon', rest);
    if (rest.length === 1) fail(whole, 'colon must be followed by more characters', rest);
    rest = rest.slice(1);
    if (rest[0] === ':') {
      if (gap >= 0) fail(whole, 'multiple :: in address', rest);
      gap = groups.length;
      rest = rest.slice(1);
      if (rest === '') return { groups, gap };
    }
  }
  return fail(whole, 'trailing garbage after address', rest);
}

function embeddedIpv4(rest: string, whole: string, groups: number, gap: number): [number, number] {
  if (gap < 0 && groups !== 6) {
    fail(whole, 'embedded IPv4 address must replace the final 2 fields of the address', rest);
  }
  if (groups + 2 > 8) {
    fail(whole, 'too many hex fields to fit an embedded IPv4 at the end of the address', rest);
  }
  const bits = Number(parseIpv4(rest, whole));
  return [Math.floor(bits / 0x10000), bits % 0x10000];
}

/** An IPv4 address in IPv6 form: `::ffff:1.2.3.4`. */
export function isIpv4Mapped(address: Address): boolean {
  return address.version === 6 && address.bits >> 32n === 0xffffn;
}

/** The canonical text: lower case, the longest run of two or more zero groups as `::`. */
export function formatAddress(address: Address): string {
  if (address.version === 4) return octets(address.bits);
  const zone = address.zone === '' ? '' : `%${address.zone}`;
  if (isIpv4Mapped(address)) return `::ffff:${octets(address.bits & 0xffffffffn)}${zone}`;
  const groups = Array.from({ length: 8 }, (_, i) => (address.bits >> BigInt(112 - 16 * i)) & 0xffffn);
  const { start, length } = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':') + zone;
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}${zone}`;
}

function octets(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.');
}

function longestZeroRun(groups: readonly bigint[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (end < groups.length && groups[end] === 0n) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}

/** @throws AddressError */
export function parsePrefix(text: string): Prefix {
  const refuse = (message: string): never => {
    throw new AddressError(`netip.ParsePrefix(${quoteGo(text)}): ${message}`);
  };
  const slash = text.lastIndexOf('/');
  if (slash < 0) refuse("no '/'");
  const address = prefixAddress(text.slice(0, slash), refuse);
  if (address.version === 6 && address.zone !== '') refuse('IPv6 zones cannot be present in a prefix');
  const digits = text.slice(slash + 1);
  const bad = (): never => refuse(`bad bits after slash: ${quoteGo(digits)}`);
  // Go's strconv.Atoi would take a sign and leading zeros.
  if (digits.length > 1 && !(digits[0]! >= '1' && digits[0]! <= '9')) bad();
  if (!/^[0-9]+$/.test(digits)) bad();
  const length = digits.length > 19 ? bad() : BigInt(digits);
  if (length > 0x7fff_ffff_ffff_ffffn) bad();
  if (length > (address.version === 4 ? 32n : 128n)) refuse('prefix length out of range');
  return { address, length: Number(length) };
}

function prefixAddress(text: string, refuse: (message: string) => never): Address {
  try {
    return parseAddress(text);
  } catch (error) {
    if (error instanceof AddressError) return refuse(error.message);
    throw error;
  }
}

export function formatPrefix({ address, length }: Prefix): string {
  return `${formatAddress(address)}/${length}`;
}

/** The address with all bits after the prefix cleared. */
export function maskPrefix({ address, length }: Prefix): Prefix {
  const shift = BigInt((address.version === 4 ? 32 : 128) - length);
  return { address: { ...address, bits: (address.bits >> shift) << shift }, length };
}

/** Whether the first `length` bits of two addresses of one version are equal. */
export function sharesPrefix(a: Address, b: Address, length: number): boolean {
  if (a.version !== b.version) return false;
  const shift = BigInt((a.version === 4 ? 32 : 128) - length);
  return a.bits >> shift === b.bits >> shift;
}
