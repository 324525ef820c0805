/** The shapes of kinds: built-in ones from the committed table, custom ones from their definitions. */
import type { FieldSchema, FieldType, JsonMap, Schemas } from '../../model/index.ts';
import { type EncodedDefinition, nearestMinor, readSchemaData } from './data.ts';
import { type CustomVersion, customVersions } from './definitions.ts';
import { openApiSchema } from './openapi.ts';

/**
 * Schemas as a cluster of that Kubernetes minor would publish them with the CustomResourceDefinitions among `objects`
 * installed. The table is read when a built-in kind is first asked for.
 */
export function createSchemas(minor: number, objects: readonly JsonMap[] = []): Schemas {
  const custom = new Map<string, CustomVersion>();
  for (const one of customVersions(objects)) {
    const key = `${one.group}/${one.version}/${one.kind}`;
    // The first is the one that discovery goes by; one by name alone describes nothing.
    if (one.schema !== undefined && !custom.has(key)) custom.set(key, one);
  }
  const customBuilt = new Map<string, FieldSchema>();
  let builtIn: BuiltIn | undefined;
  return {
    ofKind(apiVersion, kind) {
      const key = `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}/${kind}`;
      builtIn ??= readBuiltIn(minor);
      const name = builtIn.kinds.get(key);
      if (name !== undefined) return builtIn.definition(name);
      const { schema, keepsUnknown } = custom.get(key) ?? {};
      if (schema === undefined) return undefined;
      if (!customBuilt.has(key))
        customBuilt.set(key, openApiSchema(schema, builtIn.definition(OBJECT_META), keepsUnknown));
      return customBuilt.get(key);
    },
  };
}

const OBJECT_META = '~apis.meta.v1.ObjectMeta';

interface BuiltIn {
  readonly kinds: ReadonlyMap<string, string>;
  /** By short name; the same object each time. */
  definition(name: string): FieldSchema;
}

const builtIns = new Map<number, BuiltIn>();

/** Decoded once a minor, however many ask. */
function readBuiltIn(minor: number): BuiltIn {
  const data = readSchemaData();
  const { bit } = nearestMinor(data.minors, minor);
  const ready = builtIns.get(bit);
  if (ready !== undefined) return ready;
  const kinds = new Map<string, string>();
  for (const [text, mask] of data.kinds) {
    const space = text.indexOf(' ');
    if ((mask & bit) !== 0) kinds.set(text.slice(0, space), text.slice(space + 1));
  }
  const encoded = new Map<string, EncodedDefinition>();
  for (const [name, mask, definition] of data.definitions)
    if ((mask & bit) !== 0) encoded.set(name, definition);
  const built = new Map<string, FieldSchema>();
  const definition = (name: string): FieldSchema => {
    const ready = built.get(name);
    if (ready !== undefined) return ready;
    const schema = decodeDefinition(name, encoded.get(name) ?? 'any', definition);
    built.set(name, schema);
    return schema;
  };
  const builtIn = { kinds, definition };
  builtIns.set(bit, builtIn);
  return builtIn;
}

type Resolve = (name: string) => FieldSchema;

const EMPTY: readonly string[] = [];

function decodeDefinition(short: string, encoded: EncodedDefinition, resolve: Resolve): FieldSchema {
  const name = fullName(short);
  if (typeof encoded === 'string') return { ...decodeType(encoded, resolve), name };
  const types = new Map<string, string>();
  const required: string[] = [];
  for (const [field, type] of Object.entries(encoded)) {
    if (field === '') continue;
    const plain = field.startsWith('!') ? field.slice(1) : field;
    if (plain !== field) required.push(plain);
    types.set(plain, type);
  }
  const built = new Map<string, FieldSchema>();
  return {
    ...leaf('object'),
    name,
    fieldNames: [...types.keys()],
    required,
    atomic: encoded[''] === 'atomic',
    field(field) {
      const type = types.get(field);
      if (type === undefined) return undefined;
      if (!built.has(field)) built.set(field, decodeType(type, resolve));
      return built.get(field);
    },
  };
}

function decodeType(text: string, resolve: Resolve): FieldSchema {
  if (text.startsWith('+')) return { ...decodeType(text.slice(1), resolve), always: true };
  if (text.startsWith('atomic ')) return { ...decodeType(text.slice(7), resolve), atomic: true };
  const rest = text.slice(1);
  switch (text[0]) {
    case '@':
      return resolve(rest);
    case '{':
      return mapOf(rest, resolve);
    case '[':
      return listOf(rest, resolve);
    default: {
      const [words, given] = text.split(' =') as [string, string?];
      const [type, format] = words.split(' ') as [FieldType, string?];
      const open = type === 'object' || type === 'any';
      return {
        ...leaf(type),
        open,
        ...(format === undefined ? {} : { format }),
        ...(given === undefined ? {} : { default: JSON.parse(given) as unknown }),
      };
    }
  }
}

function mapOf(valueType: string, resolve: Resolve): FieldSchema {
  const values = lazy(() => decodeType(valueType, resolve));
  return {
    ...leaf('map'),
    get values() {
      return values();
    },
    field: () => values(),
  };
}

function listOf(text: string, resolve: Resolve): FieldSchema {
  const match = /^(?:(atomic|set|map) )?(.*)$/.exec(text)!;
  const listType = match[1] as FieldSchema['listType'];
  const [keys, itemType] =
    listType === 'map' ? (match[2]!.split(' ', 2) as [string, string]) : ['', match[2]!];
  const itemText = listType === 'map' ? match[2]!.slice(keys.length + 1) : itemType;
  const items = lazy(() => decodeType(itemText, resolve));
  return {
    ...leaf('array'),
    ...(listType === undefined ? {} : { listType }),
    listMapKeys: listType === 'map' ? keys.split(',') : EMPTY,
    get items() {
      return items();
    },
  };
}

/** A schema without anything in it. */
function leaf(type: FieldType): FieldSchema {
  return {
    type,
    fieldNames: EMPTY,
    required: EMPTY,
    listMapKeys: EMPTY,
    atomic: false,
    open: false,
    field: () => undefined,
  };
}

function lazy<T>(make: () => T): () => T {
  let value: { readonly made: T } | undefined;
  return () => {
    value ??= { made: make() };
    return value.made;
  };
}

function fullName(short: string): string {
  if (short.startsWith(':')) return short.slice(1);
  return short.startsWith('~') ? `io.k8s.apimachinery.pkg.${short.slice(1)}` : `io.k8s.api.${short}`;
}
