/**
 * What structured merging knows of a field: how its values are merged, and which values it takes. Source: k8s.io/
 * kube-openapi pkg/schemaconv, which makes the same of the OpenAPI that the API server publishes.
 */
import type { FieldSchema } from '../../model/index.ts';

/** Which kinds of values a field takes; several where its type says nothing. */
export interface Atom {
  readonly scalar?: Scalar;
  readonly list?: ListAtom;
  readonly map?: MapAtom;
}

export type Scalar = 'numeric' | 'string' | 'boolean' | 'untyped';

export interface ListAtom {
  /** Replaced as a whole. Otherwise items are told apart: by keys if there are some, by value if there are none. */
  readonly atomic: boolean;
  readonly keys: readonly string[];
  readonly items: () => Atom;
}

export interface MapAtom {
  readonly atomic: boolean;
  /** Of a declared field. */
  readonly field: (name: string) => Atom | undefined;
  /** Of keys that are not declared; undefined: there must be none. */
  readonly rest: (() => Atom) | undefined;
  /** What a declared field is where it is absent. */
  readonly default: (name: string) => unknown;
}

const NO_FIELD = () => undefined;

/** Nothing is known: any value, replaced as a whole. */
const UNTYPED: Atom = {
  scalar: 'untyped',
  list: { atomic: true, keys: [], items: () => UNTYPED },
  map: { atomic: true, field: NO_FIELD, rest: () => UNTYPED, default: NO_FIELD },
};

/** Nothing is known, and maps are merged all the same. */
const DEDUCED: Atom = {
  scalar: 'untyped',
  list: { atomic: true, keys: [], items: () => UNTYPED },
  map: { atomic: false, field: NO_FIELD, rest: () => DEDUCED, default: NO_FIELD },
};

const known = new WeakMap<FieldSchema, Atom>();
const knownOpen = new WeakMap<FieldSchema, Atom>();

/**
 * @param open Whether something above it keeps unknown fields: then all below does, up to a definition of Kubernetes.
 */
export function atomOf(schema: FieldSchema, open = false): Atom {
  const opens = (open && !isDefinition(schema)) || schema.open;
  const cache = opens ? knownOpen : known;
  let atom = cache.get(schema);
  if (atom === undefined) {
    atom = makeAtom(schema, opens);
    cache.set(schema, atom);
  }
  return atom;
}

const PREFIX = 'io.k8s.';

function isDefinition({ name }: FieldSchema): boolean {
  return name?.startsWith(PREFIX) === true;
}

function makeAtom(schema: FieldSchema, open: boolean): Atom {
  if (schema.name === 'io.k8s.apimachinery.pkg.runtime.RawExtension') return UNTYPED;
  switch (schema.type) {
    case 'integer':
    case 'number':
      return { scalar: 'numeric' };
    case 'boolean':
      return { scalar: 'boolean' };
    case 'string':
      return { scalar: schema.format === undefined || schema.format === 'byte' ? 'string' : 'untyped' };
    case 'int-or-string':
      return { scalar: 'untyped' };
    case 'array':
      return { list: listOf(schema, open) };
    case 'object':
    case 'map':
      return { map: mapOf(schema, open) };
    default:
      return { scalar: 'untyped', list: listOf(schema, open), map: mapOf(schema, open) };
  }
}

function listOf({ listType, listMapKeys, items }: FieldSchema, open: boolean): ListAtom {
  return {
    atomic: listType !== 'set' && listType !== 'map',
    keys: listType === 'map' ? listMapKeys : [],
    items: () => (items === undefined ? UNTYPED : atomOf(items, open)),
  };
}

function mapOf(schema: FieldSchema, open: boolean): MapAtom {
  const { atomic, values } = schema;
  const declared = new Set(schema.fieldNames);
  const free = schema.type !== 'map' && (open || declared.size === 0);
  const fieldOf = (name: string) => (declared.has(name) ? schema.field(name) : undefined);
  return {
    atomic,
    field: (name) => {
      const field = fieldOf(name);
      return field === undefined ? undefined : atomOf(field, open);
    },
    rest:
      schema.type === 'map'
        ? () => (values === undefined ? DEDUCED : restOf(values, open))
        : free
          ? () => DEDUCED
          : undefined,
    default: (name) => {
      const field = fieldOf(name);
      if (field === undefined || field.default !== undefined) return field?.default;
      // Go writes such fields whether or not they are set, so that OpenAPI has the zero value for their default.
      const written = isDefinition(schema) && schema.required.includes(name);
      if (!written) return undefined;
      return field.type === 'string' ? '' : field.type === 'integer' ? 0 : undefined;
    },
  };
}

/** `additionalProperties: true` is no schema: what is in there is deduced. */
function restOf(values: FieldSchema, open: boolean): Atom {
  return values.type === 'any' && values.name === undefined ? DEDUCED : atomOf(values, open);
}
