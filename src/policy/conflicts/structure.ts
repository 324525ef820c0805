/** What the objects of a kind have in common, whoever wrote them: types by the schema, and what validation asks. */
import type { FieldSchema, ResourceInfo } from '../../model/index.ts';
import { podPointer } from '../dialects/native/pods.ts';
import type { Structure } from './solve.ts';
import type { Shape, ValueType } from './translate.ts';

export interface KindStructure extends Structure, Shape {
  readonly info: ResourceInfo;
  /** JSON Pointer of the pod (template); undefined for kinds that carry none. */
  readonly pods: string | undefined;
  schemaAt(path: string): FieldSchema | undefined;
}

const TYPES: Readonly<Record<FieldSchema['type'], readonly ValueType[] | undefined>> = {
  object: ['map'],
  map: ['map'],
  array: ['list'],
  string: ['string'],
  integer: ['number'],
  number: ['number'],
  boolean: ['boolean'],
  'int-or-string': ['number', 'string'],
  any: undefined,
};

/** @param schema of the kind; undefined when nobody describes it */
export function structureOf(info: ResourceInfo, schema: FieldSchema | undefined): KindStructure {
  const pods = podPointer(info.group, info.kind);
  const given = givenPaths(info, pods);
  const containers = pods === undefined ? undefined : `object${pods}/spec/containers`;
  const schemas = new Map<string, FieldSchema | undefined>();
  const schemaAt = (path: string): FieldSchema | undefined => {
    if (!schemas.has(path)) schemas.set(path, lookUp(schema, path));
    return schemas.get(path);
  };
  return {
    info,
    pods,
    schemaAt,
    typesOf: (path) => {
      if (path === 'object/metadata/labels' || path === 'object/metadata/annotations') return ['map'];
      const found = schemaAt(path);
      return found === undefined ? undefined : typesOfSchema(found);
    },
    valuesOf: (path) => (path === 'object/kind' || path === 'oldObject/kind' ? [info.kind] : undefined),
    isGiven: (path) => given.has(path),
    leastOf: (path) => (path === containers ? 1 : 0),
    isRequired: (path) => given.has(path) || isRequiredBy(schemaAt, path),
  };
}

/** Quantities are strings in the schema, and numbers are taken for them too. */
function typesOfSchema({ type, name }: FieldSchema): readonly ValueType[] | undefined {
  return name?.includes('Quantity') === true ? ['number', 'string'] : TYPES[type];
}

function givenPaths({ namespaced }: ResourceInfo, pods: string | undefined): ReadonlySet<string> {
  const given = ['object/apiVersion', 'object/kind', 'object/metadata'];
  if (namespaced) given.push('object/metadata/namespace');
  if (pods !== undefined) {
    let path = 'object';
    for (const step of `${pods}/spec/containers`.slice(1).split('/')) {
      path += `/${step}`;
      given.push(path);
    }
  }
  return new Set(given);
}

function isRequiredBy(schemaAt: (path: string) => FieldSchema | undefined, path: string): boolean {
  const slash = path.lastIndexOf('/');
  return (
    slash > 0 && schemaAt(path.slice(0, slash))?.required.includes(unescaped(path.slice(slash + 1))) === true
  );
}

function lookUp(schema: FieldSchema | undefined, path: string): FieldSchema | undefined {
  const [root, ...steps] = path.split('/');
  if (root !== 'object' && root !== 'oldObject') return undefined;
  let at = schema;
  for (const step of steps) {
    if (at === undefined) return undefined;
    at =
      step === '*' && at.type === 'array' ? at.items : step === '*' ? undefined : at.field(unescaped(step));
  }
  return at;
}

export function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}
