/** Who signed a commit, by keys that were given as a file and by no others. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstLine, GitError } from './git.ts';
import { type Ran, runGit, tryGit } from './run.ts';

export type Signature =
  /** `by`: a principal of the allowed signers and the key, or the fingerprint and user of an OpenPGP key. */
  | { readonly holds: true; readonly by: string }
  | { readonly holds: false; readonly reason: 'unsigned' | 'wrongly-signed'; readonly detail: string };

/** Keys and how they are written: allowed signers as ssh-keygen(1) has them, or armoured OpenPGP public keys. */
export interface SignerKeys {
  readonly form: 'ssh' | 'openpgp';
  readonly bytes: Buffer;
}

const PATIENCE_MS = 30_000;
const MOST_BYTES = 1 << 20;
/** What every kind of signature is checked with unless it is allowed: no such program. */
const NOBODY = 'rampart-checks-no-such-signature';

/** @throws GitError when the file cannot be read, or holds nothing. */
export function readSignerKeys(path: string): SignerKeys {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new GitError(`${path}: ${(error as NodeJS.ErrnoException).code ?? error}`);
  }
  if (bytes.length > MOST_BYTES || bytes.toString('latin1').trim() === '')
    throw new GitError(`${path}: expected allowed signers or OpenPGP public keys`);
  const form = bytes.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----') ? 'openpgp' : 'ssh';
  return { form, bytes };
}

/**
 * Checks the signature of one commit. It covers the commit's files and, by their ids, all commits before it.
 *
 * @param scratch A folder in which a folder may be made for the keys.
 * @throws GitError when it cannot be checked: a program is missing.
 */
export async function verifyCommit(
  folder: string,
  commit: string,
  keys: SignerKeys,
  scratch: string,
): Promise<Signature> {
  const form = await signatureForm(folder, commit);
  if (form === undefined) return { holds: false, reason: 'unsigned', detail: 'it is not signed' };
  if (form !== keys.form) {
    const detail = `its signature is of the form ${form}, and the keys that may sign are ${keys.form}`;
    return { holds: false, reason: 'wrongly-signed', detail };
  }
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const home = mkdtempSync(join(scratch, 'keys-'));
  try {
    const { settings, env } = await (keys.form === 'ssh' ? sshKeys(keys, home) : openpgpKeys(keys, home));
    const ran = await tryGit(folder, [...settings, 'verify-commit', '--raw', commit], {
      timeoutMs: PATIENCE_MS,
      env,
    });
    return read(ran);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** For words only: what verify-commit says counts. */
async function signatureForm(folder: string, commit: string): Promise<string | undefined> {
  const raw = await runGit(folder, ['cat-file', 'commit', commit], { timeoutMs: PATIENCE_MS });
  const headers = raw.toString('latin1').split('\n\n', 1)[0]!;
  const begins = /^gpgsig(?:-sha256)? -----BEGIN ([A-Z ]+)-----$/m.exec(headers)?.[1];
  if (begins === undefined) return undefined;
  return { 'SSH SIGNATURE': 'ssh', 'PGP SIGNATURE': 'openpgp', 'PGP MESSAGE': 'openpgp' }[begins] ?? 'x509';
}

interface Keyring {
  readonly settings: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Programs by form: git takes the form from the signature, and a user's own keyring must not answer for it. */
function only(programs: Readonly<Record<string, string>>, more: Readonly<Record<string, string>>): string[] {
  const chosen = {
    'gpg.program': NOBODY,
    'gpg.openpgp.program': NOBODY,
    'gpg.x509.program': NOBODY,
    'gpg.ssh.program': NOBODY,
    ...programs,
    'gpg.minTrustLevel': 'undefined',
    ...more,
  };
  return Object.entries(chosen).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function sshKeys({ bytes }: SignerKeys, home: string): Promise<Keyring> {
  const file = join(home, 'allowed-signers');
  writeFileSync(file, bytes, { mode: 0o600 });
  const settings = only({ 'gpg.ssh.program': 'ssh-keygen' }, { 'gpg.ssh.allowedSignersFile': file });
  return { settings, env: { GNUPGHOME: home } };
}

/** A keyring with these keys alone, and no agent or key server beside it. */
async function openpgpKeys({ bytes }: SignerKeys, home: string): Promise<Keyring> {
  writeFileSync(join(home, 'gpg.conf'), 'batch\nno-autostart\nno-auto-key-retrieve\nno-auto-key-locate\n');
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { status, stderr, error } = spawnSync('gpg', ['--homedir', home, '--quiet', '--import'], {
    input: bytes,
    env: { PATH: process.env['PATH'], LC_ALL: 'C', GNUPGHOME: home },
    timeout: PATIENCE_MS,
  });
  if (error !== undefined)
    throw new GitError(`gpg: ${(error as NodeJS.ErrnoException).code ?? error.message}`);
  if (status !== 0) throw new GitError(`gpg cannot read the keys: ${firstLine(stderr)}`);
  const settings = only({ 'gpg.program': 'gpg', 'gpg.openpgp.program': 'gpg' }, {});
  return { settings, env: { GNUPGHOME: home } };
}

function read({ code, stderr }: Ran): Signature {
  const said = stderr.toString();
  if (/cannot run|cannot exec/.test(said)) throw new GitError(`it cannot be verified: ${firstLine(stderr)}`);
  if (code === 0) return { holds: true, by: signer(said) };
  return { holds: false, reason: 'wrongly-signed', detail: wrong(said) };
}

function signer(said: string): string {
  const ssh = /^Good "git" signature for (.+)$/m.exec(said)?.[1];
  const fingerprint = /^\[GNUPG:\] VALIDSIG ([0-9A-F]+)/m.exec(said)?.[1];
  const user = /^\[GNUPG:\] GOODSIG \S+ (.+)$/m.exec(said)?.[1];
  return ssh ?? [fingerprint, user].filter((part) => part !== undefined).join(' ');
}

/** Why not, in the words of who checked it. */
const FAULTS: readonly (readonly [RegExp, string])[] = [
  [/^\[GNUPG:\] NO_PUBKEY (\S+)/m, 'it is signed by the key $1, which may not sign'],
  [/^\[GNUPG:\] BADSIG/m, 'its signature is not of its content'],
  [/^\[GNUPG:\] (?:EXPKEYSIG|KEYEXPIRED) (\S+)/m, 'it is signed by the key $1, which has expired'],
  [/^\[GNUPG:\] REVKEYSIG (\S+)/m, 'it is signed by the key $1, which was revoked'],
  [/^Good "git" signature with (.+)$/m, 'it is signed by $1, which may not sign'],
  [/incorrect signature|Signature verification failed/i, 'its signature is not of its content'],
];

function wrong(said: string): string {
  for (const [pattern, text] of FAULTS) {
    const found = pattern.exec(said);
    if (found !== null) return text.replace('$1', found[1] ?? '');
  }
  return `its signature does not hold: ${said.trim().split('\n')[0] || 'git says no more'}`;
}
