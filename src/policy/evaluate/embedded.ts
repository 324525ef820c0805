/** Pods that custom kinds make, where a setting says that they carry templates. */
import type { Discovery, JsonMap } from '../../model/index.ts';
import { isMap, own, pointerStep } from '../json.ts';
import type { AdmissionRequest } from '../request.ts';
import { resultantOf } from './expand.ts';

/** Where the objects of a kind carry pod templates. */
export interface PodPath {
  readonly group: string;
  readonly kind: string;
  /** Keys down to the template; `*`: every item of a list, every value of a map. */
  readonly path: readonly string[];
}

export interface EmbeddedPod {
  /** About the Pod that is made of the template. */
  readonly request: AdmissionRequest;
  /** JSON Pointer of the template. */
  readonly pointer: string;
}

export function embeddedPods(
  request: AdmissionRequest,
  podPaths: readonly PodPath[],
  discovery: Discovery,
): EmbeddedPod[] {
  const { object, kind } = request;
  if (object === null) return [];
  return podPaths
    .filter((one) => one.kind === kind.kind && one.group === kind.group)
    .flatMap(({ path }) => templatesAt(object, path))
    .map(({ template, pointer }) => ({ request: resultantOf(template, request, POD, discovery), pointer }));
}

const POD = { group: '', version: 'v1', kind: 'Pod' };

export interface EmbeddedTemplate {
  readonly template: JsonMap;
  readonly pointer: string;
}

/** Those that are there: an object may do without. */
export function templatesAt(object: JsonMap, path: readonly string[]): EmbeddedTemplate[] {
  let found: { value: unknown; pointer: string }[] = [{ value: object, pointer: '' }];
  for (const key of path)
    found = found.flatMap(({ value, pointer }) =>
      (key === '*' ? entriesOf(value) : isMap(value) ? [[key, own(value, key)] as const] : []).map(
        ([name, inner]) => ({ value: inner, pointer: pointer + pointerStep(name) }),
      ),
    );
  return found.flatMap(({ value, pointer }) => (isMap(value) ? [{ template: value, pointer }] : []));
}

function entriesOf(value: unknown): (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return [...value.entries()];
  return isMap(value) ? Object.entries(value) : [];
}
