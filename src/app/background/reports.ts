/**
 * Keeps one report a namespace, and one for cluster-scoped objects, at what is found: written on change only, seldom, by
 * server-side apply, and removed when nothing is left. What is found more than a report holds is in the controller.
 */
import { hash } from 'node:crypto';
import type { Departure, Observation } from '../../model/index.ts';
import { type Cluster, ClusterError, type Served } from '../../sources/index.ts';
import { createMemoryFindings } from '../../store/index.ts';
import type { Log } from '../admission/worker.ts';
import type { Told } from './background.ts';
import { createPasses } from './passes.ts';
import { kindIn, REPORT_LABEL, REPORT_NAME, type ReportKind, reportObject } from './report-object.ts';

export type ReportSink = Pick<Told, 'observed' | 'gone' | 'complete'> & {
  /** Ends after the write that is under way. */
  close(): Promise<void>;
};

export interface ReportsOptions {
  readonly cluster: Pick<Cluster, 'get' | 'send'>;
  readonly served: () => Served;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
  /** Milliseconds between two writes. Default 1 s. */
  readonly everyMs?: number;
  /** Milliseconds between two writes of one report. Default 10 s. */
  readonly restMs?: number;
}

const WITHIN_MS = 15_000;
const APPLY = 'application/apply-patch+yaml';
/** Of reports nothing else is of interest. */
const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const QUERY = `fieldManager=${REPORT_NAME}&force=true`;

export function createReports(options: ReportsOptions): ReportSink {
  const { cluster, served, now, log, everyMs = 1_000, restMs = 10_000 } = options;
  const store = createMemoryFindings(now());
  /** Namespaces whose report may be other than it should be, in the order in which that began. */
  const due = new Set<string>();
  /** Digest of what was written last; empty: there is none. */
  const written = new Map<string, string>();
  const writtenAt = new Map<string, number>();
  const passes = createPasses();
  let complete = false;
  /** Whether that was everything: only then are reports of an earlier run known to be out of date. */
  let whole = false;
  /** When what an earlier run left is looked for, again after a failure; undefined: that is done. */
  let leftAt: number | undefined = 0;
  let told = '';
  let keys = 0;
  let writing: Promise<void> | undefined;

  function add(batch: { observed?: readonly Observation[]; gone?: readonly Departure[] }): void {
    const { observed = [], gone = [] } = batch;
    for (const { resource } of [...observed, ...gone]) due.add(resource.namespace);
    for (const observation of observed) passes.set(observation);
    for (const { resource } of gone) passes.delete(resource);
    store.add({ key: String(++keys), run: '', time: now(), observed, gone, complete: false });
  }

  /** Nothing is removed before everything was looked at. */
  async function write(): Promise<void> {
    if (!complete) return;
    const kind = kindIn(served());
    if (kind === undefined) return complain('the cluster serves neither OpenReports nor PolicyReports');
    if (whole && leftAt !== undefined && now() >= leftAt) await findLeft(kind);
    const namespace = [...due].find((name) => now() - (writtenAt.get(name) ?? 0) >= restMs);
    if (namespace === undefined) return;
    due.delete(namespace);
    try {
      await writeOne(kind, namespace);
      told = '';
    } catch (error) {
      due.add(namespace);
      writtenAt.set(namespace, now());
      complain(error);
    }
  }

  async function writeOne(kind: ReportKind, namespace: string): Promise<void> {
    const findings = store.list({ state: 'open', namespace, once: true });
    const object = reportObject(kind, namespace, findings, passes.of(namespace));
    const digest = object === null ? '' : hash('sha256', JSON.stringify(object));
    if (written.get(namespace) === digest) return;
    const path = pathOf(kind, namespace, REPORT_NAME);
    if (object !== null)
      await cluster.send({
        method: 'PATCH',
        path: `${path}?${QUERY}`,
        body: object,
        type: APPLY,
        withinMs: WITHIN_MS,
      });
    else await remove(path);
    written.set(namespace, digest);
    writtenAt.set(namespace, now());
  }

  /** A namespace that is gone has taken its report along. */
  async function remove(path: string): Promise<void> {
    try {
      await cluster.send({ method: 'DELETE', path, body: {}, withinMs: WITHIN_MS });
    } catch (error) {
      if (!(error instanceof ClusterError) || error.status !== 404) throw error;
    }
  }

  /** Reports of an earlier run about namespaces in which nothing is found any more. */
  async function findLeft({ group, version, plural, clusterPlural }: ReportKind): Promise<void> {
    leftAt = now() + restMs;
    const query = `labelSelector=${encodeURIComponent(REPORT_LABEL)}`;
    try {
      for (const name of [plural, clusterPlural]) {
        const list = await cluster.get(`/apis/${group}/${version}/${name}?${query}`, METADATA);
        for (const item of (list['items'] ?? []) as readonly { metadata: { namespace?: string } }[])
          due.add(item.metadata.namespace ?? '');
      }
      leftAt = undefined;
    } catch (error) {
      complain(error);
    }
  }

  function complain(error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    if (detail !== told) log('report not written', { detail });
    told = detail;
  }

  const timer = setInterval(() => {
    writing ??= write().finally(() => {
      writing = undefined;
    });
  }, everyMs).unref();
  return {
    observed: (observation) => add({ observed: [observation] }),
    gone: (departure) => add({ gone: [departure] }),
    complete(unlisted) {
      complete = true;
      whole = unlisted.length === 0;
    },
    async close() {
      clearInterval(timer);
      await writing;
    },
  };
}

function pathOf(
  { group, version, plural, clusterPlural }: ReportKind,
  namespace: string,
  name: string,
): string {
  const root = `/apis/${group}/${version}`;
  return namespace === ''
    ? `${root}/${clusterPlural}/${name}`
    : `${root}/namespaces/${namespace}/${plural}/${name}`;
}
