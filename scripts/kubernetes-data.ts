/**
 * Makes data/kubernetes/{discovery,schemas}.json from the API descriptions in Kubernetes' own source releases:
 *
 *     node scripts/kubernetes-data.ts
 *
 * Needs Go on the path and its module proxy. The output depends on RELEASES alone.
 *
 * Both files hold all minors at once: every entry names the minors it is true for as a bit mask (bit 0 is the first of
 * `minors`), so what did not change stands there once.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const RELEASES = ['v1.34.4', 'v1.35.4', 'v1.36.3', 'v1.37.2'];

interface ApiKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

interface ApiResource extends ApiKind {
  readonly resource: string;
  readonly namespaced: boolean;
  readonly subresources: readonly string[];
  readonly subresourceKinds: readonly ApiKind[];
}

interface OpenApi {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Record<string, OpenApi>;
  readonly additionalProperties?: OpenApi;
  readonly items?: OpenApi;
  readonly required?: readonly string[];
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: string;
  readonly 'x-kubernetes-group-version-kind'?: readonly ApiKind[];
}

/** Encoded definition: fields as `name: type`, `!` before the name of a required one. */
type Encoded = string | { readonly [field: string]: string };

function main(): void {
  const folder = join(import.meta.dirname, '..', 'data', 'kubernetes');
  const minors = RELEASES.map((release) => Number(release.split('.')[1]));
  const kinds = new Masks<string>();
  const resources = new Masks<string>();
  const definitions = new Map<string, Masks<string>>();
  RELEASES.forEach((release, bit) => {
    const root = download(release);
    const found = readDiscovery(root);
    const swagger = readJson(join(root, 'api/openapi-spec/swagger.json')) as {
      definitions: Record<string, OpenApi>;
    };
    const defaults = readDefaults(root);
    for (const resource of found) resources.add(encodeResource(resource), bit);
    const roots = kindDefinitions(found, swagger.definitions);
    for (const [kind, name] of roots) kinds.add(`${kind} ${shortName(name)}`, bit);
    for (const name of reachable([...roots.values()], swagger.definitions)) {
      const short = shortName(name);
      if (!definitions.has(short)) definitions.set(short, new Masks());
      const encoded = encodeDefinition(name, swagger.definitions, defaults.get(name) ?? {});
      definitions.get(short)!.add(JSON.stringify(encoded), bit);
    }
  });
  const origin = `k8s.io/kubernetes ${RELEASES.join(', ')}`;
  writeLines(join(folder, 'discovery.json'), { origin, minors }, 'resources', resources.entries());
  const encoded = [...definitions.keys()].sort().flatMap((name) =>
    definitions
      .get(name)!
      .entries()
      .map(([text, mask]) => [name, mask, JSON.parse(text) as Encoded]),
  );
  writeLines(
    join(folder, 'schemas.json'),
    { origin, minors, kinds: kinds.entries() },
    'definitions',
    encoded,
  );
}

/** Texts with the set of releases in which they hold. */
class Masks<T extends string> {
  readonly #masks = new Map<T, number>();
  add(text: T, bit: number): void {
    this.#masks.set(text, (this.#masks.get(text) ?? 0) | (1 << bit));
  }
  entries(): [T, number][] {
    return [...this.#masks].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  }
}

/** What fields are where they are absent, by definition; only OpenAPI v3 says. */
type Defaults = Readonly<Record<string, unknown>>;

function readDefaults(root: string): Map<string, Defaults> {
  const folder = join(root, 'api/openapi-spec/v3');
  const result = new Map<string, Defaults>();
  for (const file of readdirSync(folder)) {
    const { components } = readJson(join(folder, file)) as {
      components?: {
        schemas?: Record<string, { properties?: Record<string, { default?: unknown }> }>;
      };
    };
    for (const [name, { properties = {} }] of Object.entries(components?.schemas ?? {})) {
      const defaults = Object.entries(properties).map(([field, schema]) => [field, schema.default]);
      result.set(name, Object.fromEntries(defaults) as Defaults);
    }
  }
  return result;
}

function download(release: string): string {
  const output = execFileSync('go', ['mod', 'download', '-json', `k8s.io/kubernetes@${release}`], {
    encoding: 'utf8',
  });
  return (JSON.parse(output) as { Dir: string }).Dir;
}

interface Aggregated {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly scope: string;
        readonly responseKind: ApiKind;
        readonly subresources?: readonly { readonly subresource: string; readonly responseKind: ApiKind }[];
      }[];
    }[];
  }[];
}

interface ResourceList {
  readonly resources: readonly {
    readonly name: string;
    readonly namespaced: boolean;
    readonly kind: string;
    readonly group?: string;
    readonly version?: string;
  }[];
}

function readDiscovery(root: string): ApiResource[] {
  const aggregated = readJson(join(root, 'api/discovery/aggregated_v2.json')) as Aggregated;
  const found: ApiResource[] = coreResources(
    readJson(join(root, 'api/discovery/api__v1.json')) as ResourceList,
  );
  for (const item of aggregated.items) {
    const group = item.metadata.name ?? '';
    if (group === '') continue;
    for (const { version, resources = [] } of item.versions) {
      for (const entry of resources) {
        const subresources = entry.subresources ?? [];
        found.push({
          group,
          version,
          kind: entry.responseKind.kind,
          resource: entry.resource,
          namespaced: entry.scope === 'Namespaced',
          subresources: subresources.map((sub) => sub.subresource).sort(),
          subresourceKinds: subresources.map(({ responseKind }) => ({
            group: responseKind.group || group,
            version: responseKind.version || version,
            kind: responseKind.kind,
          })),
        });
      }
    }
  }
  return found;
}

