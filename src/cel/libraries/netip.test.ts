import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Address, formatAddress, formatPrefix, maskPrefix, parseAddress, parsePrefix } from './netip.ts';
import { costs, fails, holds } from './testing.ts';

describe('addresses', () => {
  holds([
    'ip("2001:DB8::1") == ip("2001:db8:0:0:0:0:0:1")',
    'ip("::1.2.3.4").family() == 6 && ip("1.2.3.4").family() == 4',
    'string(ip("1:0:0:2:0:0:0:3")) == "1:0:0:2::3"',
    'ip.isCanonical("2001:db8::1") && !ip.isCanonical("2001:db8::0:1")',
    'ip("0.0.0.0").isUnspecified() && ip("::").isUnspecified()',
    'ip("127.9.9.9").isLoopback() && !ip("10.0.0.1").isLoopback()',
    'ip("224.0.0.9").isLinkLocalMulticast() && ip("ff12::1").isLinkLocalMulticast()',
    'ip("169.254.169.254").isLinkLocalUnicast() && !ip("fec0::1").isLinkLocalUnicast()',
    'ip("192.168.0.1").isGlobalUnicast() && !ip("255.255.255.255").isGlobalUnicast()',
    '!isIP("::ffff:1.2.3.4") && !isIP("fe80::1%eth0") && !isIP("01.2.3.4") && !isIP("1.2.3")',
    'type(ip("::1")) == net.IP',
  ]);
  const prefix = (text: string) =>
    `IP Address "${text}" parse error during conversion from string: ParseAddr("${text}"): `;
  fails({
    'ip("256.1.1.1")': `${prefix('256.1.1.1')}IPv4 field has value >255`,
    'ip("1::2::3")': `${prefix('1::2::3')}multiple :: in address (at ":3")`,
    'ip("::ffff:1.2.3.4")': 'IPv4-mapped IPv6 address "::ffff:1.2.3.4" is not allowed',
    'ip("fe80::1%eth0")': 'IP address "fe80::1%eth0" with zone value is not allowed',
    'ip("::1") == dyn("::1")': 'no such overload',
  });
});

describe('ranges', () => {
  holds([
    'cidr("10.0.0.0/8").containsIP("10.255.0.1") && !cidr("10.0.0.0/8").containsIP("11.0.0.1")',
    '!cidr("0.0.0.0/0").containsIP("::1")',
    'cidr("10.0.0.7/8").containsCIDR("10.2.0.0/16") && !cidr("10.0.0.0/16").containsCIDR("10.0.0.0/8")',
    'cidr("10.1.2.3/8").masked() == cidr("10.0.0.0/8") && cidr("10.1.2.3/8") != cidr("10.0.0.0/8")',
    'cidr("10.1.2.3/8").ip() == ip("10.1.2.3") && cidr("::/12").prefixLength() == 12',
    '!isCIDR("10.0.0.0/33") && !isCIDR("10.0.0.0/08") && !isCIDR("10.0.0.0") && isCIDR("::/128")',
  ]);
  const twice =
    'network address parse error during conversion from string: network address parse error during conversion from string: ';
  fails({
    'cidr("x")': `${twice}netip.ParsePrefix("x"): no '/'`,
    'cidr("1.2.3.4/33")': `${twice}netip.ParsePrefix("1.2.3.4/33"): prefix length out of range`,
    'cidr("10.0.0.0/8").containsIP("x")': 'no such overload',
    'cidr("10.0.0.0/8").containsCIDR("x")': `${twice}netip.ParsePrefix("x"): no '/'`,
  });
});

describe('costs', () => {
  costs({
    'ip("2001:db8::1")': 2,
    'ip.isCanonical("2001:db8::1")': 3,
    'ip("::1") == ip("::1")': 3,
    'ip("::1") != ip("::1")': 4,
    'cidr("10.0.0.0/8").containsIP("10.1.1.1")': 3,
    'cidr("10.0.0.0/8").containsCIDR("10.1.1.0/24")': 6,
    'cidr("10.0.0.0/8").ip()': 2,
  });
});

const address: fc.Arbitrary<Address> = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((bits) => ({ version: 4 as const, bits, zone: '' })),
  fc
    .array(fc.constantFrom(0n, 0n, 1n, 0xffffn, 0xdb8n), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.reduce<bigint>((bits, group) => (bits << 16n) | group, 0n))
    .map((bits) => ({ version: 6 as const, bits, zone: '' })),
);

it('an address reads back from its text', () => {
  fc.assert(fc.property(address, (value) => assert.deepEqual(parseAddress(formatAddress(value)), value)));
});

it('masking is idempotent and reads back', () => {
  fc.assert(
    fc.property(address, fc.nat(128), (value, bits) => {
      const masked = maskPrefix({ address: value, length: bits % (value.version === 4 ? 33 : 129) });
      assert.deepEqual(maskPrefix(masked), masked);
      assert.deepEqual(parsePrefix(formatPrefix(masked)), masked);
    }),
  );
});
