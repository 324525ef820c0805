/** A background scan in one process, for tests: objects that are put by hand, and a store that may forget. */
import assert from 'node:assert/strict';
import type { Change, JsonMap, LiveName, LiveObjects, Resource, UnlistedKind } from '../../model/index.ts';
import { parseApiVersion } from '../../policy/index.ts';
import { type Cluster, ClusterError, readManifest } from '../../sources/index.ts';
import { createMemoryFindings, type FindingStore } from '../../store/index.ts';
import { createClusterQuestions } from '../admission/cluster-questions.ts';
import { contextOf, labelsIn } from '../environment/context.ts';
import { buildSnapshot } from '../snapshot/build.ts';
import { type CompiledSnapshot, compileSnapshot } from '../snapshot/compile.ts';
import { documentOf, inOrder } from '../snapshot/content.ts';
import { type Background, createBackground, type Pace } from './background.ts';
import type { BackgroundEnvironment } from './environment.ts';
import { createOutbox, type Outbox } from './outbox.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;
export const NOW = 1_800_000_000_000;

/** Of the library, the first enforced; without ids all of it, audited. */
export function snapshotOf(...ids: string[]): CompiledSnapshot {
  const build = buildSnapshot({
    policies: ['builtin'],
    select: [ids.length === 0 ? 'set=all' : `id=${ids.join(',')}`],
    skip: [],
    set: [],
    severity: {},
    podPaths: [],
    namespace: 'default',
    stages: ids.length === 0 ? [] : [{ select: [`id=${ids[0]}`], stage: 'enforce' }],
    tiers: {},
    cwd: ROOT,
    folder: ROOT,
    cache: undefined,
    saysIn: (inside) => inside.join('.'),
  });
  assert.ok(build.ok, JSON.stringify(build));
  return compileSnapshot(build.content, { now: NOW });
}

