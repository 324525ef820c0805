/** What extensions of certificates say, under the names of Go's crypto/x509 (processExtensions). */
import { type Address, formatAddress, isIpv4Mapped } from '../netip.ts';
import {
  context,
  DerError,
  DerReader,
  type Element,
  elements,
  inside,
  readBits,
  readInteger,
  readOid,
  TAG,
} from './der.ts';

/** As JSON. */
export interface X509Extension {
  readonly Id: readonly number[];
  readonly Critical: boolean;
  /** In Base64. */
  readonly Value: string;
}

export type Facts = Readonly<Record<string, unknown>>;

/** @param sequence of extensions */
export function readExtensions(sequence: Element): readonly X509Extension[] {
  return elements(sequence).map((extension) => {
    const reader = inside(extension);
    const id = readOid(reader.take(TAG.oid));
    const critical = reader.optional(TAG.boolean);
    return {
      Id: id,
      Critical: critical !== undefined && critical.content[0] !== 0,
      Value: reader.take(TAG.octetString).content.toString('base64'),
    };
  });
}

/** What Go reads out of a certificate's extensions; those it does not know say nothing. */
export function factsOf(extensions: readonly X509Extension[]): Facts {
  return Object.assign({}, ...extensions.map(factsOfOne));
}

function factsOfOne(extension: X509Extension): Facts {
  const read = READERS[extension.Id.join('.')];
  const value = new DerReader(Buffer.from(extension.Value, 'base64'));
  return read === undefined ? {} : read(value.next(), extension.Critical);
}

const READERS: Readonly<Record<string, (value: Element, critical: boolean) => Facts>> = {
  '2.5.29.15': (value) => ({ KeyUsage: keyUsage(readBits(value)) }),
  '2.5.29.17': alternativeNames,
  '2.5.29.19': basicConstraints,
  '2.5.29.30': nameConstraints,
  '2.5.29.31': (value) => ({ CRLDistributionPoints: orNull(elements(value).flatMap(distributionPoints)) }),
  '2.5.29.32': (value) => ({
    PolicyIdentifiers: elements(value).map((policy) => readOid(inside(policy).take(TAG.oid))),
  }),
  '2.5.29.35': (value) => ({
    AuthorityKeyId: inside(value).optional(context(0))?.content.toString('base64') ?? null,
  }),
  '2.5.29.37': (value) => ({
    ExtKeyUsage: orNull(
      elements(value)
        .map((usage) => EXTENDED_USAGES.indexOf(readOid(usage).join('.')))
        .filter((usage) => usage >= 0),
    ),
  }),
  '1.3.6.1.5.5.7.1.1': authorityInformation,
};

/** Go's nil slice, where nothing was appended. */
const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list);

/** Bit by bit from the highest of the first byte: nine usages. */
function keyUsage(bits: Buffer): number {
  let usage = 0;
  for (let i = 0; i < 9; i++) if (((bits[i >> 3] ?? 0) >> (7 - (i & 7))) & 1) usage |= 1 << i;
  return usage;
}

/** In the order of Go's numbers. */
const EXTENDED_USAGES = [
  '2.5.29.37.0',
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((usage) => `1.3.6.1.5.5.7.3.${usage}`),
  '1.3.6.1.4.1.311.10.3.3',
  '2.16.840.1.113730.4.1',
  '1.3.6.1.4.1.311.2.1.22',
  '1.3.6.1.4.1.311.61.1.1',
];

function basicConstraints(value: Element): Facts {
  const reader = inside(value);
  const ca = reader.optional(TAG.boolean);
  const length = reader.optional(TAG.integer);
  const limit = length === undefined ? -1 : Number(readInteger(length));
  return {
    IsCA: ca !== undefined && ca.content[0] !== 0,
    MaxPathLen: limit,
    BasicConstraintsValid: true,
    MaxPathLenZero: limit === 0,
  };
}

const text = ({ content }: Element): string => content.toString('latin1');

const withTag = (all: readonly Element[], number: number): readonly Element[] =>
  all.filter(({ tag }) => tag === context(number));

/** Also of requests. The addresses of the web that are names too are given to `urls`. */
export function alternativeNames(value: Element): Facts {
  const names = elements(value);
  return {
    DNSNames: orNull(withTag(names, 2).map(text)),
    EmailAddresses: orNull(withTag(names, 1).map(text)),
    IPAddresses: orNull(withTag(names, 7).map(({ content }) => addressText(content))),
    URIs: orNull(withTag(names, 6).map(text)),
  };
}

/** Go's net.IP: IPv4 in IPv6 form is IPv4. */
function addressText(bytes: Buffer): string {
  if (bytes.length !== 4 && bytes.length !== 16) {
    throw new DerError(`cannot parse IP address of length ${bytes.length}`);
  }
  const address: Address = {
    version: bytes.length === 4 ? 4 : 6,
    bits: BigInt(`0x${bytes.toString('hex')}`),
    zone: '',
  };
  return isIpv4Mapped(address) ? addressText(bytes.subarray(12)) : formatAddress(address);
}

function nameConstraints(value: Element, critical: boolean): Facts {
  const reader = inside(value);
  const bases = (number: number): readonly Element[] => {
    const subtrees = reader.optional(context(number, true));
    return subtrees === undefined ? [] : elements(subtrees).map((subtree) => inside(subtree).next());
  };
  const permitted = bases(0);
  const excluded = bases(1);
  return {
    PermittedDNSDomainsCritical: critical,
    ...constrained('Permitted', permitted),
    ...constrained('Excluded', excluded),
  };
}

function constrained(how: 'Permitted' | 'Excluded', bases: readonly Element[]): Facts {
  return {
    [`${how}DNSDomains`]: orNull(withTag(bases, 2).map(text)),
    [`${how}EmailAddresses`]: orNull(withTag(bases, 1).map(text)),
    [`${how}URIDomains`]: orNull(withTag(bases, 6).map(text)),
    [`${how}IPRanges`]: orNull(
      withTag(bases, 7).map(({ content }) => ({
        IP: addressText(content.subarray(0, content.length / 2)),
        Mask: content.subarray(content.length / 2).toString('base64'),
      })),
    ),
  };
}

function distributionPoints(point: Element): readonly string[] {
  const name = inside(point).optional(context(0, true));
  const full = name === undefined ? undefined : inside(name).optional(context(0, true));
  return full === undefined ? [] : withTag(elements(full), 6).map(text);
}

function authorityInformation(value: Element): Facts {
  const locations = (method: string) =>
    orNull(
      elements(value).flatMap((description) => {
        const reader = inside(description);
        const matches = readOid(reader.take(TAG.oid)).join('.') === method;
        return matches ? withTag([reader.next()], 6).map(text) : [];
      }),
    );
  return {
    OCSPServer: locations('1.3.6.1.5.5.7.48.1'),
    IssuingCertificateURL: locations('1.3.6.1.5.5.7.48.2'),
  };
}
