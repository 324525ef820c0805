/** How often policies look at the objects of a namespace and find nothing: without it nobody knows what findings are of. */
import type { LiveRef, Observation } from '../../model/index.ts';

export interface Passes {
  /** Replaces what was known of the object. */
  set(observation: Observation): void;
  delete(resource: LiveRef): void;
  /** @param namespace Empty: of cluster-scoped objects. */
  of(namespace: string): number;
}

interface Counted {
  readonly uid: string;
  readonly passes: number;
}

export function createPasses(): Passes {
  const objects = new Map<string, Counted>();
  const sums = new Map<string, number>();

  function add(namespace: string, passes: number): void {
    const sum = (sums.get(namespace) ?? 0) + passes;
    if (sum === 0) sums.delete(namespace);
    else sums.set(namespace, sum);
  }

  function remove(key: string, namespace: string): void {
    add(namespace, -(objects.get(key)?.passes ?? 0));
    objects.delete(key);
  }

  return {
    set({ resource, policies, findings }) {
      const key = keyOf(resource);
      remove(key, resource.namespace);
      const passes = Math.max(0, policies - new Set(findings.map(({ policy }) => policy)).size);
      objects.set(key, { uid: resource.uid, passes });
      add(resource.namespace, passes);
    },
    delete(resource) {
      const key = keyOf(resource);
      // What is there by now under its name is another object.
      if (objects.get(key)?.uid === resource.uid) remove(key, resource.namespace);
    },
    of: (namespace) => sums.get(namespace) ?? 0,
  };
}

function keyOf({ apiVersion, kind, namespace, name }: LiveRef): string {
  return `${apiVersion} ${kind} ${namespace}/${name}`;
}
