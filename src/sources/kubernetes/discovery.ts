/** Which resource serves a kind, from the committed tables, from CustomResourceDefinitions, or by client-go's guess. */
import type { Discovery, EquivalentResource, JsonMap, ResourceInfo, Schemas } from '../../model/index.ts';
import { nearestMinor, readDiscoveryData } from './data.ts';
import { customVersions } from './definitions.ts';
import { neighbour } from './neighbours.ts';
import { createSchemas } from './schemas.ts';
import { sameShape } from './shape.ts';

/**
 * Discovery as a cluster of that Kubernetes minor would answer with the CustomResourceDefinitions among `objects`
 * installed. A minor that the tables do not hold is answered by the nearest older one, or the oldest.
 */
export function createDiscovery(minor: number, objects: readonly JsonMap[] = []): Discovery {
  const data = readDiscoveryData();
  const known = nearestMinor(data.minors, minor);
  const resources = data.resources
    .filter(([, mask]) => (mask & known.bit) !== 0)
    .map(([text]) => decode(text))
    .concat(customVersions(objects).map(({ schema: _, ...rest }) => ({ ...rest, guessed: false })));
  const byKind = indexKinds(resources);
  const byResource = index(resources, ({ group, version, resource }) => `${group}/${version}/${resource}`);
  const byIdentity = Map.groupBy(resources, storedAs);
  let schemas: Schemas | undefined;
  return {
    minor: known.minor,
    ofKind(apiVersion, kind, namespace = '') {
      // The core group may be written as the empty name it has.
      const found = byKind.get(apiVersion.startsWith('/') ? apiVersion.slice(1) : apiVersion)?.get(kind);
      if (found !== undefined) return found;
      const { group, version } = splitVersion(apiVersion);
      const other = neighbour(group, version, kind);
      if (other !== undefined) return other;
      const groups = [group, ...(group === 'extensions' ? MOVED_FROM_EXTENSIONS : [])];
      const relative = resources.find((other) => groups.includes(other.group) && other.kind === kind);
      return {
        group,
        version,
        kind,
        resource: relative?.resource ?? guessPlural(kind),
        namespaced: relative?.namespaced ?? namespace !== '',
        subresources: relative?.subresources ?? [],
        guessed: true,
      };
    },
    meant: (apiVersion, kind) => meantKind(apiVersion, kind, byKind, resources),
    ofResource(group, version, resource) {
      return byResource.get(`${group}/${version}/${resource}`);
    },
    equivalents(resource) {
      const others = (byIdentity.get(storedAs(resource)) ?? []).filter(
        (other) => other.group !== resource.group || other.version !== resource.version,
      );
      return others.map((other): EquivalentResource => {
        schemas ??= createSchemas(minor, objects);
        return { ...other, sameShape: sameShape(schemaOf(schemas, resource), schemaOf(schemas, other)) };
      });
    },
  };
}

/** Kubernetes' own resources, of every version that the tables hold. */
export function builtInResources(): ResourceInfo[] {
  return readDiscoveryData().resources.map(([text]) => decode(text));
}

/** Where the kinds of the group `extensions` went; manifests that still name it keep their resource and scope. */
const MOVED_FROM_EXTENSIONS = ['apps', 'networking.k8s.io', 'policy'];

/**
 * Resources that share their storage are one resource to matchPolicy Equivalent: the versions of a group, and the two
 * groups of events.
 */
function storedAs({ group, resource }: ResourceInfo): string {
  return resource === 'events' && group === 'events.k8s.io' ? '/events' : `${group}/${resource}`;
}

function schemaOf(schemas: Schemas, { group, version, kind }: ResourceInfo) {
  return schemas.ofKind(group === '' ? version : `${group}/${version}`, kind);
}

/**
 * The same letters, or one that is wrong in a word of at least four: a kind that is new in a later Kubernetes has another
 * name altogether.
 */
function meantKind(
  apiVersion: string,
  kind: string,
  byKind: ReadonlyMap<string, ReadonlyMap<string, ResourceInfo>>,
  resources: readonly ResourceInfo[],
): string | undefined {
  const kinds = byKind.get(apiVersion);
  if (kinds === undefined || kinds.has(kind)) return undefined;
  const lower = kind.toLowerCase();
  for (const known of kinds.keys()) if (known.toLowerCase() === lower) return known;
  const elsewhere = resources.filter((other) => other.kind === kind && !other.guessed);
  const [other] = elsewhere;
  // `v1 Event` and `events.k8s.io/v1 Event` are both there; a kind of one group only has one right apiVersion.
  if (other !== undefined && elsewhere.every(({ group }) => group === other.group))
    return `${other.group === '' ? '' : `${other.group}/`}${newest(elsewhere)} ${kind}`;
  return kind.length < 4
    ? undefined
    : [...kinds.keys()].find((known) => isOneOff(lower, known.toLowerCase()));
}

/** Stable versions stand first in the tables of a group. */
function newest(resources: readonly ResourceInfo[]): string {
  return (resources.find(({ version }) => /^v\d+$/.test(version)) ?? resources[0]!).version;
}

/** Whether one letter too many, too few or different, or two swapped, is all that keeps two words apart. */
function isOneOff(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const tails = (i: number, j: number) => a.slice(start + i) === b.slice(start + j);
  const swapped = a[start] === b[start + 1] && a[start + 1] === b[start] && tails(2, 2);
  return tails(1, 1) || tails(1, 0) || tails(0, 1) || swapped;
}

function decode(text: string): ResourceInfo {
  const [group, version, kind, resource, scope, ...subresources] = text.split(' ') as [
    string,
    string,
    string,
    string,
    string,
    ...string[],
  ];
  return { group, version, kind, resource, namespaced: scope === 'namespaced', subresources, guessed: false };
}

function index(
  resources: readonly ResourceInfo[],
  key: (resource: ResourceInfo) => string,
): Map<string, ResourceInfo> {
  const map = new Map<string, ResourceInfo>();
  // Built-in resources stand first and win, as they do in an API server.
  for (const resource of resources) if (!map.has(key(resource))) map.set(key(resource), resource);
  return map;
}

/** By apiVersion, then kind: every object asks, so no key is put together for it. */
function indexKinds(resources: readonly ResourceInfo[]): Map<string, Map<string, ResourceInfo>> {
  const byVersion = Map.groupBy(resources, ({ group, version }) =>
    group === '' ? version : `${group}/${version}`,
  );
  return new Map([...byVersion].map(([version, kinds]) => [version, index(kinds, ({ kind }) => kind)]));
}

/** `apps/v1` → group and version; `v1` is of the core group, whose name is empty. */
function splitVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash === -1
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** client-go's guess of a plural (apimachinery pkg/api/meta, UnsafeGuessKindToResource). */
export function guessPlural(kind: string): string {
  const singular = kind.toLowerCase();
  if (singular === '' || singular.endsWith('endpoints')) return singular;
  if (singular.endsWith('s')) return `${singular}es`;
  if (singular.endsWith('y')) return `${singular.slice(0, -1)}ies`;
  return `${singular}s`;
}
