/**
 * The controller: makes snapshots of what decides, proves and signs them, brings them to its workers, and keeps what they
 * decide. It answers no review itself, and its workers go on without it.
 */
import type { DecisionBatch, FindingBatch, LiveRef, SnapshotContent } from '../../model/index.ts';
import { type ControllerReply, startControllerServer } from '../../server/index.ts';
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
import { nextEpoch } from '../snapshot/epoch.ts';
import { keepSnapshot, readKept } from '../snapshot/keep.ts';
import { type Signer, sign, verifiersIn } from '../snapshot/note.ts';
import { type Proved, proveSnapshot } from '../snapshot/prove.ts';
import { type Coverage, createCoverage } from './coverage.ts';
import { type Covered, openCovered } from './covered.ts';
import { createPublisher, type Publisher } from './publisher.ts';

export type { StoredFinding } from '../../store/index.ts';

export interface ControllerOptions {
  readonly data: DataFolder;
  readonly signer: Signer;
  readonly pki: Pki;
  readonly host: string;
  readonly port: number;
  /** Reads what decides as it is now. Rejects with a UsageError for a mistake in the configuration. */
  readonly build: () => Promise<Build>;
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
  setPki(pki: Pki): void;
  close(): Promise<void>;
}

export async function startController(options: ControllerOptions): Promise<Controller> {
  const { data, now, log } = options;
  const publisher = createPublisher({ now });
  const decisions = createMemoryDecisions(now());
  const findings = createMemoryFindings(now());
  const scanned = Promise.withResolvers<void>();
  const covered = openCovered(data, now);
  const coverage = createCoverage({ store: findings, since: covered.before ?? now(), now });
  let content = await resume(options, publisher);
  const server = await startControllerServer({
    handlers: handlersOf({ publisher, decisions, findings, coverage, covered, onScanned: scanned.resolve }),
    certificate: options.pki.server,
    ca: options.pki.bundle,
    host: options.host,
    port: options.port,
    onError: (error) => log('controller failed', { detail: String(error) }),
  });

  async function renew(): Promise<Renewed> {
    const built = await options.build();
    if (!built.ok) return refused(built.problems.map(placed), log);
    if (built.digest === publisher.current()?.digest) return { kind: 'unchanged', digest: built.digest };
    const proved = await proveSnapshot(built, { cwd: options.cwd, now: now() });
    if (!proved.ok) return refused(proved.objections.map(objected), log);
    const missing = await publish(built, options, publisher);
    content = built.content;
    log('snapshot published', { digest: built.digest, policies: built.content.policies.length, missing });
    return { kind: 'published', digest: built.digest, missing };
  }

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
  { text, digest }: BuiltSnapshot,
  { data, signer, now }: ControllerOptions,
  publisher: Publisher,
): Promise<readonly string[]> {
  const epoch = nextEpoch(data, now());
  const note = sign(signer, { epoch, digest });
  await keepSnapshot(data, { note, text }, verifiersIn(data), now());
  return publisher.publish({ note, text, epoch, digest });
}

function refused(reasons: readonly string[], log: Log): Renewed {
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

interface Kept {
  readonly publisher: Publisher;
  readonly decisions: DecisionStore;
  readonly findings: FindingStore;
  readonly coverage: Coverage;
  readonly covered: Covered;
  readonly onScanned: () => void;
}

/** By the certificate: it sends findings and no decisions, all others decisions and no findings. */
export const BACKGROUND = 'background';

function handlersOf({ publisher, decisions, findings, coverage, covered, onScanned }: Kept) {
  function takeFindings(worker: string, body: string): ControllerReply {
    if (worker !== BACKGROUND) return { status: 403, body: 'only the background scan says what it found' };
    const batch = readFindings(body);
    if (batch === undefined) return { status: 400, body: 'no batch of findings' };
    if (findings.add(batch)) {
      for (const observation of batch.observed) coverage.observed(observation);
      for (const { resource } of batch.gone) coverage.gone(resource);
    }
    coverage.settle();
    const { since, complete } = findings.progress();
    if (complete) onScanned();
    return { status: 200, body: JSON.stringify({ since, unasked: coverage.unasked() }) };
  }

  return {
    async snapshot(worker: string, query: URLSearchParams): Promise<ControllerReply> {
      const progress = { inForce: epochIn(query, 'inForce'), prepared: epochIn(query, 'prepared') };
      if (worker !== BACKGROUND && progress.inForce > 0) covered.note();
      const told = await publisher.poll(worker, progress, {
        refused: query.get('refused') ?? undefined,
        aside: worker === BACKGROUND,
      });
      return told === undefined ? { status: 204 } : { status: 200, body: JSON.stringify(told) };
    },
    content(_worker: string, digest: string): ControllerReply {
      const text = publisher.content(digest);
      return text === undefined ? { status: 404, body: 'no such snapshot' } : { status: 200, body: text };
    },
    async post(worker: string, what: string, body: string): Promise<ControllerReply> {
      if (what === 'findings') return takeFindings(worker, body);
      if (what !== 'decisions') return { status: 404, body: 'no such path' };
      if (worker === BACKGROUND) return { status: 403, body: 'the background scan decides nothing' };
      const batch = readBatch(body);
      if (batch === undefined) return { status: 400, body: 'no batch of decisions' };
      // A worker can only ever repeat itself.
      const isNew = decisions.add({ ...batch, key: `${worker} ${batch.key}` });
      if (isNew && batch.asked !== undefined) coverage.asked(batch.asked);
      covered.note();
      return { status: 204 };
    },
  };
}

function epochIn(query: URLSearchParams, name: string): number {
  const epoch = Number(query.get(name) ?? 0);
  return Number.isSafeInteger(epoch) && epoch >= 0 ? epoch : 0;
}

function readFindings(body: string): FindingBatch | undefined {
  try {
    const batch = JSON.parse(body) as FindingBatch;
    const sound =
      typeof batch.key === 'string' &&
      typeof batch.run === 'string' &&
      Number.isSafeInteger(batch.time) &&
      Array.isArray(batch.observed) &&
      Array.isArray(batch.gone) &&
      batch.observed.every(({ resource, findings }) => isNamed(resource) && Array.isArray(findings)) &&
      batch.gone.every(({ resource }) => isNamed(resource));
    return sound ? batch : undefined;
  } catch {
    return undefined;
  }
}

function isNamed({ apiVersion, kind, namespace, name, uid }: LiveRef): boolean {
  return [apiVersion, kind, namespace, name, uid].every((text) => typeof text === 'string');
}

function readBatch(body: string): DecisionBatch | undefined {
  try {
    const batch = JSON.parse(body) as DecisionBatch;
    const sound =
      typeof batch.key === 'string' &&
      Array.isArray(batch.records) &&
      typeof batch.counts?.policies === 'object' &&
      Number.isSafeInteger(batch.dropped) &&
      (batch.asked === undefined ||
        (Array.isArray(batch.asked.objects) && typeof batch.asked.namespaces === 'object'));
    return sound ? batch : undefined;
  } catch {
    return undefined;
  }
}
