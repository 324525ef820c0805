/**
 * Objects as the API server has them when admission begins: decoded into Go types and defaulted. What strategies and
 * admission plug-ins add later is not done here.
 */
import type { Defaults, FieldSchema, JsonMap, Schemas } from '../../../model/index.ts';
import { readFieldSigns } from '../data.ts';
import { CLUSTER } from './cluster.ts';
import { CORE } from './core.ts';
import { type Draft, isMap, type Rule } from './rule.ts';
import { WORKLOADS } from './workloads.ts';

const RULES = new Map<string, Rule>(
  Object.entries({ ...CORE, ...WORKLOADS, ...CLUSTER }).map(([name, rule]) => [`io.k8s.api.${name}`, rule]),
);

/** Of the built-in kinds that `schemas` describes, at its Kubernetes minor. */
export function createDefaults(minor: number, schemas: Schemas): Defaults {
  return {
    apply: (apiVersion, kind, object) => {
      const schema = schemas.ofKind(apiVersion, kind);
      // Custom kinds have schemas without names, and defaults of their own.
      if (schema?.name === undefined) return object;
      const decoded = decodeMap(object, schema, minor);
      // What the server itself writes is left to it.
      const { status } = object;
      if (status === undefined) delete decoded['status'];
      else decoded['status'] = status;
      return decoded as JsonMap;
    },
  };
}

function decodeMap(map: JsonMap, schema: FieldSchema, minor: number): Draft {
  const draft: Draft = { ...map };
  const name = schema.name;
  if (name !== undefined) {
    for (const field of fieldsOf(name)) present(draft, field, schema);
    RULES.get(name)?.(draft, minor);
  }
  for (const key of Object.keys(draft)) {
    const field = schema.field(key);
    const value = draft[key];
    // A field that the type does not have is not read at all.
    if (field === undefined && schema.type === 'object' && !schema.open) delete draft[key];
    else if (field !== undefined && typeof value === 'object' && value !== null)
      draft[key] = decodeValue(value, field, minor);
  }
  if (name !== undefined) for (const field of fieldsOf(name)) drop(draft, field);
  return draft;
}

function decodeValue(value: object, schema: FieldSchema, minor: number): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return value;
    return value.map((item: unknown) =>
      typeof item === 'object' && item !== null ? decodeValue(item, items, minor) : item,
    );
  }
  return isMap(value) ? decodeMap(value, schema, minor) : value;
}

interface Field {
  readonly sign: string;
  readonly name: string;
}

const fields = new Map<string, readonly Field[]>();
const NO_FIELDS: readonly Field[] = [];

function fieldsOf(definition: string): readonly Field[] {
  let known = fields.get(definition);
  if (known === undefined) {
    const text = readFieldSigns()[definition];
    known =
      text === undefined ? NO_FIELDS : text.split(' ').map((one) => ({ sign: one[0]!, name: one.slice(1) }));
    fields.set(definition, known);
  }
  return known;
}

/** What Go holds by value is there whether somebody wrote it or not. */
function present(draft: Draft, { sign, name }: Field, schema: FieldSchema): void {
  if (sign === '-' || draft[name] !== undefined) return;
  const field = schema.field(name);
  if (field === undefined) return;
  if (sign === '+') draft[name] = field.type === 'object' || field.type === 'map' ? {} : '0';
  else draft[name] = zeroOf(field);
}

function zeroOf({ type }: FieldSchema): unknown {
  switch (type) {
    case 'string':
      return '';
    case 'integer':
    case 'number':
      return 0;
    case 'boolean':
      return false;
    default:
      return null;
  }
}

/** And left out again when it holds nothing, where it may be. */
function drop(draft: Draft, { sign, name }: Field): void {
  if (sign !== '-' || !(name in draft)) return;
  const value = draft[name];
  const nothing =
    value === '' ||
    value === 0 ||
    value === false ||
    value === null ||
    (typeof value === 'object' && !(value instanceof Number) && Object.keys(value).length === 0);
  if (nothing) delete draft[name];
}
