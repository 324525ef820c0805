/** The four files, each replaced as a whole. */
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { KeyPair } from './certificates.ts';
import { pemBlocks } from './pem.ts';

export interface PkiPaths {
  /** What is trusted: the CA in use first, then the ones before it while what they signed may still be in use. */
  readonly caCert: string;
  readonly caKey: string;
  /** The server's leaf, then what leads from it to CAs before. */
  readonly tlsCert: string;
  readonly tlsKey: string;
}

export interface Authority {
  /** In use. */
  readonly own: KeyPair;
  /** Certificates that are trusted, too. */
  readonly before: readonly string[];
}

export interface Leaf {
  readonly own: KeyPair;
  /** Cross certificates. */
  readonly chain: readonly string[];
}

/** undefined: there is none yet. Throws when there is one that cannot be used: making another would cut off all who trust it. */
export function readAuthority({ caCert, caKey }: PkiPaths): Authority | undefined {
  const certs = pemBlocks(read(caCert) ?? '', 'CERTIFICATE');
  const keys = pemBlocks(read(caKey) ?? '', 'PRIVATE KEY');
  const [cert, ...before] = certs;
  if (cert === undefined && keys.length === 0) return undefined;
  const key = cert === undefined ? undefined : keys.find((one) => belongs(cert, one));
  if (cert === undefined || key === undefined)
    throw new Error(
      `${caCert} and ${caKey} do not belong together: restore them, or remove both, and install the new CA`,
    );
  return { own: { cert, key }, before };
}

/** undefined: there is none that can be used. It is easily made again. */
export function readLeaf({ tlsCert, tlsKey }: PkiPaths): Leaf | undefined {
  const [cert, ...chain] = pemBlocks(read(tlsCert) ?? '', 'CERTIFICATE');
  const [key] = pemBlocks(read(tlsKey) ?? '', 'PRIVATE KEY');
  if (cert === undefined || key === undefined || !belongs(cert, key)) return undefined;
  return { own: { cert, key }, chain };
}

/** Whenever it is interrupted, the first certificate has its key. */
export function writeAuthority({ caCert, caKey }: PkiPaths, { own, before }: Authority): void {
  const old = read(caKey) ?? '';
  replace(caKey, own.key + old, 0o600);
  replace(caCert, own.cert + before.join(''), 0o644);
  replace(caKey, own.key, 0o600);
}

export function writeLeaf({ tlsCert, tlsKey }: PkiPaths, { own, chain }: Leaf): void {
  replace(tlsKey, own.key, 0o600);
  replace(tlsCert, own.cert + chain.join(''), 0o644);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function belongs(cert: string, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function replace(path: string, text: string, mode: number): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(temporary, text, { mode, flag: 'wx', flush: true });
    // Whatever the umask took away or left.
    chmodSync(temporary, mode);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}
