/** The manifests of folders as an environment that changes: what a cluster would have if somebody applied them all the time. */
import { type FSWatcher, watch } from 'chokidar';
import type { Discovery, LiveName, LiveObjects, LiveState, Problem, Resource } from '../../model/index.ts';
import { parseApiVersion } from '../../policy/index.ts';
import { changesBetween, type PlacedObjects } from './folder-changes.ts';
import { createFolderReader } from './folder-reader.ts';
import { createListeners } from './listeners.ts';

export interface FolderLive extends LiveObjects {
  /**
   * What cannot be read, and objects that several files define. Of a file that can no longer be read, the objects that were
   * last read from it stay.
   */
  problems(): readonly Problem[];
  /** Of which there are objects. */
  kinds(): readonly LiveName[];
  /** What listeners threw. */
  failures(): { readonly count: number; readonly last: unknown };
}

export interface FolderLiveOptions {
  readonly cwd: string;
  /** As a scan has them. */
  readonly exclude?: readonly string[];
  /** Which kinds are namespaced. */
  readonly discovery: Discovery;
  /** Of namespaced objects that name none. Default `default`. */
  readonly defaultNamespace?: string;
  /** Milliseconds since 1970. Default: the clock. */
  readonly now?: () => number;
  /** Without a change for so many milliseconds, changes are read: an editor that saves several files makes one. */
  readonly settleMs?: number;
  /** All is looked at again this often, for changes that the file system does not tell. */
  readonly recheckMs?: number;
}

/** Changes that never end are read all the same. */
const LONGEST_SETTLE_MS = 1_000;

/** Everything has been read once when it is there. @param paths Folders or files, as a scan takes them. */
export async function createFolderLive(
  paths: readonly string[],
  options: FolderLiveOptions,
): Promise<FolderLive> {
  const { now = Date.now, settleMs = 100, recheckMs = 60_000 } = options;
  const listeners = createListeners();
  const reader = createFolderReader(paths, options);
  const placeOf = placer(options);
  const noticed = new Set<string>();
  let objects: PlacedObjects = new Map();
  let problems: readonly Problem[] = [];
  let failure: string | undefined;
  let seenAt = 0;
  let settling: NodeJS.Timeout | undefined;
  let since = 0;

  // Settled once every file is known, so that no change after that is missed.
  const watcher = await watched(paths, options.cwd);
  watcher.on('all', (_, path) => {
    if (noticed.size === 0) since = performance.now();
    noticed.add(path);
    clearTimeout(settling);
    const left = LONGEST_SETTLE_MS - (performance.now() - since);
    settling = setTimeout(refresh, Math.max(0, Math.min(settleMs, left)));
  });
  watcher.on('error', (error) => {
    failure = `the folder is no longer watched: ${error instanceof Error ? error.message : error}`;
  });
  const rechecking = setInterval(refresh, recheckMs);
  refresh();

  function refresh(): void {
    clearTimeout(settling);
    const read = reader.read(noticed);
    noticed.clear();
    seenAt = now();
    const { next, changes, twice } = changesBetween(objects, read.resources, placeOf);
    objects = next;
    problems = [...read.problems, ...twice];
    for (const change of changes) listeners.tell(change);
  }

  function ofKind(kind: LiveName): ReadonlyMap<string, Resource> | undefined {
    return objects.get(`${kind.group}/${kind.kind}`);
  }

  const fits = (resource: Resource, { version }: LiveName) =>
    version === undefined || parseApiVersion(resource.ref.apiVersion).version === version;

  return {
    list: (kind) => [...(ofKind(kind)?.values() ?? [])].filter((resource) => fits(resource, kind)),
    get(kind, namespace, name) {
      const resource = ofKind(kind)?.get(`${namespace}/${name}`);
      return resource !== undefined && fits(resource, kind) ? resource : undefined;
    },
    state: (): LiveState =>
      failure === undefined ? { synced: true, seenAt: now() } : { synced: true, seenAt, problem: failure },
    onChange: listeners.add,
    problems: () => problems,
    kinds: () => [...objects.keys()].map(nameOf),
    failures: listeners.failures,
    async close() {
      clearTimeout(settling);
      clearInterval(rechecking);
      await watcher.close();
    },
  };
}

/** By group and kind, then by the namespace that the object comes to be in. */
function placer({ discovery, defaultNamespace = 'default' }: FolderLiveOptions) {
  return ({ ref }: Resource): readonly [kind: string, place: string] => {
    const { namespaced } = discovery.ofKind(ref.apiVersion, ref.kind, ref.namespace);
    const namespace = namespaced ? ref.namespace || defaultNamespace : '';
    return [`${parseApiVersion(ref.apiVersion).group}/${ref.kind}`, `${namespace}/${ref.name}`];
  };
}

function nameOf(key: string): LiveName {
  const slash = key.indexOf('/');
  return { group: key.slice(0, slash), kind: key.slice(slash + 1) };
}

async function watched(paths: readonly string[], cwd: string): Promise<FSWatcher> {
  const watcher = watch([...paths], {
    cwd,
    ignoreInitial: true,
    ignored: (path) => /(^|[\\/])(\.git|node_modules)([\\/]|$)/.test(path),
  });
  await new Promise<void>((done) => watcher.once('ready', done));
  return watcher;
}
