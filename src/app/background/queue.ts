/**
 * Objects that are to be looked at: each once, however often it changed in the meantime. What changed goes before what is
 * only looked at again, so that thousands of those hold up no news.
 */
import type { Resource } from '../../model/index.ts';

export interface WorkQueue {
  add(resource: Resource, why: 'changed' | 'again'): void;
  /** It is gone: nobody looks at it any more. */
  remove(resource: Resource): void;
  next(): Resource | undefined;
  readonly size: number;
}

export function createWorkQueue(): WorkQueue {
  const changed = new Map<string, Resource>();
  const again = new Map<string, Resource>();
  return {
    add(resource, why) {
      const key = objectKey(resource);
      if (why === 'again' && !changed.has(key)) again.set(key, resource);
      else {
        again.delete(key);
        changed.set(key, resource);
      }
    },
    remove(resource) {
      changed.delete(objectKey(resource));
      again.delete(objectKey(resource));
    },
    next() {
      for (const queue of [changed, again])
        for (const [key, resource] of queue) {
          queue.delete(key);
          return resource;
        }
      return undefined;
    },
    get size() {
      return changed.size + again.size;
    },
  };
}

export function objectKey({ ref: { apiVersion, kind, namespace, name } }: Resource): string {
  return `${apiVersion} ${kind} ${namespace}/${name}`;
}
