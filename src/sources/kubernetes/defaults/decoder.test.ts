/** Against a decoder that copies everything, on objects drawn from the schemas of kinds: sharing may not show. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { type GeneratorValue } from 'fast-check';
import type { FieldSchema, JsonMap } from '../../../model/index.ts';
import { readFieldSigns } from '../data.ts';
import { createSchemas } from '../schemas.ts';
import { decodeObject, RULES } from './decoder.ts';
import { type Draft, isMap } from './rule.ts';

const MINOR = 37;
const schemas = createSchemas(MINOR);

const KINDS = [
  ['v1', 'Pod'],
  ['v1', 'ReplicationController'],
  ['v1', 'Service'],
  ['v1', 'PersistentVolume'],
  ['v1', 'LimitRange'],
  ['v1', 'Namespace'],
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'DaemonSet'],
  ['apps/v1', 'StatefulSet'],
  ['batch/v1', 'Job'],
  ['batch/v1', 'CronJob'],
  ['autoscaling/v2', 'HorizontalPodAutoscaler'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
  ['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration'],
] as const;

/** Nearly every object of a list or a spec is worth having; of dozens of fields a few are. */
const RICH = ['spec', 'template', 'metadata', 'containers', 'jobTemplate', 'webhooks', 'labels', 'resources'];

function draw(schema: FieldSchema, pick: GeneratorValue, depth: number): unknown {
  const one = <T>(...values: readonly T[]): T => pick(fc.constantFrom, ...values);
  // What nobody should write is written.
  if (pick(fc.nat, { max: 40 }) === 0) return one<unknown>(null, '', 0, false, [], {}, 'x', 7);
  switch (schema.type) {
    case 'array': {
      const { items } = schema;
      if (items === undefined || depth === 0) return [];
      return Array.from({ length: pick(fc.nat, { max: 2 }) }, () => draw(items, pick, depth - 1));
    }
    case 'object':
      return depth === 0 ? {} : drawMap(schema, pick, depth);
    case 'map':
      return one<unknown>({}, { cpu: '1' }, { app: 'a', memory: '' });
    case 'boolean':
      return one(true, false);
    case 'integer':
    case 'number':
      return one(0, 1, 80, -1);
    default:
      return one('', 'RollingUpdate', 'nginx', 'nginx:1', 'ClientIP', 'LoadBalancer', 'Container', 'User');
  }
}

function drawMap(schema: FieldSchema, pick: GeneratorValue, depth: number): JsonMap {
  const map: Record<string, unknown> = {};
  for (const name of schema.fieldNames) {
    const chance = RICH.includes(name) ? 9 : 1;
    if (pick(fc.nat, { max: 9 }) < chance) map[name] = draw(schema.field(name)!, pick, depth - 1);
  }
  return map;
}

/** Every map and list anew, and then changed as it is. */
function decodedPlainly(object: JsonMap, schema: FieldSchema): JsonMap {
  const decoded = plainMap(structuredClone(object), schema, true);
  if (object['status'] === undefined) delete decoded['status'];
  else decoded['status'] = object['status'];
  return decoded;
}

function plainMap(map: JsonMap, schema: FieldSchema, root = false): Draft {
  const signs = (readFieldSigns()[schema.name!] ?? '').split(' ');
  const draft: Draft = {};
  for (const [key, value] of Object.entries(map)) {
    const field = schema.field(key);
    const isNothing = !value || (isMap(value) && Object.keys(value).length === 0) || isEmptyList(value);
    if (isNothing && signs.includes(`-${key}`)) continue;
    draft[key] = field === undefined || (root && key === 'status') ? value : plainValue(value, field);
  }
  for (const sign of signs) {
    const field = schema.field(sign.slice(1));
    if (field === undefined || draft[sign.slice(1)] !== undefined) continue;
    const isStruct = field.type === 'object' || field.type === 'map';
    if (sign[0] === '+') draft[sign.slice(1)] = isStruct ? plainValue({}, field) : '0';
    if (sign[0] === '0') draft[sign.slice(1)] = ZEROS[field.type] ?? null;
  }
  RULES.get(schema.name!)?.(draft, MINOR);
  return draft;
}

const ZEROS: Readonly<Record<string, unknown>> = { string: '', integer: 0, number: 0, boolean: false };

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function plainValue(value: unknown, schema: FieldSchema): unknown {
  if (Array.isArray(value) && schema.items !== undefined)
    return value.map((item) => plainValue(item, schema.items!));
  return isMap(value) && schema.type === 'object' && schema.name !== undefined
    ? plainMap(value, schema)
    : value;
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) frozen(inner);
    Object.freeze(value);
  }
  return value;
}

for (const [apiVersion, kind] of KINDS) {
  test(`${kind}: equal to what copying everything gives, and nothing that is shared is changed`, () => {
    const schema = schemas.ofKind(apiVersion, kind)!;
    let changed = 0;
    fc.assert(
      fc.property(fc.gen(), (pick) => {
        const object = drawMap(schema, pick, 9);
        const expected = decodedPlainly(object, schema);
        // A change of what is frozen throws; results stay frozen while others are made of the same parts.
        const decoded = frozen(decodeObject(frozen(object), schema, MINOR));
        assert.deepEqual(decoded, expected);
        if (decoded !== object) changed++;
        assert.deepEqual(decodeObject(decoded, schema, MINOR), decoded, 'defaults of defaults are none');
      }),
      { seed: 2026, numRuns: 60 },
    );
    assert.ok(changed > 30);
  });
}
