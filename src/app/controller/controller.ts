/**
 * The controller: makes snapshots of what decides, proves and signs them, brings them to its workers, and keeps what they
 * decide. It answers no review itself, and its workers go on without it.
 */
import type { SnapshotContent } from '../../model/index.ts';
import { startControllerServer } from '../../server/index.ts';
import {
  createMemoryDecisions,
  createMemoryFindings,
  type DecisionStore,
  type FindingStore,
} from '../../store/index.ts';
import type { Log } from '../admission/worker.ts';
import type { DataFolder } from '../data-folder.ts';
import type { Pki } from '../pki/pki.ts';
import type { Build, BuiltSnapshot } from '../snapshot/build.ts';
import { contentText, digestOf } from '../snapshot/content.ts';
import { nextEpoch } from '../snapshot/epoch.ts';
import { keepSnapshot, readKept } from '../snapshot/keep.ts';
import { type Signer, sign, verifiersIn } from '../snapshot/note.ts';
import { type Proved, proveSnapshot } from '../snapshot/prove.ts';
import { type Watched, withWatchedAside } from '../snapshot/watched.ts';
import { createCoverage } from './coverage.ts';
import { openCovered } from './covered.ts';
import { handlersOf } from './handlers.ts';
import { createPublisher, type Publisher } from './publisher.ts';
import type { ControllerStatus } from './status.ts';
import type { WatchedPolicies } from './watched-policies.ts';

export type { StoredFinding } from '../../store/index.ts';

export interface ControllerOptions {
  readonly data: DataFolder;
  readonly signer: Signer;
  readonly pki: Pki;
  readonly host: string;
  readonly port: number;
  /** Reads what decides as it is now. Rejects with a UsageError for a mistake in the configuration. */
  readonly build: () => Promise<Build>;
  /** Policies that are objects of a cluster; absent: there is none. */
  readonly watched?: Pick<WatchedPolicies, 'objects'>;
  readonly cwd: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
}

export type Renewed =
  /** In force; `missing` workers take it when they are ready. */
  | { readonly kind: 'published'; readonly digest: string; readonly missing: readonly string[] }
  | { readonly kind: 'unchanged'; readonly digest: string }
  /** What was in force stays. */
  | { readonly kind: 'refused'; readonly reasons: readonly string[] };

export interface Controller {
  readonly url: string;
  readonly decisions: DecisionStore;
  /** Of the background scan. */
  readonly findings: FindingStore;
  /** Resolves when everything that exists was looked at once. */
  readonly scanned: Promise<void>;
  readonly publisher: Publisher;
  /** Content of the snapshot in force. */
  content(): SnapshotContent | undefined;
  /** Makes a snapshot of what decides now, and puts it in force unless it is the same, or bad. One at a time. */
  renew(): Promise<Renewed>;
  /** Why refs are not followed to where they are now; told in the status. */
  setRefusedCommits(reasons: readonly string[]): void;
  setPki(pki: Pki): void;
  close(): Promise<void>;
}

type Frozen = Pick<BuiltSnapshot, 'content' | 'text' | 'digest'>;

