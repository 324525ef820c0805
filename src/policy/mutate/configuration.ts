/**
 * Applies a configuration to an object, as the API server does for `ApplyConfiguration` (pkg/admission/plugin/policy/
 * mutating/patch/smd.go): what would be replaced as a whole is refused, since that takes away more than was meant. Kyverno's
 * policies may ask for it all the same (kyverno pkg/cel/policies/mpol/compiler/smd.go).
 */
import type { FieldSchema, JsonMap } from '../../model/index.ts';
import { type Atom, atomOf } from './atoms.ts';
import { merge } from './merge.ts';
import { faultsOf, joined } from './validate.ts';
import { isMapValue } from './values.ts';

export type MergeResult =
  | { readonly ok: true; readonly object: JsonMap }
  /** In the words of the API server. */
  | { readonly ok: false; readonly message: string };

/** @param patch of the same apiVersion and kind as the object; neither is touched */
export function applyConfiguration(
  schema: FieldSchema,
  object: JsonMap,
  patch: JsonMap,
  atomics: 'refused' | 'replaced' = 'refused',
): MergeResult {
  const atom = atomOf(schema);
  const patchFaults = faultsOf(atom, patch, false);
  if (patchFaults.length > 0)
    return failed('failed to convert patch object to typed object', joined(patchFaults));
  const replaced = atomics === 'refused' ? atomicsIn(atom, patch, '') : [];
  if (replaced.length > 0) {
    return failed(
      'invalid ApplyConfiguration',
      `may not mutate atomic arrays, maps or structs: ${replaced.join(', ')}`,
    );
  }
  const faults = faultsOf(atom, object, true);
  if (faults.length > 0) return failed('failed to convert original object to typed object', joined(faults));
  return { ok: true, object: merge(atom, object, patch) as JsonMap };
}

function failed(what: string, message: string): MergeResult {
  return { ok: false, message: `error applying patch: ${what}: ${message}` };
}

/** Paths of everything that is replaced as a whole, as far as fields are declared. */
function atomicsIn({ map, list }: Atom, value: unknown, path: string): string[] {
  const found: string[] = [];
  if (map !== undefined && isMapValue(value)) {
    if (map.atomic) found.push(path);
    for (const key of Object.keys(value)) {
      const field = map.field(key);
      if (field !== undefined) found.push(...atomicsIn(field, value[key], `${path}.${key}`));
    }
  }
  if (list !== undefined && Array.isArray(value)) {
    if (list.atomic) found.push(path);
    value.forEach((item, i) => {
      found.push(...atomicsIn(list.items(), item, `${path}[${i}]`));
    });
  }
  return found;
}
