/** Kubernetes' IP addresses (k8s.io/apiserver pkg/cel/library/ip.go, pkg/cel/ip.go). */
import { CelError } from '../errors.ts';
import type { Library } from '../library.ts';
import { typeConstant } from '../stdlib/type-value.ts';
import { BOOL, INT, opaque, STRING, type Type } from '../types.ts';
import type { Opaque, Value } from '../values.ts';
import { scan, scanAndBuild } from './costs.ts';
import { declare, global, member } from './declare.ts';
import { remember } from './memo.ts';
import { type Address, AddressError, formatAddress, isIpv4Mapped, parseAddress } from './netip.ts';
import { quoteGo } from './text.ts';

export const IP_TYPE = opaque('net.IP');

/** Comparing it with anything else is an error, as upstream. */
export class Ip implements Opaque {
  readonly $address: Address;
  constructor(address: Address) {
    this.$address = address;
  }
  get $type(): Type {
    return IP_TYPE;
  }
  /** In bytes: what costs are counted by. */
  get $size(): number {
    return this.$address.version === 4 ? 4 : 16;
  }
  $equals(other: Value): boolean {
    if (!(other instanceof Ip)) throw new CelError('no-such-overload', 'no such overload');
    return this.$address.version === other.$address.version && this.$address.bits === other.$address.bits;
  }
  toString(): string {
    return formatAddress(this.$address);
  }
}

/** @throws CelError for what is no address, has a zone, or is an IPv4 address in IPv6 form */
export const parseIp: (text: string) => Ip = remember((text) => {
  const fail = (message: string): never => {
    throw new CelError('invalid-argument', message);
  };
  const quoted = quoteGo(text);
  const address = addressOf(text, (message) =>
    fail(`IP Address ${quoted} parse error during conversion from string: ${message}`),
  );
  if (address.zone !== '') fail(`IP address ${quoted} with zone value is not allowed`);
  if (isIpv4Mapped(address)) fail(`IPv4-mapped IPv6 address ${quoted} is not allowed`);
  return new Ip(address);
});

function addressOf(text: string, refuse: (message: string) => never): Address {
  try {
    return parseAddress(text);
  } catch (error) {
    if (error instanceof AddressError) return refuse(error.message);
    throw error;
  }
}

function isIp(text: string): boolean {
  try {
    parseIp(text);
    return true;
  } catch (error) {
    if (error instanceof CelError) return false;
    throw error;
  }
}

/** The leading `count` bits. */
function leading({ version, bits }: Address, count: number): bigint {
  return bits >> BigInt((version === 4 ? 32 : 128) - count);
}

const isUnspecified = (a: Address): boolean => a.bits === 0n;
const isLoopback = (a: Address): boolean => (a.version === 4 ? leading(a, 8) === 127n : a.bits === 1n);
const isMulticast = (a: Address): boolean =>
  a.version === 4 ? leading(a, 4) === 0xen : leading(a, 8) === 0xffn;
const isLinkLocalUnicast = (a: Address): boolean =>
  a.version === 4 ? leading(a, 16) === 0xa9fen : leading(a, 10) === 0xfe80n >> 6n;
const isLinkLocalMulticast = (a: Address): boolean =>
  a.version === 4 ? leading(a, 24) === 0xe00000n : (leading(a, 16) & 0xff0fn) === 0xff02n;
const isBroadcast = (a: Address): boolean => a.version === 4 && a.bits === 0xffffffffn;
const isGlobalUnicast = (a: Address): boolean =>
  ![isUnspecified, isBroadcast, isLoopback, isMulticast, isLinkLocalUnicast].some((is) => is(a));

const about = (predicate: (address: Address) => boolean) => (value: Ip) => predicate(value.$address);

export const ip: Library = Object.freeze({
  name: 'kubernetes.ip',
  since: 30,
  functions: declare({
    ip: [global('string_to_ip', [STRING], IP_TYPE, parseIp, scan)],
    family: [member('ip_family', [IP_TYPE], INT, (value: Ip) => value.$address.version)],
    'ip.isCanonical': [
      global(
        'ip_is_canonical',
        [STRING],
        BOOL,
        (text: string) => parseIp(text).toString() === text,
        scanAndBuild,
      ),
    ],
    isUnspecified: [member('ip_is_unspecified', [IP_TYPE], BOOL, about(isUnspecified))],
    isLoopback: [member('ip_is_loopback', [IP_TYPE], BOOL, about(isLoopback))],
    isLinkLocalMulticast: [
      member('ip_is_link_local_multicast', [IP_TYPE], BOOL, about(isLinkLocalMulticast)),
    ],
    isLinkLocalUnicast: [member('ip_is_link_local_unicast', [IP_TYPE], BOOL, about(isLinkLocalUnicast))],
    isGlobalUnicast: [member('ip_is_global_unicast', [IP_TYPE], BOOL, about(isGlobalUnicast))],
    isIP: [global('is_ip', [STRING], BOOL, remember(isIp), scan)],
    string: [global('ip_to_string', [IP_TYPE], STRING, (value: Ip) => value.toString())],
  }),
  constants: { 'net.IP': typeConstant(IP_TYPE) },
});
