/**
 * Pod templates in objects of kinds that nobody describes, as Kyverno's autogen for custom controllers finds them.
 * Source: kyverno pkg/cel/autogen/extract.
 */
import type { JsonMap } from '../../model/index.ts';
import { isMap, mapAt, own, pointerStep, stringAt } from '../json.ts';
import type { AdmissionRequest } from '../request.ts';

const POD = { group: '', version: 'v1', kind: 'Pod' };
const PODS = { group: '', version: 'v1', resource: 'pods' };

/** A request about a pod template as if it were a Pod. */
export interface PodRequest {
  readonly request: AdmissionRequest;
  /** Where the template is: `spec.replicatedJobs[0].template`. */
  readonly place: string;
}

/** The request once for each template in it. */
export function podRequests(request: AdmissionRequest): PodRequest[] {
  const { object, oldObject } = request;
  const source = object ?? oldObject;
  if (source === null) return [];
  const others = object === null || oldObject === null ? new Map() : templatesIn(oldObject);
  return [...templatesIn(source)].map(([pointer, template]) => {
    const pod = podOf(template, request);
    const other = others.get(pointer);
    const { name = '' } = mapAt(pod, 'metadata') as { name?: string };
    return {
      place: placeOf(pointer),
      request: {
        ...request,
        kind: POD,
        resource: PODS,
        name,
        object: object === null ? null : pod,
        oldObject: object === null ? pod : other === undefined ? null : podOf(other, request),
      },
    };
  });
}

function placeOf(pointer: string): string {
  const [first = '', ...steps] = pointer.slice(1).split('/');
  return first + steps.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`)).join('');
}

/** What looks like a PodTemplateSpec below `spec`, by pointer; the status may hold one that is long gone. */
function templatesIn(object: JsonMap): ReadonlyMap<string, JsonMap> {
  const found = new Map<string, JsonMap>();
  const look = (value: unknown, pointer: string): void => {
    if (Array.isArray(value)) for (const [i, item] of value.entries()) look(item, pointer + pointerStep(i));
    else if (isMap(value)) {
      if (isTemplate(value)) found.set(pointer, value);
      else for (const key of Object.keys(value)) look(value[key], pointer + pointerStep(key));
    }
  };
  look(mapAt(object, 'spec'), '/spec');
  return found;
}

function isTemplate(map: JsonMap): boolean {
  const metadata = own(map, 'metadata');
  if (metadata !== undefined && !isMap(metadata)) return false;
  const containers = own(mapAt(map, 'spec') ?? {}, 'containers');
  return Array.isArray(containers) && containers.length > 0 && containers.every(isContainer);
}

function isContainer(value: unknown): boolean {
  return isMap(value) && stringAt(value, 'name') !== '' && typeof own(value, 'image') === 'string';
}

/** A template names neither itself nor a namespace: those are the object's. */
function podOf(template: JsonMap, { name, namespace }: AdmissionRequest): JsonMap {
  const metadata = mapAt(template, 'metadata') ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      name: stringAt(metadata, 'name') || name,
      namespace: stringAt(metadata, 'namespace') || namespace,
    },
    spec: mapAt(template, 'spec')!,
  };
}
