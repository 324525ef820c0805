/** CustomResourceDefinitions among the sources, read as what they add to discovery and schemas. */
import type { JsonMap } from '../../model/index.ts';

/** One served version of a custom kind. */
export interface CustomVersion {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespaced: boolean;
  readonly subresources: readonly string[];
  /** Its OpenAPI v3 schema; undefined when the definition has none. */
  readonly schema: JsonMap | undefined;
  /** Fields that the schema does not name are kept everywhere, as definitions of old had it (`preserveUnknownFields`). */
  readonly keepsUnknown: boolean;
}

/** The served versions of every CustomResourceDefinition in `objects` (v1 and v1beta1); others are passed over. */
export function customVersions(objects: readonly JsonMap[]): CustomVersion[] {
  return objects.filter(isDefinition).flatMap(versionsOf);
}

function isDefinition(object: JsonMap): boolean {
  const { apiVersion, kind } = object;
  return (
    kind === 'CustomResourceDefinition' &&
    (apiVersion === 'apiextensions.k8s.io/v1' || apiVersion === 'apiextensions.k8s.io/v1beta1')
  );
}

function versionsOf(object: JsonMap): CustomVersion[] {
  const isV1 = object['apiVersion'] === 'apiextensions.k8s.io/v1';
  const spec = map(object['spec']);
  const names = map(spec['names']);
  const { group, scope } = spec;
  const { kind, plural } = names;
  if (!isText(group) || !isText(kind) || !isText(plural)) return [];
  const versions = list(spec['versions']).map(map);
  const legacy: JsonMap = { name: spec['version'], served: true };
  return (versions.length > 0 ? versions : [legacy]).flatMap((version): CustomVersion[] => {
    if (!isText(version['name']) || version['served'] === false) return [];
    const subresources = map(version['subresources'] ?? spec['subresources']);
    const validation = map(version['schema'] ?? spec['validation']);
    const schema = validation['openAPIV3Schema'];
    return [
      {
        group,
        version: version['name'],
        kind,
        resource: plural,
        namespaced: scope !== 'Cluster',
        subresources: ['scale', 'status'].filter((name) => Object.hasOwn(subresources, name)),
        schema: isMap(schema) ? schema : undefined,
        keepsUnknown:
          spec['preserveUnknownFields'] === true || (!isV1 && spec['preserveUnknownFields'] !== false),
      },
    ];
  });
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Number);
}

function map(value: unknown): JsonMap {
  return isMap(value) ? value : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
