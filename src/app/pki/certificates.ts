/**
 * Makes certificates: ECDSA on P-256, by WebCrypto. The library that writes them takes a while to load, so it is loaded when a
 * certificate is made, which is seldom.
 */
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';

export const DAY_MS = 86_400_000;
/** Clocks of a cluster may differ by less. */
const BACKDATED_MS = 300_000;
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** A certificate in PEM, and the key that belongs to it, PKCS#8 in PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** What a server is called. */
export interface ServerNames {
  /** Such as `rampart.rampart.svc`. */
  readonly dns: readonly string[];
  readonly ips: readonly string[];
}

export interface Validity {
  readonly now: Date;
  readonly days: number;
}

/** A new CA. Its name is its own, so that chains of an old and a new one are never mixed up. */
export async function createAuthority(validity: Validity): Promise<KeyPair> {
  const keys = await generateKeys();
  const serial = newSerial();
  const name = authorityName(serial);
  const cert = await sign({
    serial,
    subject: name,
    issuer: name,
    keys,
    signer: keys,
    validity,
    usage: 'authority',
  });
  return { cert, key: await exportKey(keys.privateKey) };
}

/** The name and key of `next`, signed by `old`: who trusts the old CA alone follows it to the new one. */
export async function crossSign(next: KeyPair, old: KeyPair, validity: Validity): Promise<string> {
  const { X509Certificate } = await library();
  const certificate = new X509Certificate(next.cert);
  return sign({
    serial: newSerial(),
    subject: certificate.subjectName.toJSON(),
    issuer: await subjectOf(old.cert),
    keys: { publicKey: await certificate.publicKey.export(CURVE, ['verify']) },
    signer: await importAuthority(old),
    validity,
    usage: 'authority',
  });
}

/** Throws when a name is none. */
export async function issueServerLeaf(
  authority: KeyPair,
  names: ServerNames,
  validity: Validity,
): Promise<KeyPair> {
  checkNames(names);
  return issueLeaf(authority, { common: names.dns[0] ?? names.ips[0]!, names, usage: 'server', validity });
}

/** Who shows it is the worker `id`. Throws when that cannot be a name. */
export async function issueClientLeaf(authority: KeyPair, id: string, validity: Validity): Promise<KeyPair> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(id))
    throw new Error(
      `expected a worker id of 1 to 64 letters, digits, ".", "_" and "-", got ${JSON.stringify(id)}`,
    );
  return issueLeaf(authority, { common: id, names: { dns: [], ips: [] }, usage: 'client', validity });
}

interface Leaf {
  readonly common: string;
  readonly names: ServerNames;
  readonly usage: 'server' | 'client';
  readonly validity: Validity;
}

async function issueLeaf(authority: KeyPair, { common, names, usage, validity }: Leaf): Promise<KeyPair> {
  const keys = await generateKeys();
  const cert = await sign({
    serial: newSerial(),
    // RFC 5280 allows a common name 64 characters; clients look at the alternative names alone.
    subject: [{ CN: [common.slice(0, 64)] }],
    issuer: await subjectOf(authority.cert),
    keys,
    signer: await importAuthority(authority),
    validity,
    usage,
    names,
  });
  return { cert, key: await exportKey(keys.privateKey) };
}

function checkNames({ dns, ips }: ServerNames): void {
  if (dns.length + ips.length === 0)
    throw new Error('a server certificate needs a DNS name or an IP address');
  for (const name of dns)
    if (name.length > 253 || !/^(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})*$/i.test(name))
      throw new Error(`expected a DNS name, got ${JSON.stringify(name)}`);
  for (const ip of ips)
    if (isIP(ip) === 0) throw new Error(`expected an IP address, got ${JSON.stringify(ip)}`);
}

type Name = Record<string, string[]>[];

interface Signing {
  readonly serial: string;
  readonly subject: Name;
  readonly issuer: Name;
  readonly keys: { readonly publicKey: webcrypto.CryptoKey };
  readonly signer: { readonly privateKey: webcrypto.CryptoKey; readonly publicKey: webcrypto.CryptoKey };
  readonly validity: Validity;
  readonly usage: 'authority' | 'server' | 'client';
  readonly names?: ServerNames;
}

async function sign(of: Signing): Promise<string> {
  const x509 = await library();
  const { now, days } = of.validity;
  const start = now.getTime() - BACKDATED_MS;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: of.serial,
    subject: of.subject,
    issuer: of.issuer,
    notBefore: new Date(start),
    notAfter: new Date(start + days * DAY_MS),
    publicKey: of.keys.publicKey,
    signingKey: of.signer.privateKey,
    signingAlgorithm: SIGNING,
    extensions: [
      ...usageExtensions(x509, of.usage),
      await x509.SubjectKeyIdentifierExtension.create(of.keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(of.signer.publicKey),
      ...nameExtensions(x509, of.names),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

type Library = typeof import('@peculiar/x509');

/** RFC 5280 sections 4.2.1.3, 4.2.1.9 and 4.2.1.12. */
function usageExtensions(x509: Library, usage: Signing['usage']) {
  const { KeyUsageFlags, ExtendedKeyUsage } = x509;
  if (usage === 'authority')
    return [
      // One more below it: the cross certificate of its successor.
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ];
  const purpose = usage === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth;
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([purpose]),
  ];
}

function nameExtensions(x509: Library, { dns, ips }: ServerNames = { dns: [], ips: [] }) {
  const names = [
    ...dns.map((value) => ({ type: 'dns' as const, value })),
    ...ips.map((value) => ({ type: 'ip' as const, value })),
  ];
  return names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)];
}

async function library(): Promise<Library> {
  return (await import('./x509.ts')).x509;
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

/** 127 random bits, positive, without a leading zero byte (RFC 5280 section 4.1.2.2). */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function authorityName(serial: string): Name {
  return [{ O: ['Rampart'] }, { CN: [`Rampart CA ${serial.slice(0, 8)}`] }];
}

async function subjectOf(cert: string): Promise<Name> {
  const { X509Certificate } = await library();
  return new X509Certificate(cert).subjectName.toJSON();
}

async function importAuthority({ cert, key }: KeyPair) {
  const { X509Certificate } = await library();
  const pkcs8 = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' });
  return {
    privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, CURVE, false, ['sign']),
    publicKey: await new X509Certificate(cert).publicKey.export(CURVE, ['verify']),
  };
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;
}
