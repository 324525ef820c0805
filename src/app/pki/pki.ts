/** The certificates of one installation: made when there are none, renewed in time, replaced without anyone being cut off. */
import { X509Certificate } from 'node:crypto';
import {
  createAuthority,
  crossSign,
  DAY_MS,
  issueClientLeaf,
  issueServerLeaf,
  type KeyPair,
  type ServerNames,
} from './certificates.ts';
import {
  type Authority,
  type Leaf,
  type PkiPaths,
  readAuthority,
  readLeaf,
  writeAuthority,
  writeLeaf,
} from './files.ts';
import { needsRenewal } from './lifetime.ts';

const AUTHORITY_DAYS = 3_650;
const LEAF_DAYS = 90;

export interface PkiOptions {
  readonly names: ServerNames;
  readonly now: Date;
}

export interface Pki {
  /** PEM of every CA to trust: the `caBundle` of webhook configurations. */
  readonly bundle: string;
  /** PEM: leaf with chain, and its key. */
  readonly server: KeyPair;
  /** What was written now, for logs. */
  readonly changes: readonly PkiChange[];
}

export type PkiChange = 'authority-created' | 'authority-rotated' | 'authority-retired' | 'leaf-issued';

/**
 * What is in the files, after whatever is due: a CA and leaf where there are none, a new leaf when a third of its life is left
 * or it lacks a name, a new CA when a third of its life is left. Throws when the CA's files do not belong together.
 */
export async function openPki(paths: PkiPaths, { names, now }: PkiOptions): Promise<Pki> {
  const changes: PkiChange[] = [];
  let authority = readAuthority(paths);
  let leaf = readLeaf(paths);
  if (authority === undefined) {
    authority = { own: await createAuthority({ now, days: AUTHORITY_DAYS }), before: [] };
    writeAuthority(paths, authority);
    changes.push('authority-created');
  } else if (needsRenewal(authority.own.cert, now)) {
    ({ authority, leaf } = await succeed(authority, names, now));
    writeLeaf(paths, leaf);
    writeAuthority(paths, authority);
    changes.push('authority-rotated', 'leaf-issued');
  }
  const kept = withoutRetired(authority, now);
  if (kept.before.length < authority.before.length) {
    authority = kept;
    writeAuthority(paths, authority);
    changes.push('authority-retired');
  }
  if (leaf === undefined || !isGood(leaf, authority, names, now)) {
    const chain = (leaf?.chain ?? []).filter((cross) => leadsFrom(cross, authority, now));
    leaf = { own: await issueServerLeaf(authority.own, names, { now, days: LEAF_DAYS }), chain };
    writeLeaf(paths, leaf);
    changes.push('leaf-issued');
  }
  return pkiOf(authority, leaf, changes);
}

/**
 * A new CA and leaf at once. The old CA stays in the bundle for as long as anything that it signed may live; and the leaf brings
 * the new CA's certificate by the old one along, so that nobody has to learn of the new CA before it is used.
 */
export async function rotateAuthority(paths: PkiPaths, { names, now }: PkiOptions): Promise<Pki> {
  const old = readAuthority(paths);
  if (old === undefined) return openPki(paths, { names, now });
  const { authority, leaf } = await succeed(old, names, now);
  writeLeaf(paths, leaf);
  writeAuthority(paths, authority);
  return pkiOf(authority, leaf, ['authority-rotated', 'leaf-issued']);
}

/** For a worker that proves by it who it is; `cert` has the chain. Throws when there is no CA yet. */
export async function issueClientIdentity(
  paths: PkiPaths,
  { id, now }: { readonly id: string; readonly now: Date },
): Promise<KeyPair> {
  const authority = readAuthority(paths);
  if (authority === undefined) throw new Error(`there is no CA in ${paths.caCert}`);
  const { cert, key } = await issueClientLeaf(authority.own, id, { now, days: LEAF_DAYS });
  const chain = (readLeaf(paths)?.chain ?? []).filter((cross) => leadsFrom(cross, authority, now));
  return { cert: cert + chain.join(''), key };
}

async function succeed(
  old: Authority,
  names: ServerNames,
  now: Date,
): Promise<{ authority: Authority; leaf: Leaf }> {
  const own = await createAuthority({ now, days: AUTHORITY_DAYS });
  const left = new X509Certificate(old.own.cert).validToDate.getTime() - now.getTime();
  // Never longer than its issuer, nor than what it is for.
  const days = Math.min(LEAF_DAYS, Math.floor(left / DAY_MS));
  const chain = days > 0 ? [await crossSign(own, old.own, { now, days })] : [];
  const leaf = { own: await issueServerLeaf(own, names, { now, days: LEAF_DAYS }), chain };
  return { authority: { own, before: [old.own.cert, ...old.before] }, leaf };
}

/** Nothing that a CA before this one signed lives longer than a leaf does. */
function withoutRetired({ own, before }: Authority, now: Date): Authority {
  const since = new X509Certificate(own.cert).validFromDate.getTime();
  return now.getTime() - since > LEAF_DAYS * DAY_MS ? { own, before: [] } : { own, before };
}

function isGood({ own }: Leaf, authority: Authority, { dns, ips }: ServerNames, now: Date): boolean {
  const certificate = new X509Certificate(own.cert);
  return (
    !needsRenewal(own.cert, now) &&
    signedBy(certificate, authority.own.cert) &&
    dns.every((name) => certificate.checkHost(name) !== undefined) &&
    ips.every((ip) => certificate.checkIP(ip) !== undefined)
  );
}

function leadsFrom(cross: string, authority: Authority, now: Date): boolean {
  const certificate = new X509Certificate(cross);
  const own = new X509Certificate(authority.own.cert);
  return certificate.subject === own.subject && certificate.validToDate > now;
}

function signedBy(certificate: X509Certificate, authority: string): boolean {
  const { publicKey, subject } = new X509Certificate(authority);
  return certificate.issuer === subject && certificate.verify(publicKey);
}

function pkiOf({ own, before }: Authority, leaf: Leaf, changes: readonly PkiChange[]): Pki {
  return {
    bundle: own.cert + before.join(''),
    server: { cert: leaf.own.cert + leaf.chain.join(''), key: leaf.own.key },
    changes,
  };
}
