/** Asks the data folder, the cluster and the webhook for what doctor looks at. */
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { JsonMap } from '../../model/index.ts';
import {
  type Cluster,
  ClusterError,
  connect,
  type Json,
  type Served,
  served,
  type WatchedKind,
} from '../../sources/index.ts';
import { kindsFor } from '../admission/environment.ts';
import { kindsLookedAt, WEBHOOKS } from '../background/environment.ts';
import { DEFINITIONS } from '../cluster/definitions.ts';
import type { Right } from '../cluster/rbac.ts';
import type { DataFolder } from '../data-folder.ts';
import { lifetimes } from '../pki/lifetime.ts';
import { askedByWorker } from '../service-role.ts';
import { type CompiledSnapshot, compileSnapshot } from '../snapshot/compile.ts';
import { readKept } from '../snapshot/keep.ts';
import { UsageError } from '../usage.ts';
import type { WebhookRule } from '../webhook/atoms.ts';
import type { ClusterFacts, Facts, Reached, Webhook } from './facts.ts';

export interface GatherOptions {
  readonly data: DataFolder;
  /** Context; undefined: no cluster is asked. */
  readonly cluster: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export async function gather({ data, cluster, now }: GatherOptions): Promise<Facts> {
  const kept = readKept(data);
  const snapshot = kept.ok ? compileSnapshot(kept.content, { now, digest: kept.digest }) : undefined;
  const authority = textOf(data.caCert);
  const leaf = textOf(data.tlsCert);
  return {
    now,
    snapshot,
    noSnapshot: kept.ok ? undefined : kept.detail,
    authority,
    certificates: [authority, leaf].flatMap((pem) =>
      pem === undefined ? [] : lifetimes(pem, new Date(now)),
    ),
    cluster: cluster === undefined ? undefined : await gatherCluster(cluster, snapshot, authority),
  };
}

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

async function gatherCluster(
  context: string,
  snapshot: CompiledSnapshot | undefined,
  authority: string | undefined,
): Promise<ClusterFacts> {
  let cluster: Cluster;
  let said: Served;
  try {
    cluster = await connect(context);
    said = await served(cluster);
  } catch (error) {
    throw new UsageError(`--cluster: ${error instanceof Error ? error.message : error}`);
  }
  const webhooks = await readWebhooks(cluster);
  return {
    served: said,
    namespaces: await listed(cluster, '/api/v1/namespaces'),
    webhooks,
    watched: await Promise.all(
      watchedFor(snapshot, said).map(async (one) => ({
        ...one,
        problem: await problemOf(cluster, one.kind),
      })),
    ),
    refused: await refusedAmong(cluster, snapshot === undefined ? [] : askedByWorker(snapshot, said).rights),
    reached: await Promise.all(addressesOf(webhooks ?? []).map((url) => reach(url, authority))),
  };
}

/** Each kind once. */
function watchedFor(
  snapshot: CompiledSnapshot | undefined,
  said: Served,
): readonly Omit<ClusterFacts['watched'][number], 'problem'>[] {
  if (snapshot === undefined) return [];
  const by = new Map<string, { readonly kind: WatchedKind; readonly by: 'workers' | 'background' }>();
  for (const kind of [...kindsLookedAt(snapshot)(said), DEFINITIONS, WEBHOOKS])
    by.set(pathOf(kind), { kind, by: 'background' });
  for (const kind of [...kindsFor(snapshot)(said), DEFINITIONS])
    by.set(pathOf(kind), { kind, by: 'workers' });
  return [...by.values()];
}

/** Undefined: it may not be listed. */
async function listed(cluster: Cluster, path: string): Promise<JsonMap[] | undefined> {
  try {
    return ((await cluster.get(path))['items'] ?? []) as JsonMap[];
  } catch (error) {
    if (error instanceof ClusterError && error.status !== 0) return undefined;
    throw new UsageError(`--cluster: ${error instanceof Error ? error.message : error}`);
  }
}

async function problemOf(cluster: Cluster, kind: WatchedKind): Promise<string | undefined> {
  try {
    // What is in the object is nothing to doctor.
    await cluster.get(`${pathOf(kind)}?limit=1`, METADATA);
    const { group, resource } = kind;
    const [refused] = await refusedAmong(cluster, [{ group, resource, verbs: ['watch'] }]);
    return refused && 'they may be listed, and not watched';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const REVIEW_MS = 10_000;

/** As the API server says of whoever calls. */
async function refusedAmong(cluster: Cluster, rights: readonly Right[]): Promise<readonly Right[]> {
  const refused: Right[] = [];
  for (const { group, resource, verbs } of rights)
    for (const verb of verbs) {
      const spec = { resourceAttributes: { group, resource, verb } };
      const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec };
      const { status } = await cluster.send({ method: 'POST', path: REVIEWS, body, withinMs: REVIEW_MS });
      const { allowed } = (status ?? {}) as { allowed?: boolean };
      if (allowed !== true) refused.push({ group, resource, verbs: [verb] });
    }
  return refused;
}

const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

function pathOf({ group, version, resource }: WatchedKind): string {
  return group === '' ? `/api/${version}/${resource}` : `/apis/${group}/${version}/${resource}`;
}

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1';

async function readWebhooks(cluster: Cluster): Promise<readonly Webhook[] | undefined> {
  const validating = await listed(cluster, `${CONFIGURATIONS}/validatingwebhookconfigurations`);
  const mutating = await listed(cluster, `${CONFIGURATIONS}/mutatingwebhookconfigurations`);
  if (validating === undefined || mutating === undefined) return undefined;
  return [
    ...validating.flatMap((one) => webhooksIn(one, false)),
    ...mutating.flatMap((one) => webhooksIn(one, true)),
  ];
}

/** Ours have names that end so, whatever their configuration is called. */
const OWN = '.rampart.dev';

function webhooksIn(configuration: JsonMap, mutating: boolean): Webhook[] {
  const entries = (configuration['webhooks'] ?? []) as Json[];
  return entries
    .filter(({ name }) => String(name).endsWith(OWN))
    .map((entry) => {
      const client = entry['clientConfig'] as { url?: string; caBundle?: string };
      return {
        configuration: String((configuration['metadata'] as JsonMap)['name']),
        name: String(entry['name']),
        mutating,
        rules: (entry['rules'] ?? []) as readonly WebhookRule[],
        failurePolicy: String(entry['failurePolicy']),
        matchPolicy: String(entry['matchPolicy']),
        namespaceSelector: (entry['namespaceSelector'] ?? {}) as JsonMap,
        objectSelector: (entry['objectSelector'] ?? {}) as JsonMap,
        caBundle: Buffer.from(client.caBundle ?? '', 'base64').toString('utf8'),
        url: client.url,
      };
    });
}

/** Of Services only the cluster itself can say whether they answer. */
function addressesOf(webhooks: readonly Webhook[]): string[] {
  const urls = webhooks.flatMap(({ url }) => (url === undefined ? [] : [new URL('/readyz', url).href]));
  return [...new Set(urls)];
}

const REACH_MS = 5_000;

function reach(url: string, authority: string | undefined): Promise<Reached> {
  return new Promise((resolve) => {
    const trust = authority === undefined ? {} : { ca: authority };
    const sent = request(url, { ...trust, timeout: REACH_MS }, (answer) => {
      let text = '';
      answer.on('data', (part: Buffer) => {
        text += part.toString('utf8').slice(0, 1_000);
      });
      answer.on('end', () => resolve({ url, status: answer.statusCode ?? 0, detail: text.trim() }));
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${REACH_MS} ms`)));
    sent.on('error', (error) => resolve({ url, status: 0, detail: error.message }));
    sent.end();
  });
}