function coreResources({ resources }: ResourceList): ApiResource[] {
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map(({ name, namespaced, kind }) => {
      const subresources = resources.filter((other) => other.name.startsWith(`${name}/`));
      return {
        group: '',
        version: 'v1',
        kind,
        resource: name,
        namespaced,
        subresources: subresources.map((sub) => sub.name.slice(name.length + 1)).sort(),
        subresourceKinds: subresources.map((sub) => ({
          group: sub.group ?? '',
          version: sub.version ?? 'v1',
          kind: sub.kind,
        })),
      };
    });
}

function encodeResource(resource: ApiResource): string {
  const { group, version, kind, namespaced, subresources } = resource;
  const scope = namespaced ? 'namespaced' : 'cluster';
  return [group, version, kind, resource.resource, scope, ...subresources].join(' ');
}

/** `group/version/kind` of every kind that can be written → name of its definition. */
function kindDefinitions(
  found: readonly ApiResource[],
  definitions: Record<string, OpenApi>,
): Map<string, string> {
  const wanted = new Set(found.flatMap((resource) => [resource, ...resource.subresourceKinds]).map(kindKey));
  const roots = new Map<string, string>();
  for (const [name, definition] of Object.entries(definitions)) {
    for (const kind of definition['x-kubernetes-group-version-kind'] ?? []) {
      if (wanted.has(kindKey(kind))) roots.set(kindKey(kind), name);
    }
  }
  return roots;
}

function kindKey({ group, version, kind }: ApiKind): string {
  return `${group}/${version}/${kind}`;
}

function reachable(roots: readonly string[], definitions: Record<string, OpenApi>): Set<string> {
  const seen = new Set<string>();
  const queue = [...roots];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    JSON.stringify(definitions[name], (key, value: unknown) => {
      if (key === '$ref' && typeof value === 'string') queue.push(refName(value));
      return value;
    });
  }
  return seen;
}

function encodeDefinition(name: string, definitions: Record<string, OpenApi>, defaults: Defaults): Encoded {
  const definition = definitions[name]!;
  // OpenAPI calls it a string; the API server reads numbers as well.
  if (name.endsWith('.api.resource.Quantity')) return 'int-or-string quantity';
  if (definition.properties === undefined) return encodeType(definition);
  const required = new Set(definition.required ?? []);
  const fields: [string, string][] = Object.keys(definition.properties)
    .sort()
    .map((name) => {
      const type = encodeType(definition.properties![name]!);
      const always = isStruct(definition.properties![name]!, definitions) && isEmpty(defaults[name]);
      return [
        required.has(name) ? `!${name}` : name,
        `${always ? '+' : ''}${type}${encodeDefault(defaults[name])}`,
      ];
    });
  if (definition['x-kubernetes-map-type'] === 'atomic') fields.unshift(['', 'atomic']);
  return Object.fromEntries(fields);
}

function isStruct({ $ref }: OpenApi, definitions: Record<string, OpenApi>): boolean {
  return $ref !== undefined && definitions[refName($ref)]!.properties !== undefined;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Zero values say nothing that the type does not. */
function encodeDefault(value: unknown): string {
  return value === undefined || typeof value === 'object' || !value ? '' : ` =${JSON.stringify(value)}`;
}

/**
 * A type as text: `string`, `string date-time`, `integer int32`, `int-or-string`, `any`, `object` (free-form), `@Name`,
 * `{T` (map), `[T` (list), `[set T`, `[atomic T`, `[map k1,k2 T`; a leading `atomic ` for maps and references that are
 * replaced as a whole, a leading `+` for a field that Go writes even when it is empty, and ` =VALUE` for its default.
 */
function encodeType(schema: OpenApi): string {
  const atomic = schema['x-kubernetes-map-type'] === 'atomic' ? 'atomic ' : '';
  if (schema.$ref !== undefined) return `${atomic}@${shortName(refName(schema.$ref))}`;
  switch (schema.type) {
    case 'array': {
      const kind = schema['x-kubernetes-list-type'];
      const keys = schema['x-kubernetes-list-map-keys'];
      const prefix = kind === undefined ? '' : kind === 'map' ? `map ${keys!.join(',')} ` : `${kind} `;
      return `[${prefix}${encodeType(schema.items ?? {})}`;
    }
    case 'object':
      return schema.additionalProperties === undefined
        ? `${atomic}object`
        : `${atomic}{${encodeType(schema.additionalProperties)}`;
    case 'string':
      if (schema.format === 'int-or-string') return 'int-or-string';
      return schema.format === undefined ? 'string' : `string ${schema.format}`;
    case 'integer':
    case 'number':
    case 'boolean':
      return schema.format === undefined ? schema.type : `${schema.type} ${schema.format}`;
    case undefined:
      return 'any';
    default:
      throw new Error(`no encoding for type ${schema.type}`);
  }
}

function refName(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}

/** Names lose the two prefixes that almost all of them have; src/sources/kubernetes/schemas.ts puts them back. */
function shortName(name: string): string {
  if (name.startsWith('io.k8s.api.')) return name.slice('io.k8s.api.'.length);
  if (name.startsWith('io.k8s.apimachinery.pkg.')) return `~${name.slice('io.k8s.apimachinery.pkg.'.length)}`;
  return `:${name}`;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** One entry a line, so that a new release shows as a readable difference. */
function writeLines(path: string, head: object, name: string, entries: readonly unknown[]): void {
  const opening = JSON.stringify(head).slice(0, -1);
  const lines = entries.map((entry) => JSON.stringify(entry)).join(',\n');
  writeFileSync(path, `${opening},"${name}":[\n${lines}\n]}\n`);
}

main();