export async function startController(options: ControllerOptions): Promise<Controller> {
  const { data, now, log } = options;
  const publisher = createPublisher({ now });
  const decisions = createMemoryDecisions(now());
  const findings = createMemoryFindings(now());
  const scanned = Promise.withResolvers<void>();
  const covered = openCovered(data, now);
  const coverage = createCoverage({ store: findings, since: covered.before ?? now(), now });
  let content = await resume(options, publisher);
  /** What was proved last, as {@link BuiltSnapshot.proof} says it. */
  let proved: string | undefined;
  let watched: Watched | undefined;
  let lastRefusal: ControllerStatus['refused'];
  let refusedCommits: ControllerStatus['refused'];
  const server = await startControllerServer({
    handlers: handlersOf({
      publisher,
      decisions,
      findings,
      coverage,
      covered,
      onScanned: scanned.resolve,
      status,
    }),
    certificate: options.pki.server,
    ca: options.pki.bundle,
    host: options.host,
    port: options.port,
    onError: (error) => log('controller failed', { detail: String(error) }),
  });

  function status(): ControllerStatus {
    const { epoch, digest } = publisher.current() ?? { epoch: 0, digest: '' };
    return {
      epoch,
      digest,
      policies: content?.policies.length ?? 0,
      workers: publisher.workers(),
      decisions: decisions.totals(),
      findings: findings.totals(),
      refused: both(lastRefusal, refusedCommits),
    };
  }

  async function renew(): Promise<Renewed> {
    const renewed = await makeNext();
    lastRefusal = renewed.kind === 'refused' ? { at: now(), reasons: renewed.reasons } : undefined;
    return renewed;
  }

  async function makeNext(): Promise<Renewed> {
    const built = await options.build();
    if (!built.ok) return refused(built.problems.map(placed), log);
    if (built.proof !== proved) {
      const proof = await proveSnapshot(built, { cwd: options.cwd, now: now() });
      if (!proof.ok) return refused(proof.objections.map(objected), log);
      proved = built.proof;
    }
    const next = await beside(built);
    if (next.digest === publisher.current()?.digest) return { kind: 'unchanged', digest: next.digest };
    const missing = await publish(next, options, publisher);
    content = next.content;
    for (const detail of built.notices) log('note', { detail });
    log('snapshot published', { digest: next.digest, policies: next.content.policies.length, missing });
    return { kind: 'published', digest: next.digest, missing };
  }

  /** With the policies that are objects of the cluster; a bad one of them is left out by itself. */
  async function beside(built: BuiltSnapshot): Promise<Frozen> {
    const objects = options.watched?.objects();
    if (objects === undefined) return built;
    const previous = watched === undefined ? {} : { previous: watched.compiled };
    const { stages } = built;
    watched = await withWatchedAside(built.content, objects, watched?.lastGood ?? new Map(), {
      now: now(),
      stages,
      ...previous,
    });
    tellRefused(watched.refused);
    const text = contentText(watched.content);
    return { content: watched.content, text, digest: digestOf(text) };
  }

  /** Each once, for as long as it is refused. */
  let told = new Set<string>();
  function tellRefused(refusals: Watched['refused']): void {
    const now = new Set<string>();
    for (const { ref, detail, stays } of refusals) {
      const object = `${ref.kind} ${ref.namespace === '' ? '' : `${ref.namespace}/`}${ref.name}`;
      const text = `${object}: ${detail}`;
      now.add(text);
      if (!told.has(text))
        log('object refused', { object, detail, stays: stays ? 'its last good form' : 'nothing' });
    }
    told = now;
  }

  log('decisions and findings are counted from now on: what was known before is forgotten', {
    since: new Date(decisions.totals().since).toISOString(),
  });
  let renewing: Promise<unknown> = Promise.resolve();
  return {
    url: `https://${options.host === '::' || options.host === '0.0.0.0' ? '127.0.0.1' : options.host}:${server.port}`,
    decisions,
    findings,
    scanned: scanned.promise,
    publisher,
    content: () => content,
    renew() {
      const next = renewing.then(renew);
      renewing = next.catch(() => {});
      return next;
    },
    setRefusedCommits(reasons) {
      refusedCommits = reasons.length === 0 ? undefined : { at: now(), reasons };
    },
    setPki: ({ server: certificate, bundle }) => server.setCertificate(certificate, bundle),
    async close() {
      publisher.close();
      await server.close();
      await covered.close();
      log('controller ended', { data: data.path });
    },
  };
}

/** What was in force when the controller ended is in force again, whatever the sources say by now. */
async function resume(
  { data, log }: ControllerOptions,
  publisher: Publisher,
): Promise<SnapshotContent | undefined> {
  const kept = readKept(data);
  if (!kept.ok) {
    if (kept.reason !== 'none') log('kept snapshot refused', { reason: kept.reason, detail: kept.detail });
    return undefined;
  }
  const { note, text, epoch, digest, content } = kept;
  await publisher.publish({ note, text, epoch, digest });
  return content;
}

async function publish(
  { text, digest }: Frozen,
  { data, signer, now }: ControllerOptions,
  publisher: Publisher,
): Promise<readonly string[]> {
  const epoch = nextEpoch(data, now());
  const note = sign(signer, { epoch, digest });
  // Workers prepare it while it is written to the disk.
  const kept = keepSnapshot(data, { note, text }, verifiersIn(data), now());
  return publisher.publish({ note, text, epoch, digest }, kept);
}

/** Of a file that is wrong from beginning to end the first lines say enough. */
const MOST_REASONS = 20;

function refused(all: readonly string[], log: Log): Renewed {
  const left = all.length - MOST_REASONS;
  const reasons = left > 0 ? [...all.slice(0, MOST_REASONS), `and ${left} more`] : all;
  for (const reason of reasons) log('snapshot refused', { reason });
  return { kind: 'refused', reasons };
}

function placed({ origin, detail }: Extract<Build, { ok: false }>['problems'][number]): string {
  return `${origin.file}:${origin.line}:${origin.column}: ${detail}`;
}

function objected(objection: Extract<Proved, { ok: false }>['objections'][number]): string {
  const { place, detail } = objection;
  return place === undefined ? detail : `${place.file}:${place.line}:${place.column}: ${detail}`;
}

function both(
  one: ControllerStatus['refused'],
  other: ControllerStatus['refused'],
): ControllerStatus['refused'] {
  if (one === undefined || other === undefined) return one ?? other;
  return { at: Math.max(one.at, other.at), reasons: [...one.reasons, ...other.reasons] };
}
