/** What Gatekeeper's ExpansionTemplates make of a request. Source: gatekeeper pkg/expansion. */
import type { Discovery, JsonMap } from '../../model/index.ts';
import { appliesTo } from '../dialects/gatekeeper/expansion.ts';
import type { Expansion } from '../form.ts';
import { isMap, mapAt, own, pointerStep, stringAt } from '../json.ts';
import type { AdmissionRequest } from '../request.ts';

/** A request about something that the object of another one will make. */
export interface Resultant {
  readonly request: AdmissionRequest;
  readonly expansion: Expansion;
  /** JSON Pointer of the template in the object that was asked about; undefined: the object has none there. */
  readonly pointer: string | undefined;
}

const MAX_DEPTH = 30;

/** Everything that the object makes, also by what it makes. */
export function expand(
  request: AdmissionRequest,
  expansions: readonly Expansion[],
  discovery: Discovery,
  pointer = '',
  depth = 0,
): Resultant[] {
  const { object } = request;
  if (object === null || depth >= MAX_DEPTH) return [];
  return expansions
    .filter(({ applyTo }) => applyTo.some((entry) => appliesTo(entry, request.kind)))
    .flatMap((expansion): Resultant[] => {
      const template = templateAt(object, expansion.source);
      if (template === undefined) return [{ request, expansion, pointer: undefined }];
      const made = resultantOf(template, request, expansion.generated, discovery);
      const at = pointer + expansion.source.map(pointerStep).join('');
      return [
        ...expand(made, expansions, discovery, at, depth + 1),
        { request: made, expansion, pointer: at },
      ];
    });
}

function templateAt(object: JsonMap, path: readonly string[]): JsonMap | undefined {
  const found = path.reduce((value: unknown, key) => (isMap(value) ? own(value, key) : undefined), object);
  return isMap(found) ? found : undefined;
}

/** What is made is named after its maker and owned by it. */
export function resultantOf(
  template: JsonMap,
  request: AdmissionRequest,
  generated: Expansion['generated'],
  discovery: Discovery,
): AdmissionRequest {
  const { group, version, kind } = generated;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const namespace = request.namespace;
  const name = `${request.name}-${kind}`.toLowerCase();
  const metadata = mapAt(template, 'metadata') ?? {};
  const owner = {
    apiVersion: stringAt(request.object!, 'apiVersion'),
    kind: request.kind.kind,
    name: request.name,
  };
  const owners = own(metadata, 'ownerReferences');
  const { resource } = discovery.ofKind(apiVersion, kind, namespace);
  return {
    ...request,
    kind: generated,
    resource: { group, version, resource },
    subresource: '',
    name,
    object: {
      ...template,
      apiVersion,
      kind,
      metadata: {
        ...metadata,
        name,
        ...(namespace === '' ? {} : { namespace }),
        ownerReferences: [...(Array.isArray(owners) ? owners : []), owner],
      },
    },
    oldObject: null,
    generated: true,
  };
}
