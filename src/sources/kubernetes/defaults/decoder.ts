/**
 * Objects as Go's types hold them, with the defaults of each type. One decoder serves all values of a schema. What
 * changes is copied; the rest, which is most of an object, is shared with what was read.
 */
import type { FieldSchema, JsonMap } from '../../../model/index.ts';
import { readFieldSigns } from '../data.ts';
import { CLUSTER } from './cluster.ts';
import { CORE } from './core.ts';
import { copyOf, type Draft, isMap, type Rule } from './rule.ts';
import { WORKLOADS } from './workloads.ts';

export const RULES = new Map<string, Rule>(
  Object.entries({ ...CORE, ...WORKLOADS, ...CLUSTER }).map(([name, rule]) => [`io.k8s.api.${name}`, rule]),
);

/** Decodes one value; null where nothing can ever change. */
type Decoder = MapDecoder | ListDecoder;

interface ListDecoder {
  readonly items: Decoder;
}

interface MapDecoder {
  readonly schema: FieldSchema;
  readonly rule: Rule | undefined;
  /** Fields that Go holds by value: there whether somebody wrote them or not. */
  readonly present: readonly { readonly name: string; readonly zero: unknown }[];
  /** Fields that are left out when they hold nothing. */
  readonly dropped: ReadonlySet<string>;
  /** The fields met so far. */
  readonly fields: Map<string, FieldPlan>;
}

interface FieldPlan {
  readonly dropped: boolean;
  readonly decoder: Decoder | null;
}

const decoders = new Map<FieldSchema, Decoder | null>();
const roots = new Map<FieldSchema, MapDecoder>();

/** The very same object when nothing of it changes. */
export function decodeObject(object: JsonMap, schema: FieldSchema, minor: number): JsonMap {
  let root = roots.get(schema);
  if (root === undefined) {
    root = makeRoot(schema);
    roots.set(schema, root);
  }
  return decodeMap(object, root, minor);
}

/** What the server itself writes is left to it. */
function makeRoot(schema: FieldSchema): MapDecoder {
  const { present, ...rest } = makeDecoder(schema) as MapDecoder;
  return {
    ...rest,
    present: present.filter(({ name }) => name !== 'status'),
    fields: new Map([['status', { dropped: false, decoder: null }]]),
  };
}

function decoderOf(schema: FieldSchema): Decoder | null {
  let decoder = decoders.get(schema);
  if (decoder === undefined) {
    decoder = makeDecoder(schema);
    decoders.set(schema, decoder);
  }
  return decoder;
}

function makeDecoder(schema: FieldSchema): Decoder | null {
  if (schema.type === 'array') {
    const items = schema.items === undefined ? null : decoderOf(schema.items);
    return items === null ? null : { items };
  }
  // Maps by any key hold scalars, but for what no rule is about.
  if (schema.type !== 'object' || schema.name === undefined) return null;
  const signs = (readFieldSigns()[schema.name] ?? '').split(' ');
  const signed = (sign: string) => signs.filter((one) => one[0] === sign).map((one) => one.slice(1));
  return {
    schema,
    rule: RULES.get(schema.name),
    present: [
      ...signed('+').flatMap((name) => zeroOf(schema, name, structZero)),
      ...signed('0').flatMap((name) => zeroOf(schema, name, valueZero)),
    ],
    dropped: new Set(signed('-')),
    fields: new Map(),
  };
}

function zeroOf(
  schema: FieldSchema,
  name: string,
  zero: (field: FieldSchema) => unknown,
): { name: string; zero: unknown }[] {
  const field = schema.field(name);
  return field === undefined ? [] : [{ name, zero: zero(field) }];
}

const EMPTY = Object.freeze({});

/** A quantity is a struct that writes itself as a number. */
function structZero({ type }: FieldSchema): unknown {
  return type === 'object' || type === 'map' ? EMPTY : '0';
}

function valueZero({ type }: FieldSchema): unknown {
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

/** Fields first, then what their owner says of them: its rule may change what is in it. */
function decodeMap(map: JsonMap, of: MapDecoder, minor: number): JsonMap {
  const { fields, present, rule } = of;
  let draft: Draft | undefined;
  for (const key in map) {
    const value = map[key];
    // A scalar that says something stays, whichever field it is in.
    if (typeof value !== 'object' && value) continue;
    const { dropped, decoder } = fields.get(key) ?? planOf(key, of);
    if (dropped && isNothing(value)) draft = without(draft ?? map, key);
    else if (decoder !== null && typeof value === 'object' && value !== null) {
      const decoded = decodeValue(value, decoder, minor);
      if (decoded === value) continue;
      draft ??= copyOf(map);
      draft[key] = decoded;
    }
  }
  for (const { name, zero } of present)
    if ((draft ?? map)[name] === undefined) {
      const decoder = zero === EMPTY ? (fields.get(name) ?? planOf(name, of)).decoder : null;
      draft ??= copyOf(map);
      draft[name] = decoder === null ? zero : decodeValue(EMPTY, decoder, minor);
    }
  if (rule !== undefined) {
    draft ??= copyOf(map);
    rule(draft, minor);
  }
  return draft ?? map;
}

/** A field that the type does not have stays, though a server of this minor drops it: a newer one may have it. */
function planOf(key: string, { dropped, fields, schema }: MapDecoder): FieldPlan {
  const field = schema.field(key);
  const plan = { dropped: dropped.has(key), decoder: field === undefined ? null : decoderOf(field) };
  fields.set(key, plan);
  return plan;
}

function decodeValue(value: object, decoder: Decoder, minor: number): unknown {
  if ('items' in decoder) return Array.isArray(value) ? decodeList(value, decoder.items, minor) : value;
  return isMap(value) ? decodeMap(value, decoder, minor) : value;
}

function decodeList(list: readonly unknown[], items: Decoder, minor: number): readonly unknown[] {
  let draft: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const item = list[index];
    if (typeof item !== 'object' || item === null) continue;
    const decoded = decodeValue(item, items, minor);
    if (decoded === item) continue;
    draft ??= [...list];
    draft[index] = decoded;
  }
  return draft ?? list;
}

function isNothing(value: unknown): boolean {
  if (typeof value !== 'object') return value === '' || value === 0 || value === false;
  if (value === null) return true;
  if (value instanceof Number) return false;
  for (const _ in value) return false;
  return true;
}

function without(map: JsonMap, key: string): Draft {
  const { [key]: _, ...rest } = map;
  return rest;
}
