/**
 * What is known of Kubernetes kinds without a cluster: their resources (discovery) and the shapes of their fields
 * (schemas). Implemented by `sources` (committed tables of the last Kubernetes minors, CRDs among the files), received
 * by `policy` as arguments.
 */

import type { JsonMap } from './resource.ts';

/** One served version of one kind. */
export interface ResourceInfo {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Plural, lower case: `pods`. */
  readonly resource: string;
  readonly namespaced: boolean;
  /** Without the resource's own name: `status`, `ephemeralcontainers`. In code-unit order. */
  readonly subresources: readonly string[];
  /** True when neither tables nor CRDs know the kind: plural and scope are client-go's guess. */
  readonly guessed: boolean;
}

/** Another served version of the same resource, for `matchPolicy: Equivalent`. */
export interface EquivalentResource extends ResourceInfo {
  /** True when an object of one version is, field for field, a valid object of the other, with the same meaning. */
  readonly sameShape: boolean;
}

export interface Discovery {
  /** The compatibility of the answers: 37 for Kubernetes 1.37. */
  readonly minor: number;
  /**
   * The resource that serves objects of a kind. Never undefined: an unknown kind is guessed, namespaced if
   * `namespace` (the object's `metadata.namespace`) is not empty.
   */
  ofKind(apiVersion: string, kind: string, namespace?: string): ResourceInfo;
  /**
   * What was probably meant by a kind that a group of Kubernetes' own does not have: `Pod` for `pod`, `apps/v1 Deployment`
   * for `v1 Deployment`. Undefined for kinds that exist, and for groups that anybody may add kinds to.
   */
  meant(apiVersion: string, kind: string): string | undefined;
  /** The resource of that plural; undefined when no table and no CRD has it. */
  ofResource(group: string, version: string, resource: string): ResourceInfo | undefined;
  /** The other served versions of the same resource, also in other groups (`events`). Without the resource itself. */
  equivalents(resource: ResourceInfo): readonly EquivalentResource[];
}

export type FieldType =
  | 'object'
  | 'map'
  | 'array'
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'int-or-string'
  | 'any';

/**
 * The shape of a value. Nested schemas are resolved when asked for, so recursive definitions are finite; the same
 * schema is the same object each time.
 */
export interface FieldSchema {
  readonly type: FieldType;
  /** Name of the definition in OpenAPI (`io.k8s.api.core.v1.PodSpec`), when it has one. */
  readonly name?: string;
  /** OpenAPI's format: `int32`, `int64`, `double`, `byte`, `date-time`, … */
  readonly format?: string;
  /** Names of an object's fields, in code-unit order; empty for other types. */
  readonly fieldNames: readonly string[];
  /** The schema of an object's field; for a map, of any key's value. Undefined when there is none. */
  field(name: string): FieldSchema | undefined;
  /** Names of the fields that must be there. */
  readonly required: readonly string[];
  /** Of an array's items. */
  readonly items?: FieldSchema;
  /** Of a map's values. */
  readonly values?: FieldSchema;
  readonly listType?: 'atomic' | 'set' | 'map';
  /** For list type `map`: the fields that identify an item. */
  readonly listMapKeys: readonly string[];
  /** `x-kubernetes-map-type: atomic`. */
  readonly atomic: boolean;
  /** Fields beside the listed ones are kept by the API server (`x-kubernetes-preserve-unknown-fields`). */
  readonly open: boolean;
  /** An object of a kind of its own: it has apiVersion, kind and metadata beside the listed fields (`x-kubernetes-embedded-resource`). */
  readonly embedded?: boolean;
  /** True for a field that the API server writes even when nothing is in it: `resources: {}` of a container. */
  readonly always?: boolean;
  /** A null is a value (OpenAPI's `nullable`). */
  readonly nullable?: boolean;
  /** OpenAPI's `default`, if it states one. */
  readonly default?: unknown;
}

/** What the API server makes of an object before any admission: read into Go types or by its schema, defaults filled in. */
export interface Defaults {
  /** Of built-in and custom kinds. The object itself where nothing is known of its kind. */
  apply(apiVersion: string, kind: string, object: JsonMap): JsonMap;
  /** The same, and what admission plug-ins add to every object of the kind. */
  admit(apiVersion: string, kind: string, object: JsonMap): JsonMap;
  /** The field beside a defaulted one that its value hangs on; undefined: none. */
  causeOf(field: string): string | undefined;
}

export interface Schemas {
  /** The shape of a kind's objects; undefined for kinds that no table and no CRD describes. */
  ofKind(apiVersion: string, kind: string): FieldSchema | undefined;
}
