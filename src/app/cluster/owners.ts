/** What is owned by what: a Deployment's violation is that of each of its Pods. */
import type { Reported } from '../../model/index.ts';
import type { Json } from '../../sources/index.ts';

/** An object of a cluster by the name it has in results. */
export interface Named {
  readonly file: string;
  readonly object: Json;
}

/** The controller of each object, both by name in results; only those that were listed themselves. */
export function controllersOf(objects: readonly Named[]): Map<string, string> {
  const files = new Map(objects.map(({ file, object }) => [metadataOf(object)['uid'], file]));
  return new Map(
    objects.flatMap(({ file, object }) => {
      const owner = files.get(controllerOf(object)?.['uid']);
      return owner === undefined || owner === file ? [] : [[file, owner] as const];
    }),
  );
}

/** A ReplicaSet that a Deployment keeps to go back to: nothing runs of it. */
export function isHistory(object: Json): boolean {
  const spec = (object['spec'] ?? {}) as Json;
  return (
    object['kind'] === 'ReplicaSet' &&
    controllerOf(object)?.['kind'] === 'Deployment' &&
    spec['replicas'] === 0
  );
}

/**
 * Without the violations that a controller, or the controller of that, has as well. What only the owned object violates
 * (a container that something injected into a Pod) stays.
 */
export function onceAtController(
  results: readonly Reported[],
  controllers: ReadonlyMap<string, string>,
): Reported[] {
  const key = (file: string, { policy, validation }: Reported) => JSON.stringify([file, policy, validation]);
  const violations = new Set(
    results.filter(({ verdict }) => verdict === 'violation').map((result) => key(result.origin.file, result)),
  );
  return results.filter((result) => {
    if (result.verdict !== 'violation') return true;
    const seen = new Set([result.origin.file]);
    for (let file = controllers.get(result.origin.file); file !== undefined && !seen.has(file); ) {
      if (violations.has(key(file, result))) return false;
      seen.add(file);
      file = controllers.get(file);
    }
    return true;
  });
}

function metadataOf(object: Json): Json {
  return (object['metadata'] ?? {}) as Json;
}

function controllerOf(object: Json): Json | undefined {
  const owners = metadataOf(object)['ownerReferences'];
  return Array.isArray(owners) ? (owners as Json[]).find(({ controller }) => controller === true) : undefined;
}
