/**
 * `resource.get`, `resource.list`, `resource.post`, `resource.toGVR` (sdk extensions/cel/libs/resource). Policies in a
 * namespace have shorter forms, which see that namespace alone.
 */
import { CelError } from '../../errors.ts';
import type { Library, Overload } from '../../library.ts';
import { isMap, mapFind } from '../../runtime/maps.ts';
import { Fields } from '../../runtime/select.ts';
import { ANY, mapOf, opaque, STRING, type Type } from '../../types.ts';
import type { Value } from '../../values.ts';
import { declare, member } from '../declare.ts';
import { answer, type Context, RESOURCE_TYPE } from './context.ts';
import { jsonValue, nativeStrings } from './native.ts';

const GVR_TYPE = opaque('schema.GroupVersionResource');

/** What `toGVR` finds. Its fields can be read where its type is not known, as upstream. */
class GroupVersionResource extends Fields {
  readonly $type = GVR_TYPE;
  readonly $group: string;
  readonly $version: string;
  readonly $resource: string;
  constructor(group: string, version: string, resource: string) {
    super();
    this.$group = group;
    this.$version = version;
    this.$resource = resource;
  }
  get $apiVersion(): string {
    return this.$group === '' ? this.$version : `${this.$group}/${this.$version}`;
  }
  $field(name: string): Value | undefined {
    if (name === 'Group') return this.$group;
    if (name === 'Version') return this.$version;
    return name === 'Resource' ? this.$resource : undefined;
  }
  override $equals(other: Value): boolean {
    return (
      other instanceof GroupVersionResource &&
      other.$apiVersion === this.$apiVersion &&
      other.$resource === this.$resource
    );
  }
}

function get(context: Context, apiVersion: string, resource: string, namespace: string, name: string): Value {
  const question = { kind: 'resource-get', apiVersion, resource, namespace, name } as const;
  return answer(context, question, 'failed to get resource', 'as-they-are');
}

/** @param place of the labels among the arguments upstream, which its messages show */
function list(
  context: Context,
  apiVersion: string,
  resource: string,
  namespace: string,
  labels: Value = {},
  place = 4,
): Value {
  const question = {
    kind: 'resource-list',
    apiVersion,
    resource,
    namespace,
    labels: nativeStrings(labels, place),
  } as const;
  return answer(context, question, 'failed to list resource', 'as-they-are');
}

function post(
  context: Context,
  apiVersion: string,
  resource: string,
  namespace: string,
  data: Value,
  place = 4,
): Value {
  const body = jsonValue(data, place);
  const question = { kind: 'resource-post', apiVersion, resource, namespace, body } as const;
  return answer(context, question, 'failed to create resource', 'as-they-are');
}

function toGvr(context: Context, apiVersion: string, objectKind: string): GroupVersionResource {
  const failed = 'failed to map kind to resource';
  const found = answer(context, { kind: 'resource-mapping', apiVersion, objectKind }, failed, 'as-they-are');
  const [group, version, resource] = ['group', 'version', 'resource'].map((field) =>
    isMap(found) ? mapFind(found, field) : undefined,
  );
  if (typeof group !== 'string' || typeof version !== 'string' || typeof resource !== 'string') {
    throw new CelError('invalid-argument', `${failed}: the answer lacks group, version or resource`);
  }
  return new GroupVersionResource(group, version, resource);
}

type Gvr = GroupVersionResource;

const LABELS = mapOf(STRING, STRING);
const OBJECT = mapOf(STRING, ANY);
const C = RESOURCE_TYPE;

const method = (id: string, args: readonly Type[], impl: Overload['impl']) =>
  member(id, [C, ...args], OBJECT, impl);

const toGvrs = (form: string): readonly Overload[] => [
  member(`convert_to_gvr_string_string_${form}`, [C, STRING, STRING], GVR_TYPE, toGvr),
];

