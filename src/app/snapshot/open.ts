/** What a worker does with a snapshot that it is sent, or finds on its disk: believe nothing, then compile. */
import type { SnapshotContent } from '../../model/index.ts';
import { type CompiledSnapshot, type CompileOptions, compilingSnapshot } from './compile.ts';
import { digesting, type FormerContent, readingContent } from './content.ts';
import { type SnapshotName, type Verifier, verify } from './note.ts';
import { atOnce, type Pausing, withPauses } from './steps.ts';

export type RefusedReason =
  | 'bad-signature'
  | 'older-epoch'
  | 'wrong-digest'
  | 'malformed'
  | 'unknown-format'
  /** This version cannot compile a policy that another one proved. */
  | 'does-not-compile';

export interface RefusedSnapshot {
  readonly ok: false;
  readonly reason: RefusedReason;
  readonly detail: string;
}

export type OpenedSnapshot =
  | ({ readonly ok: true; readonly snapshot: CompiledSnapshot } & SnapshotName)
  | RefusedSnapshot;

export interface OpenOptions extends Pick<CompileOptions, 'now'> {
  /** With its text: documents that are the same are neither read nor compiled again. */
  readonly previous?: CompiledSnapshot & { readonly text: string };
}

/**
 * @param lastEpoch The highest one that was accepted; 0: none was. That one itself is taken again, as after a restart.
 */
export function openSnapshot(
  note: string,
  text: string,
  verifiers: readonly Verifier[],
  lastEpoch: number,
  options: OpenOptions,
): OpenedSnapshot {
  return atOnce(openingSnapshot(note, text, verifiers, lastEpoch, options));
}

/** The same beside other work: it lets go of the thread often. */
export function openSnapshotAside(
  note: string,
  text: string,
  verifiers: readonly Verifier[],
  lastEpoch: number,
  options: OpenOptions,
  pausing?: Pausing,
): Promise<OpenedSnapshot> {
  return withPauses(openingSnapshot(note, text, verifiers, lastEpoch, options), pausing);
}

function* openingSnapshot(
  note: string,
  text: string,
  verifiers: readonly Verifier[],
  lastEpoch: number,
  options: OpenOptions,
): Generator<void, OpenedSnapshot> {
  const { previous } = options;
  const former = previous && { text: previous.text, documents: previous.content.documents };
  const checked = yield* checkingSnapshot(note, text, verifiers, lastEpoch, former);
  if (!checked.ok) return checked;
  const { content, epoch, digest } = checked;
  const snapshot = yield* compilingSnapshot(content, { ...options, digest });
  const [problem] = snapshot.problems;
  if (problem === undefined) return { ok: true, snapshot, epoch, digest };
  const { file, line } = problem.origin;
  return { ok: false, reason: 'does-not-compile', detail: `${file}:${line}: ${problem.detail}` };
}

export type CheckedSnapshot =
  | ({ readonly ok: true; readonly content: SnapshotContent } & SnapshotName)
  | RefusedSnapshot;

/** Who signed it, when, and that the text is what was signed. */
export function* checkingSnapshot(
  note: string,
  text: string,
  verifiers: readonly Verifier[],
  lastEpoch: number,
  former?: FormerContent,
): Generator<void, CheckedSnapshot> {
  const verified = verify(verifiers, note);
  if (!verified.ok) return verified;
  const { epoch, digest } = verified;
  if (epoch < lastEpoch)
    return { ok: false, reason: 'older-epoch', detail: `its epoch ${epoch} is older than ${lastEpoch}` };
  const actual = yield* digesting(text);
  if (actual !== digest)
    return {
      ok: false,
      reason: 'wrong-digest',
      detail: `the note is of ${digest}, the content is ${actual}`,
    };
  const read = yield* readingContent(text, former);
  return read.ok ? { ok: true, content: read.content, epoch, digest } : read;
}
