/** Certificates, and requests for them, as the JSON that upstream makes of Go's crypto/x509 structs. */
import { alternativeNames, type Facts, factsOf, readExtensions } from './certificate-extensions.ts';
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
  readText,
  readTime,
  TAG,
} from './der.ts';
import { goUrl } from './go-url.ts';

/** The key is of another kind than RSA, which is all that upstream takes. */
export class OtherKey extends Error {}

const RSA = '1.2.840.113549.1.1.1';
/** Go's number of RSA among kinds of keys. */
const GO_RSA = 1;

const base64 = (bytes: Buffer): string => bytes.toString('base64');

/** What stays so when no extension says otherwise. */
const DEFAULTS: Facts = {
  KeyUsage: 0,
  ExtKeyUsage: null,
  BasicConstraintsValid: false,
  IsCA: false,
  MaxPathLen: 0,
  MaxPathLenZero: false,
  AuthorityKeyId: null,
  OCSPServer: null,
  IssuingCertificateURL: null,
  DNSNames: null,
  EmailAddresses: null,
  IPAddresses: null,
  PermittedDNSDomainsCritical: false,
  PermittedDNSDomains: null,
  ExcludedDNSDomains: null,
  PermittedIPRanges: null,
  ExcludedIPRanges: null,
  PermittedEmailAddresses: null,
  ExcludedEmailAddresses: null,
  PermittedURIDomains: null,
  ExcludedURIDomains: null,
  CRLDistributionPoints: null,
  PolicyIdentifiers: null,
};

/** @throws DerError, OtherKey */
export function readCertificate(der: Buffer): Facts {
  const { body, signature, whole } = readSigned(der);
  const reader = inside(body);
  reader.optional(context(0, true));
  const serial = readInteger(reader.take(TAG.integer));
  reader.take(TAG.sequence);
  const issuer = reader.take(TAG.sequence);
  const [notBefore, notAfter] = elements(reader.take(TAG.sequence));
  const subject = reader.take(TAG.sequence);
  const key = reader.take(TAG.sequence);
  if (notBefore === undefined || notAfter === undefined) throw new DerError('the validity is incomplete');
  reader.optional(context(1));
  reader.optional(context(2));
  const wrapped = reader.optional(context(3, true));
  const extensions = wrapped === undefined ? [] : readExtensions(inside(wrapped).take(TAG.sequence));
  // Upstream has no place for these.
  const { URIs: _urls, ...facts } = factsOf(extensions);
  return {
    Raw: base64(whole),
    RawTBSCertificate: base64(body.whole),
    RawSubjectPublicKeyInfo: base64(key.whole),
    RawSubject: base64(subject.whole),
    RawIssuer: base64(issuer.whole),
    Signature: base64(signature),
    PublicKeyAlgorithm: GO_RSA,
    PublicKey: readKey(key),
    // Upstream keeps the lowest bits of it.
    SerialNumber: BigInt.asIntN(64, serial),
    Issuer: readName(issuer),
    NotBefore: readTime(notBefore),
    NotAfter: readTime(notAfter),
    Extensions: extensions.length === 0 ? null : extensions,
    ExtraExtensions: null,
    ...DEFAULTS,
    ...facts,
  };
}

/** @throws DerError, OtherKey */
export function readRequest(der: Buffer): Facts {
  const { body, algorithm, signature, whole } = readSigned(der);
  const reader = inside(body);
  const version = readInteger(reader.take(TAG.integer));
  const subject = reader.take(TAG.sequence);
  const key = reader.take(TAG.sequence);
  const given = reader.optional(context(0, true));
  const attributes = given === undefined ? [] : elements(given);
  const extensions = attributes.flatMap(requestedExtensions);
  const names = extensions.find(({ Id }) => Id.join('.') === '2.5.29.17');
  const { URIs, ...alternative } =
    names === undefined
      ? { URIs: null }
      : alternativeNames(new DerReader(Buffer.from(names.Value, 'base64')).next());
  const parsed = attributes.map(readAttribute).filter((attribute) => attribute !== undefined);
  return {
    Raw: base64(whole),
    RawTBSCertificateRequest: base64(body.whole),
    RawSubjectPublicKeyInfo: base64(key.whole),
    RawSubject: base64(subject.whole),
    Version: version,
    Signature: base64(signature),
    SignatureAlgorithm: signatureAlgorithm(algorithm),
    PublicKeyAlgorithm: GO_RSA,
    PublicKey: readKey(key),
    Subject: readName(subject),
    Attributes: parsed.length === 0 ? null : parsed,
    Extensions: extensions.length === 0 ? null : extensions,
    ExtraExtensions: null,
    DNSNames: null,
    EmailAddresses: null,
    IPAddresses: null,
    ...alternative,
    URIs: Array.isArray(URIs) ? URIs.map(goUrl) : null,
  };
}

interface Signed {
  readonly whole: Buffer;
  readonly body: Element;
  readonly algorithm: Element;
  readonly signature: Buffer;
}

