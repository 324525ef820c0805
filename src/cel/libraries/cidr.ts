/** Kubernetes' network ranges (k8s.io/apiserver pkg/cel/library/cidr.go, pkg/cel/cidr.go). */
import { sizeOf, traversal } from '../cost.ts';
import { CelError } from '../errors.ts';
import type { Library, Overload } from '../library.ts';
import { typeConstant } from '../stdlib/type-value.ts';
import { BOOL, INT, opaque, STRING, type Type } from '../types.ts';
import type { Opaque, Value } from '../values.ts';
import { scan } from './costs.ts';
import { declare, global, member } from './declare.ts';
import { IP_TYPE, Ip, parseIp } from './ip.ts';
import { remember } from './memo.ts';
import {
  AddressError,
  formatPrefix,
  isIpv4Mapped,
  maskPrefix,
  type Prefix,
  parsePrefix,
  sharesPrefix,
} from './netip.ts';
import { quoteGo } from './text.ts';

const TYPE = opaque('net.CIDR');

/** Comparing it with anything else is an error, as upstream. */
class Cidr implements Opaque {
  readonly $prefix: Prefix;
  constructor(prefix: Prefix) {
    this.$prefix = prefix;
  }
  get $type(): Type {
    return TYPE;
  }
  /** Bytes the prefix spans: what costs are counted by. */
  get $size(): number {
    return Math.ceil(this.$prefix.length / 8);
  }
  $equals(other: Value): boolean {
    if (!(other instanceof Cidr)) throw new CelError('no-such-overload', 'no such overload');
    const [a, b] = [this.$prefix, other.$prefix];
    return (
      a.length === b.length && a.address.version === b.address.version && a.address.bits === b.address.bits
    );
  }
  toString(): string {
    return formatPrefix(this.$prefix);
  }
}

const PROBLEM = 'network address parse error during conversion from string:';

const parseCidr: (text: string) => Cidr = remember((text) => {
  const prefix = prefixOf(text);
  if (isIpv4Mapped(prefix.address)) {
    throw new CelError(
      'invalid-argument',
      `${PROBLEM} IPv4-mapped IPv6 address ${quoteGo(text)} is not allowed`,
    );
  }
  return new Cidr(prefix);
});

function prefixOf(text: string): Prefix {
  try {
    return parsePrefix(text);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    // Twice, as upstream says it.
    throw new CelError('invalid-argument', `${PROBLEM} ${PROBLEM} ${error.message}`);
  }
}

function isCidr(text: string): boolean {
  try {
    parseCidr(text);
    return true;
  } catch (error) {
    if (error instanceof CelError) return false;
    throw error;
  }
}

function containsIp({ $prefix }: Cidr, other: Ip): boolean {
  return sharesPrefix($prefix.address, other.$address, $prefix.length);
}

function containsCidr({ $prefix: outer }: Cidr, { $prefix: inner }: Cidr): boolean {
  return outer.length <= inner.length && sharesPrefix(outer.address, inner.address, outer.length);
}

/** Upstream says `no such overload` about a text that is no address; containsCIDR says what is wrong with it. */
function containsIpText(range: Cidr, text: string): boolean {
  try {
    return containsIp(range, parseIp(text));
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    throw new CelError('no-such-overload', 'no such overload');
  }
}

const compareBytes: NonNullable<Overload['cost']> = (args) => traversal(sizeOf(args[0]) * 2);
const maskAndCompare: NonNullable<Overload['cost']> = (args) =>
  traversal(sizeOf(args[0]) * 2) + traversal(sizeOf(args[0])) + 1;
const andScan =
  (cost: NonNullable<Overload['cost']>): NonNullable<Overload['cost']> =>
  (args, result) =>
    cost(args, result) + traversal(sizeOf(args[1]));

export const cidr: Library = Object.freeze({
  name: 'kubernetes.cidr',
  since: 30,
  functions: declare({
    cidr: [global('string_to_cidr', [STRING], TYPE, parseCidr, scan)],
    containsIP: [
      member('cidr_contains_ip_string', [TYPE, STRING], BOOL, containsIpText, andScan(compareBytes)),
      member('cidr_contains_ip_ip', [TYPE, IP_TYPE], BOOL, containsIp, compareBytes),
    ],
    containsCIDR: [
      member(
        'cidr_contains_cidr_string',
        [TYPE, STRING],
        BOOL,
        (range: Cidr, text: string) => containsCidr(range, parseCidr(text)),
        andScan(maskAndCompare),
      ),
      member('cidr_contains_cidr', [TYPE, TYPE], BOOL, containsCidr, maskAndCompare),
    ],
    ip: [member('cidr_ip', [TYPE], IP_TYPE, (range: Cidr) => new Ip(range.$prefix.address))],
    prefixLength: [member('cidr_prefix_length', [TYPE], INT, (range: Cidr) => range.$prefix.length)],
    masked: [member('cidr_masked', [TYPE], TYPE, (range: Cidr) => new Cidr(maskPrefix(range.$prefix)))],
    isCIDR: [global('is_cidr', [STRING], BOOL, remember(isCidr), scan)],
    string: [global('cidr_to_string', [TYPE], STRING, (range: Cidr) => range.toString())],
  }),
  constants: { 'net.CIDR': typeConstant(TYPE) },
});