/** Of policies as they are written, all of them audited; those that decide have the ids of their documents. */
export function snapshotOfTexts(...texts: readonly string[]): CompiledSnapshot {
  const documents = texts.flatMap((text, i) =>
    readManifest(text, { file: `${i}.yaml` }).resources.map((resource) => documentOf(resource, true)),
  );
  const { content } = snapshotOf('pss-privileged');
  const policies = texts.flatMap((text) => /^metadata: \{name: ([a-z-]+)/m.exec(text)?.[1] ?? []);
  return compileSnapshot({ ...content, documents: inOrder(documents), policies, stages: {} }, { now: NOW });
}

export interface HandmadeObjects extends LiveObjects {
  put(object: JsonMap): void;
  delete(object: JsonMap): void;
  kinds(): LiveName[];
  /** Says that these may not be listed. */
  forbid(...kinds: UnlistedKind[]): void;
  forbidden(): readonly UnlistedKind[];
}

export function handmade(): HandmadeObjects {
  const objects = new Map<string, Map<string, Resource>>();
  const listeners = new Set<(change: Change) => void>();
  let forbidden: readonly UnlistedKind[] = [];
  const of = ({ group, kind }: LiveName) => objects.get(`${group}/${kind}`) ?? new Map<string, Resource>();
  const tell = (change: Change) => {
    for (const listener of listeners) listener(change);
  };
  return {
    list: (kind) => of(kind).values(),
    get: (kind, namespace, name) => of(kind).get(`${namespace}/${name}`),
    state: () => ({ synced: true, seenAt: 1 }),
    kinds: () => [...objects.keys()].map((key) => ({ group: key.split('/')[0]!, kind: key.split('/')[1]! })),
    forbid(...kinds) {
      forbidden = kinds;
    },
    forbidden: () => forbidden,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    put(object) {
      const resource = resourceOf(object);
      const { ref } = resource;
      const key = `${parseApiVersion(ref.apiVersion).group}/${ref.kind}`;
      const known = objects.get(key) ?? new Map<string, Resource>();
      const before = known.get(`${ref.namespace}/${ref.name}`);
      objects.set(key, known.set(`${ref.namespace}/${ref.name}`, resource));
      tell({ type: 'put', resource, ...(before === undefined ? {} : { before }) });
    },
    delete(object) {
      const { ref } = resourceOf(object);
      const known = of({ ...parseApiVersion(ref.apiVersion), kind: ref.kind });
      const resource = known.get(`${ref.namespace}/${ref.name}`);
      if (resource === undefined) return;
      known.delete(`${ref.namespace}/${ref.name}`);
      tell({ type: 'delete', resource });
    },
    close: async () => {},
  };
}

function resourceOf(object: JsonMap): Resource {
  const { apiVersion, kind } = object as { apiVersion: string; kind: string };
  const { name, namespace = '' } = object['metadata'] as { name: string; namespace?: string };
  const file = `${kind} ${namespace}/${name}`;
  return {
    ref: { apiVersion, kind, namespace, name },
    object,
    origin: { file, document: 0, line: 1, pointer: '' },
  };
}

function environmentOf(live: HandmadeObjects, cluster: Pick<Cluster, 'read'>): BackgroundEnvironment {
  const questions = createClusterQuestions(cluster, Date.now);
  return {
    live,
    placed: false,
    cluster: undefined,
    open(compiled) {
      const kinds = [...live.kinds(), ...LOOKED_UP];
      const { context, close } = contextOf(live, compiled, kinds, {
        minor: 37,
        definitions: [],
        whole: true,
        away: [],
      });
      return {
        context: { ...context, ask: (question) => context.ask?.(question) ?? questions.ask(question) },
        judged: live.kinds,
        changeOf: () => undefined,
        ready: () => true,
        forbidden: live.forbidden,
        close,
      };
    },
    onChange: () => () => {},
    namespaceLabels: (namespace) => labelsIn(live, namespace),
    askFor: () => questions.askFor(),
    close: async () => {},
  };
}

const RBAC = 'rbac.authorization.k8s.io';
const LOOKED_UP = [
  { group: RBAC, kind: 'ClusterRoleBinding' },
  { group: RBAC, kind: 'RoleBinding' },
];

/** What keeps findings, as the controller does, until it forgets. */
export interface Keeper {
  readonly store: FindingStore;
  forget(): void;
  fail: boolean;
}

export function keeperAt(now: () => number): Keeper {
  let begun = now();
  let store = createMemoryFindings(begun);
  return {
    fail: false,
    get store() {
      return store;
    },
    forget() {
      begun++;
      store = createMemoryFindings(begun);
    },
  };
}

export interface Running {
  readonly background: Background;
  readonly outbox: Outbox;
  /** Until all is looked at and said. */
  settle(): Promise<void>;
  close(): void;
}

/** An API server that cannot be reached. */
const NOBODY: Pick<Cluster, 'read'> = {
  read: () => Promise.reject(new ClusterError('nobody is there')),
};

let runs = 0;

export function start(
  live: HandmadeObjects,
  keeper: Keeper,
  now: () => number,
  pace: Partial<Pace> = { share: 1, settle: 1 },
  cluster: Pick<Cluster, 'read'> = NOBODY,
): Running {
  let background: Background | undefined;
  const outbox = createOutbox({
    run: `run ${++runs}`,
    async send(batch) {
      if (keeper.fail) throw new Error('nobody is there');
      keeper.store.add(structuredClone(batch));
      return { since: keeper.store.progress().since };
    },
    looked: () => background?.looked() ?? {},
    unlisted: () => background?.unlisted() ?? [],
    heard(_, forgotten) {
      if (forgotten) background?.sayAgain();
    },
    now,
    everyMs: 1,
    idleMs: 20,
  });
  background = createBackground({
    environment: environmentOf(live, cluster),
    outbox,
    now,
    log: () => {},
    pace,
  });
  const made = background;
  return {
    background: made,
    outbox,
    async settle() {
      // Related objects follow a moment later, and what a forgetful store is told anew after the next answer.
      for (let quiet = 0; quiet < 3; quiet = made.waiting + outbox.waiting === 0 ? quiet + 1 : 0) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        await outbox.flush();
      }
    },
    close() {
      made.close();
      outbox.close();
    },
  };
}
