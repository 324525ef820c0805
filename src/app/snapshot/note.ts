/** The signed note of a snapshot: which content is in force from which epoch on. Only this file knows its text and keys. */
import { existsSync, readFileSync } from 'node:fs';
import { type DataFolder, writeDurably } from '../data-folder.ts';
import { UsageError } from '../usage.ts';
import {
  newSigner,
  openNote,
  parseSigner,
  parseVerifier,
  type Signer,
  signerText,
  signNote,
  type Verifier,
  verifierText,
} from './signed-note.ts';

export type { Signer, Verifier } from './signed-note.ts';
export { parseSigner, parseVerifier, verifierText } from './signed-note.ts';

export interface SnapshotName {
  /** Strictly increasing; milliseconds where the clock allows. */
  readonly epoch: number;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
}

const HEADER = 'rampart snapshot';
const BODY = new RegExp(`^${HEADER}\\n([1-9]\\d{0,15})\\n(sha256:[0-9a-f]{64})\\n$`);

export function sign(signer: Signer, { epoch, digest }: SnapshotName): string {
  const body = `${HEADER}\n${epoch}\n${digest}\n`;
  if (!BODY.test(body)) throw new Error(`no snapshot: epoch ${epoch}, digest ${digest}`);
  return signNote(signer, body);
}

export type Verified =
  | ({ readonly ok: true } & SnapshotName)
  | { readonly ok: false; readonly reason: 'malformed' | 'bad-signature'; readonly detail: string };

export function verify(verifiers: readonly Verifier[], note: string): Verified {
  const opened = openNote(verifiers, note);
  if (!opened.ok) return opened;
  const [, epoch, digest] = BODY.exec(opened.body) ?? [];
  if (epoch === undefined || digest === undefined || !Number.isSafeInteger(Number(epoch)))
    return { ok: false, reason: 'malformed', detail: 'it is the note of something else than a snapshot' };
  return { ok: true, epoch: Number(epoch), digest };
}

/** Of everybody's notes on one machine only the key tells them apart. */
const KEY_NAME = 'rampart';

/** The key of a data folder, made when there is none. Throws UsageError for a file that is no key. */
export async function signerIn(data: DataFolder): Promise<Signer> {
  if (!existsSync(data.signingKey)) {
    const signer = newSigner(KEY_NAME);
    await writeDurably(data.signingKey, `${signerText(signer)}\n`);
    await writeDurably(data.signingPub, `${verifierText(signer)}\n`);
    return signer;
  }
  const signer = parseSigner(readFileSync(data.signingKey, 'utf8'));
  if (signer === undefined) throw new UsageError(`--data: ${data.signingKey} is no signing key`);
  return signer;
}

/** The keys whose notes count in a data folder, one a line; none where there is no file. */
export function verifiersIn(data: DataFolder): Verifier[] {
  if (!existsSync(data.signingPub)) return [];
  const lines = readFileSync(data.signingPub, 'utf8').split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const verifier = parseVerifier(line);
      if (verifier === undefined) throw new UsageError(`--data: ${data.signingPub} holds what is no key`);
      return verifier;
    });
}
