/**
 * Namespaces and parameters for the evaluator, as they are whenever it asks. Until a kind was listed, what is not there is
 * unknown, never missing. Later the last that was seen goes on answering, however long ago that was: staleness.ts says so.
 */
import type { JsonMap, LiveName, LiveObjects, Resource } from '../../model/index.ts';
import {
  decodedObject,
  type EvaluationContext,
  type NamespaceSource,
  type ParamSource,
  parseApiVersion,
} from '../../policy/index.ts';

export interface SourceOptions extends Pick<EvaluationContext, 'schemas' | 'defaults'> {
  /** False: what is not there may exist all the same, as with files that do not claim to be all. Default true. */
  readonly complete?: boolean;
}

export const NAMESPACES: LiveName = { group: '', version: 'v1', kind: 'Namespace' };

const OUTSIDE = 'may exist outside of the watched files';

export function liveNamespaces(live: LiveObjects, options: SourceOptions = {}): NamespaceSource {
  const seen = decoder(options);
  return {
    objects: {
      get: (name) => {
        const resource = live.get(NAMESPACES, '', name);
        return resource === undefined ? undefined : seen(resource).object;
      },
    },
    get complete() {
      return options.complete !== false && live.state(NAMESPACES).synced;
    },
    get doubt() {
      if (options.complete === false) return `which ${OUTSIDE}`;
      return `and ${whyNot(live, NAMESPACES)}`;
    },
  };
}

/** Parameters in the order in which a selector's matches are evaluated: by namespace and name. */
export function liveParams(
  live: LiveObjects,
  options: SourceOptions & { readonly defaultNamespace?: string } = {},
): ParamSource & { close(): void } {
  const seen = decoder(options);
  const sorted = new Map<string, readonly Resource[]>();
  const close = live.onChange(({ resource: { ref } }) => {
    sorted.delete(`${ref.apiVersion}\n${ref.kind}`);
  });
  return {
    defaultNamespace: options.defaultNamespace ?? 'default',
    ofKind(apiVersion, kind) {
      const key = `${apiVersion}\n${kind}`;
      let list = sorted.get(key);
      if (list === undefined) {
        const all = [...live.list(nameOf(apiVersion, kind))];
        list = all.filter(({ ref }) => ref.apiVersion === apiVersion).sort(byPlace);
        list = list.map(seen);
        // Of a kind that nobody watches nothing is heard when that changes.
        if (live.state(nameOf(apiVersion, kind)).synced) sorted.set(key, list);
      }
      return list;
    },
    named(apiVersion, kind, namespace, name) {
      const resource = live.get(nameOf(apiVersion, kind), namespace, name);
      return resource?.ref.apiVersion === apiVersion ? seen(resource) : undefined;
    },
    doubt(apiVersion, kind) {
      if (options.complete === false) return `one ${OUTSIDE}`;
      const name = nameOf(apiVersion, kind);
      return live.state(name).synced ? undefined : whyNot(live, name);
    },
    close,
  };
}

/** Why objects of the kind are not known. */
export function whyNot(live: LiveObjects, name: LiveName): string {
  const { problem } = live.state(name);
  const why = `${name.kind} was not listed yet`;
  return problem === undefined ? why : `${why}: ${problem}`;
}

/** What an object is decoded to stays with it: one that changes is another object. */
function decoder(options: SourceOptions): (resource: Resource) => Resource {
  const decoded = new WeakMap<JsonMap, Resource>();
  return (resource) => {
    let seen = decoded.get(resource.object);
    if (seen === undefined) {
      seen = decodedObject(resource, options);
      decoded.set(resource.object, seen);
    }
    return seen;
  };
}

function nameOf(apiVersion: string, kind: string): LiveName {
  return { ...parseApiVersion(apiVersion), kind };
}

function byPlace(a: Resource, b: Resource): number {
  const [left, right] = [`${a.ref.namespace}\n${a.ref.name}`, `${b.ref.namespace}\n${b.ref.name}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
