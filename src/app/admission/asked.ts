/** Which objects a worker was asked about, so that the controller knows which nobody was asked about. */
import { type AskedAbout, changedAt, WHOLE_SUBRESOURCES } from '../../model/index.ts';
import type { AdmissionRequest } from '../../policy/index.ts';

export interface Asked {
  /** Of a request that was let through, and was no dry run. */
  note(request: AdmissionRequest): void;
  /** Since the last call; undefined: nothing. */
  take(): AskedAbout | undefined;
}

const MOST_OBJECTS = 20_000;
const MOST_NAMESPACES = 10_000;

export function createAsked(): Asked {
  let objects: string[] = [];
  let namespaces: Record<string, number> = Object.create(null);
  let known = 0;
  let dropped = 0;
  return {
    note({ operation, subresource, namespace, object }) {
      if (object === null || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
      if (subresource !== '' && !WHOLE_SUBRESOURCES.has(subresource)) return;
      if (namespaces[namespace] !== undefined) namespaces[namespace]++;
      else if (known++ < MOST_NAMESPACES) namespaces[namespace] = 1;
      const { uid } = (object['metadata'] ?? {}) as { readonly uid?: unknown };
      if (typeof uid !== 'string') return;
      if (objects.length < MOST_OBJECTS) objects.push(`${uid} ${changedAt(object)}`);
      else dropped++;
    },
    take() {
      if (known === 0) return undefined;
      const taken = { objects, namespaces: { ...namespaces }, dropped };
      objects = [];
      namespaces = Object.create(null);
      [known, dropped] = [0, 0];
      return taken;
    },
  };
}
