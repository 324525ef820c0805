import type { JsonMap } from '../../model/index.ts';
import { isMap, kindOf, own } from '../json.ts';

/** The pod template of an object, as native policies see it. */
export interface PodView {
  /** `{metadata, spec}`: the Pod itself, or the template. Both are there, if empty, as typed decoding makes them. */
  readonly pod: JsonMap;
  /** Init containers, regular ones, ephemeral ones. */
  readonly containers: readonly JsonMap[];
  /** JSON Pointer of the template in the object. */
  readonly pointer: string;
}

/** What keeps the pod from being read; nothing of it is skipped in silence. */
export interface Malformed {
  readonly pointer: string;
  readonly detail: string;
}

const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/**
 * Reads the template at a pointer. Null where the object has none and need not have one: a ReplicationController
 * without a template makes no pods.
 */
export function viewPod(object: JsonMap, pointer: string): PodView | Malformed | null {
  const template = descend(object, pointer);
  if ('detail' in template) return template;
  if (template.map === null) return null;
  return readTemplate(template.map, pointer);
}

function descend(object: JsonMap, pointer: string): { map: JsonMap | null } | Malformed {
  let map: JsonMap = object;
  let at = '';
  for (const key of pointer === '' ? [] : pointer.slice(1).split('/')) {
    at += `/${key}`;
    const value = own(map, key);
    if (value === undefined || value === null) return { map: null };
    if (!isMap(value)) return malformed(at, 'a map', value);
    map = value;
  }
  return { map };
}

function readTemplate(template: JsonMap, pointer: string): PodView | Malformed {
  const metadata = own(template, 'metadata') ?? undefined;
  const spec = own(template, 'spec') ?? undefined;
  if (metadata !== undefined && !isMap(metadata)) return malformed(`${pointer}/metadata`, 'a map', metadata);
  if (spec !== undefined && !isMap(spec)) return malformed(`${pointer}/spec`, 'a map', spec);
  const containers: JsonMap[] = [];
  for (const list of CONTAINER_LISTS) {
    const items = spec === undefined ? undefined : own(spec, list);
    if (items === undefined || items === null) continue;
    if (!Array.isArray(items)) return malformed(`${pointer}/spec/${list}`, 'a list', items);
    for (let i = 0; i < items.length; i++) {
      const item: unknown = items[i];
      if (!isMap(item)) return malformed(`${pointer}/spec/${list}/${i}`, 'a map', item);
      containers.push(item);
    }
  }
  const complete = metadata !== undefined && spec !== undefined;
  return { pod: complete ? template : { metadata: metadata ?? {}, spec: spec ?? {} }, containers, pointer };
}

function malformed(pointer: string, expected: string, value: unknown): Malformed {
  const field = pointer.slice(1).replaceAll('/', '.');
  return { pointer, detail: `the pod cannot be read: ${field}: expected ${expected}, got ${kindOf(value)}` };
}

/** JSON Pointer of each of the view's containers, in their order. */
export function containerPointers(view: PodView): string[] {
  const spec = own(view.pod, 'spec') as JsonMap;
  return CONTAINER_LISTS.flatMap((list) => {
    const items = own(spec, list);
    return Array.isArray(items) ? items.map((_, i) => `${view.pointer}/spec/${list}/${i}`) : [];
  });
}
