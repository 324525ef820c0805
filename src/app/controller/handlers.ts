/** What a controller answers to its workers, and to people who look. */
import type { ControllerReply } from '../../server/index.ts';
import type { DecisionStore, FindingStore } from '../../store/index.ts';
import { readBatch, readFindings } from './batches.ts';
import type { Coverage } from './coverage.ts';
import type { Covered } from './covered.ts';
import { BACKGROUND, CONSOLE } from './names.ts';
import type { Publisher } from './publisher.ts';
import type { ControllerStatus } from './status.ts';

interface Kept {
  readonly publisher: Publisher;
  readonly decisions: DecisionStore;
  readonly findings: FindingStore;
  readonly coverage: Coverage;
  readonly covered: Covered;
  readonly onScanned: () => void;
  readonly status: () => ControllerStatus;
}

export function handlersOf({ publisher, decisions, findings, coverage, covered, onScanned, status }: Kept) {
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
        quarantined: query.getAll('quarantined'),
        unlisted: query.getAll('unlisted'),
        aside: worker === BACKGROUND,
      });
      return told === undefined ? { status: 204 } : { status: 200, body: JSON.stringify(told) };
    },
    content(_worker: string, digest: string): ControllerReply {
      const text = publisher.content(digest);
      return text === undefined ? { status: 404, body: 'no such snapshot' } : { status: 200, body: text };
    },
    get(who: string, what: string, query: URLSearchParams): ControllerReply {
      if (who !== CONSOLE) return { status: 403, body: 'nothing for workers to look at' };
      if (what === 'status') return { status: 200, body: JSON.stringify(status()) };
      if (what === 'findings') return { status: 200, body: JSON.stringify(listed(findings, query)) };
      return { status: 404, body: 'no such path' };
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

const MOST_LISTED = 10_000;

function listed(findings: FindingStore, query: URLSearchParams) {
  const policy = query.get('policy');
  const namespace = query.get('namespace');
  const state = query.get('state') === 'fixed' ? 'fixed' : 'open';
  const all = findings.list({
    ...(policy === null ? {} : { policy }),
    ...(namespace === null ? {} : { namespace }),
    state,
    once: true,
  });
  return {
    findings: all.slice(0, MOST_LISTED),
    more: Math.max(0, all.length - MOST_LISTED),
    totals: findings.totals(),
  };
}

function epochIn(query: URLSearchParams, name: string): number {
  const epoch = Number(query.get(name) ?? 0);
  return Number.isSafeInteger(epoch) && epoch >= 0 ? epoch : 0;
}
