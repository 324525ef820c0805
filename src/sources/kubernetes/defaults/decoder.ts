/** Objects as Go's types hold them, with the defaults of each type. One decoder serves all values of a schema. */
import type { FieldSchema, JsonMap } from '../../../model/index.ts';
import { readFieldSigns } from '../data.ts';
import { CLUSTER } from './cluster.ts';
import { CORE } from './core.ts';
import { type Draft, isMap, type Rule } from './rule.ts';
import { WORKLOADS } from './workloads.ts';

const RULES = new Map<string, Rule>(
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
  readonly present: readonly (readonly [name: string, zero: unknown])[];
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

export function decodeObject(object: JsonMap, schema: FieldSchema, minor: number): Draft {
  return decodeMap(object, decoderOf(schema) as MapDecoder, minor);
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
): (readonly [string, unknown])[] {
  const field = schema.field(name);
  return field === undefined ? [] : [[name, zero(field)]];
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
function decodeMap(map: JsonMap, of: MapDecoder, minor: number): Draft {
  const { fields, present, rule } = of;
  const draft: Draft = {};
  for (const key in map) {
    const value = map[key];
    const { dropped, decoder } = fields.get(key) ?? planOf(key, of);
    if (dropped && isNothing(value)) continue;
    if (decoder !== null && typeof value === 'object' && value !== null)
      draft[key] = decodeValue(value, decoder, minor);
    else set(draft, key, value);
  }
  for (const [name, zero] of present)
    if (draft[name] === undefined) {
      const decoder = zero === EMPTY ? (fields.get(name) ?? planOf(name, of)).decoder : null;
      draft[name] = decoder === null ? zero : decodeValue(EMPTY, decoder, minor);
    }
  rule?.(draft, minor);
  return draft;
}

/** A field that the type does not have stays, though a server of this minor drops it: a newer one may have it. */
function planOf(key: string, { dropped, fields, schema }: MapDecoder): FieldPlan {
  const field = schema.field(key);
  const plan = { dropped: dropped.has(key), decoder: field === undefined ? null : decoderOf(field) };
  fields.set(key, plan);
  return plan;
}

function decodeValue(value: object, decoder: Decoder, minor: number): unknown {
  if ('items' in decoder) {
    if (!Array.isArray(value)) return value;
    const { items } = decoder;
    return value.map((item: unknown) =>
      typeof item === 'object' && item !== null ? decodeValue(item, items, minor) : item,
    );
  }
  return isMap(value) ? decodeMap(value, decoder, minor) : value;
}

function isNothing(value: unknown): boolean {
  if (typeof value !== 'object') return value === '' || value === 0 || value === false;
  if (value === null) return true;
  if (value instanceof Number) return false;
  for (const _ in value) return false;
  return true;
}

/** A plain assignment, except for the one key that would set the prototype. */
function set(draft: Draft, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(draft, key, { value, enumerable: true, configurable: true, writable: true });
  else draft[key] = value;
}