function readSigned(der: Buffer): Signed {
  const outer = new DerReader(der);
  const signed = outer.take(TAG.sequence);
  if (!outer.done) throw new DerError('trailing data');
  const reader = inside(signed);
  const body = reader.take(TAG.sequence);
  const algorithm = reader.take(TAG.sequence);
  return { whole: signed.whole, body, algorithm, signature: readBits(reader.take(TAG.bitString)) };
}

/** An RSA key: its modulus as decimal digits. */
function readKey(info: Element): Facts {
  const reader = inside(info);
  const algorithm = inside(reader.take(TAG.sequence));
  if (readOid(algorithm.take(TAG.oid)).join('.') !== RSA) throw new OtherKey();
  const key = inside(new DerReader(readBits(reader.take(TAG.bitString))).take(TAG.sequence));
  const modulus = readInteger(key.take(TAG.integer));
  return { N: String(modulus), E: readInteger(key.take(TAG.integer)) };
}

/** Places of a name that hold one text, and those that hold many. */
const SINGLE: Readonly<Record<string, string>> = { '2.5.4.3': 'CommonName', '2.5.4.5': 'SerialNumber' };
const MANY: Readonly<Record<string, string>> = {
  '2.5.4.6': 'Country',
  '2.5.4.7': 'Locality',
  '2.5.4.8': 'Province',
  '2.5.4.9': 'StreetAddress',
  '2.5.4.10': 'Organization',
  '2.5.4.11': 'OrganizationalUnit',
  '2.5.4.17': 'PostalCode',
};

function readName(name: Element): Facts {
  const names = elements(name)
    .flatMap((relative) => elements(relative))
    .map((attribute) => {
      const reader = inside(attribute);
      return { Type: readOid(reader.take(TAG.oid)), Value: readText(reader.next()) ?? null };
    });
  const facts: Record<string, unknown> = Object.fromEntries([
    ...Object.values(MANY).map((field) => [field, null]),
    ...Object.values(SINGLE).map((field) => [field, '']),
  ]);
  for (const { Type, Value } of names) {
    const id = Type.join('.');
    const [single, many] = [SINGLE[id], MANY[id]];
    if (single !== undefined) facts[single] = Value;
    if (many !== undefined) facts[many] = [...((facts[many] as string[] | null) ?? []), Value];
  }
  return { ...facts, Names: names.length === 0 ? null : names, ExtraNames: null };
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

function requestedExtensions(attribute: Element) {
  const reader = inside(attribute);
  if (readOid(reader.take(TAG.oid)).join('.') !== EXTENSION_REQUEST) return [];
  return readExtensions(inside(reader.take(TAG.set)).take(TAG.sequence));
}

/** Go takes an attribute for a set of lists of pairs, and passes over those that are not. */
function readAttribute(attribute: Element): Facts | undefined {
  try {
    const reader = inside(attribute);
    const type = readOid(reader.take(TAG.oid));
    const sets = elements(reader.take(TAG.set)).map((list) => {
      if (list.tag !== TAG.sequence) throw new DerError('no list');
      return elements(list).map((pair) => {
        const inner = inside(pair);
        return { Type: readOid(inner.take(TAG.oid)), Value: anyValue(inner.next()) };
      });
    });
    return { Type: type, Value: sets };
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

/** As Go's asn1 reads what it is told nothing of. */
function anyValue(element: Element): unknown {
  switch (element.tag) {
    case TAG.boolean:
      return element.content[0] !== 0;
    case TAG.integer:
      return readInteger(element);
    case TAG.octetString:
      return base64(element.content);
    case TAG.oid:
      return readOid(element);
    default:
      return readText(element) ?? null;
  }
}

/** Go's numbers of the signatures that RSA keys make. */
const SIGNATURES: Readonly<Record<string, number>> = {
  '1.2.840.113549.1.1.4': 2,
  '1.2.840.113549.1.1.5': 3,
  '1.3.14.3.2.29': 3,
  '1.2.840.113549.1.1.11': 4,
  '1.2.840.113549.1.1.12': 5,
  '1.2.840.113549.1.1.13': 6,
};

const PSS = '1.2.840.113549.1.1.10';
/** By the hash of the parameters, and its size, which the salt must have too. */
const PSS_SIGNATURES: Readonly<Record<string, readonly [number: number, size: bigint]>> = {
  '2.16.840.1.101.3.4.2.1': [13, 32n],
  '2.16.840.1.101.3.4.2.2': [14, 48n],
  '2.16.840.1.101.3.4.2.3': [15, 64n],
};

function signatureAlgorithm(algorithm: Element): number {
  const reader = inside(algorithm);
  const id = readOid(reader.take(TAG.oid)).join('.');
  if (id !== PSS) return SIGNATURES[id] ?? 0;
  const parameters = reader.optional(TAG.sequence);
  return parameters === undefined ? 0 : pssSignature(inside(parameters));
}

function pssSignature(parameters: DerReader): number {
  const hash = parameters.optional(context(0, true));
  parameters.optional(context(1, true));
  const salt = parameters.optional(context(2, true));
  if (hash === undefined || salt === undefined) return 0;
  const id = readOid(inside(inside(hash).take(TAG.sequence)).take(TAG.oid)).join('.');
  const [number, size] = PSS_SIGNATURES[id] ?? [0];
  return readInteger(inside(salt).take(TAG.integer)) === size ? number : 0;
}