/** For policies in no namespace. */
const CLUSTER = {
  list: (form: string) => [
    method(`resource_list_string_string_string_${form}`, [STRING, STRING, STRING], list),
    method(`resource_list_string_string_string_map_${form}`, [STRING, STRING, STRING, LABELS], list),
    method(
      `list_resources_gvr_string_${form}`,
      [GVR_TYPE, STRING],
      (c: Context, gvr: Gvr, namespace: string) => list(c, gvr.$apiVersion, gvr.$resource, namespace),
    ),
    method(
      `list_resources_gvr_string_map_${form}`,
      [GVR_TYPE, STRING, LABELS],
      (c: Context, gvr: Gvr, namespace: string, labels: Value) =>
        list(c, gvr.$apiVersion, gvr.$resource, namespace, labels),
    ),
  ],
  get: (form: string) => [
    method(`resource_get_string_string_string_string_${form}`, [STRING, STRING, STRING, STRING], get),
    method(
      `resource_get_gvr_string_string_${form}`,
      [GVR_TYPE, STRING, STRING],
      (c: Context, gvr: Gvr, namespace: string, name: string) =>
        get(c, gvr.$apiVersion, gvr.$resource, namespace, name),
    ),
  ],
  post: (form: string) => [
    method(`resource_post_string_string_string_map_${form}`, [STRING, STRING, STRING, OBJECT], post),
    method(
      `resource_post_string_string_map_${form}`,
      [STRING, STRING, OBJECT],
      (c: Context, apiVersion: string, resource: string, data: Value) =>
        post(c, apiVersion, resource, '', data),
    ),
  ],
};

const own = ({ $policyNamespace }: Context): string => $policyNamespace ?? '';

/** For policies in a namespace. */
const NAMESPACED = {
  list: (form: string) => [
    method(
      `resource_list_string_string_${form}`,
      [STRING, STRING],
      (c: Context, apiVersion: string, resource: string) => list(c, apiVersion, resource, own(c)),
    ),
    method(
      `resource_list_string_string_map_${form}`,
      [STRING, STRING, LABELS],
      (c: Context, apiVersion: string, resource: string, labels: Value) =>
        list(c, apiVersion, resource, own(c), labels, 3),
    ),
    method(`list_resources_gvr_${form}`, [GVR_TYPE], (c: Context, gvr: Gvr) =>
      list(c, gvr.$apiVersion, gvr.$resource, own(c)),
    ),
    method(`list_resources_gvr_map_${form}`, [GVR_TYPE, LABELS], (c: Context, gvr: Gvr, labels: Value) =>
      list(c, gvr.$apiVersion, gvr.$resource, own(c), labels, 3),
    ),
  ],
  get: (form: string) => [
    method(
      `resource_get_string_string_string_${form}`,
      [STRING, STRING, STRING],
      (c: Context, apiVersion: string, resource: string, name: string) =>
        get(c, apiVersion, resource, own(c), name),
    ),
    method(`resource_get_gvr_string_${form}`, [GVR_TYPE, STRING], (c: Context, gvr: Gvr, name: string) =>
      get(c, gvr.$apiVersion, gvr.$resource, own(c), name),
    ),
  ],
  post: (form: string) => [
    method(
      `resource_post_string_string_map_${form}`,
      [STRING, STRING, OBJECT],
      (c: Context, apiVersion: string, resource: string, data: Value) =>
        post(c, apiVersion, resource, own(c), data, 3),
    ),
  ],
};

const library = (name: string, methods: typeof CLUSTER | typeof NAMESPACED): Library =>
  Object.freeze({
    name,
    functions: declare({
      List: methods.list('pascal'),
      Get: methods.get('pascal'),
      Post: methods.post('pascal'),
      ToGVR: toGvrs('pascal'),
      list: methods.list('camel'),
      get: methods.get('camel'),
      post: methods.post('camel'),
      toGVR: toGvrs('camel'),
    }),
  });

export const resources = library('kyverno.resource', CLUSTER);
export const namespacedResources = library('kyverno.resource-namespaced', NAMESPACED);
