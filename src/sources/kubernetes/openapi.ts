/** A CustomResourceDefinition's structural schema (OpenAPI v3, parsed JSON) as a {@link FieldSchema}. */
import type { FieldSchema, FieldType, JsonMap } from '../../model/index.ts';

const EMPTY: readonly string[] = [];

/**
 * The schema of a custom kind: its own fields plus apiVersion, kind and metadata, which every object has.
 * @param keepsUnknown Every object in it is open, whatever it says
 */
export function openApiSchema(root: JsonMap, objectMeta: FieldSchema, keepsUnknown = false): FieldSchema {
  const own = fieldSchema(root, keepsUnknown);
  const text = fieldSchema({ type: 'string' });
  const common: Record<string, FieldSchema> = { apiVersion: text, kind: text, metadata: objectMeta };
  return {
    ...own,
    type: 'object',
    fieldNames: [...new Set([...own.fieldNames, ...Object.keys(common)])].sort(),
    field: (name) => (Object.hasOwn(common, name) ? common[name] : own.field(name)),
  };
}

/** `additionalProperties: true`: whatever it is, of objects in it the API server keeps no field. */
const ANYTHING: FieldSchema = { ...fieldSchema({}), open: false };

function fieldSchema(node: JsonMap, keepsUnknown = false): FieldSchema {
  const properties = isMap(node['properties']) ? node['properties'] : undefined;
  const additional = node['additionalProperties'];
  const listType = node['x-kubernetes-list-type'];
  const format = node['format'];
  const type = typeOf(node, properties, additional);
  const children = new Map<string, FieldSchema>();
  const child = (key: string, schema: unknown): FieldSchema => {
    let built = children.get(key);
    if (built === undefined) {
      built =
        schema === true && !keepsUnknown ? ANYTHING : fieldSchema(isMap(schema) ? schema : {}, keepsUnknown);
      children.set(key, built);
    }
    return built;
  };
  const isArray = type === 'array';
  const isMapType = type === 'map';
  return {
    type,
    ...(typeof format === 'string' ? { format } : {}),
    fieldNames: properties === undefined ? EMPTY : Object.keys(properties).sort(),
    required: texts(node['required']),
    listMapKeys: texts(node['x-kubernetes-list-map-keys']),
    ...(listType === 'atomic' || listType === 'set' || listType === 'map' ? { listType } : {}),
    atomic: node['x-kubernetes-map-type'] === 'atomic',
    open: keepsUnknown || type === 'any' || node['x-kubernetes-preserve-unknown-fields'] === true,
    ...(node['x-kubernetes-embedded-resource'] === true ? { embedded: true } : {}),
    ...(node['nullable'] === true ? { nullable: true } : {}),
    ...(node['default'] === undefined ? {} : { default: node['default'] }),
    field(name) {
      if (isMapType) return child('values', additional);
      if (properties === undefined || !Object.hasOwn(properties, name)) return undefined;
      return child(`.${name}`, properties[name]);
    },
    get items() {
      return isArray ? child('items', node['items']) : undefined;
    },
    get values() {
      return isMapType ? child('values', additional) : undefined;
    },
  } as FieldSchema;
}

function typeOf(node: JsonMap, properties: JsonMap | undefined, additional: unknown): FieldType {
  if (node['x-kubernetes-int-or-string'] === true) return 'int-or-string';
  switch (node['type']) {
    case 'object':
      return properties === undefined && (isMap(additional) || additional === true) ? 'map' : 'object';
    case 'array':
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
      return node['type'];
    default:
      return properties === undefined ? 'any' : 'object';
  }
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : EMPTY;
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
