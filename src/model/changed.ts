import type { JsonMap } from './resource.ts';

/**
 * When an object was last changed by a request about itself: RFC 3339, in whole seconds, as the API server writes it; empty
 * where nobody says. What subresources like `status` and `scale` change is left out: they are requests of their own.
 * Source: metav1.ManagedFieldsEntry, whose time the API server sets on every change of the fields, before it asks webhooks.
 */
export function changedAt(object: JsonMap): string {
  return lastChange(object).at;
}

/** Subresources whose requests carry the whole object, and change what policies look at in it. */
export const WHOLE_SUBRESOURCES: ReadonlySet<string> = new Set(['ephemeralcontainers', 'resize']);

export interface LastChange {
  /** RFC 3339; empty where nobody says. */
  readonly at: string;
  /** The subresource through which it came; empty: none. */
  readonly through: string;
}

/** As changedAt; of two changes in one second that of the object itself. */
export function lastChange(object: JsonMap): LastChange {
  const { creationTimestamp, managedFields } = (object['metadata'] ?? {}) as JsonMap;
  let last = { at: typeof creationTimestamp === 'string' ? creationTimestamp : '', through: '' };
  if (!Array.isArray(managedFields)) return last;
  for (const entry of managedFields as readonly (JsonMap | null)[]) {
    const { time, subresource = '' } = entry ?? {};
    if (typeof time !== 'string' || typeof subresource !== 'string') continue;
    if (subresource !== '' && !WHOLE_SUBRESOURCES.has(subresource)) continue;
    if (time > last.at || (time === last.at && subresource === '')) last = { at: time, through: subresource };
  }
  return last;
}
