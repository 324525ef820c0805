import type { JsonMap } from './resource.ts';

/**
 * When an object was last changed by a request about itself: RFC 3339, in whole seconds, as the API server writes it; empty
 * where nobody says. What subresources change (`status`, `scale`) is left out: they are requests of their own.
 * Source: metav1.ManagedFieldsEntry, whose time the API server sets on every change of the fields, before it asks webhooks.
 */
export function changedAt(object: JsonMap): string {
  const { creationTimestamp, managedFields } = (object['metadata'] ?? {}) as JsonMap;
  let last = typeof creationTimestamp === 'string' ? creationTimestamp : '';
  if (!Array.isArray(managedFields)) return last;
  for (const entry of managedFields as readonly (JsonMap | null)[]) {
    const { time, subresource = '' } = entry ?? {};
    if (subresource === '' && typeof time === 'string' && time > last) last = time;
  }
  return last;
}
