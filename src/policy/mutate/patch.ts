/** One evaluated patch on one object; knows nothing of policies. */
import { type JsonPatchValue, ObjectValue } from '../../cel/libraries/patch-types.ts';
import type { Value } from '../../cel/values.ts';
import type { FieldSchema, JsonMap } from '../../model/index.ts';
import { isMap, stringAt } from '../json.ts';
import { applyConfiguration } from './configuration.ts';
import { ConversionError, configurationOf, jsonOf, misnamedTypes } from './convert.ts';
import { applyJsonPatch, type PatchOperation } from './json-patch.ts';
import { strictFault } from './strict.ts';

/** What is known of the object's kind. */
export interface PatchTarget {
  /** Undefined when nobody describes the kind. */
  readonly schema: FieldSchema | undefined;
  /** Whether the API server reads its objects into Go structs. */
  readonly builtIn: boolean;
  /** Whether a merge may replace what is only ever replaced as a whole. */
  readonly atomics: 'refused' | 'replaced';
}

export type PatchOutcome =
  | { readonly kind: 'patched'; readonly object: JsonMap }
  /** The policy's failure policy decides what that means. */
  | { readonly kind: 'failed'; readonly message: string }
  /** The API server ends the request, whatever the failure policy is. */
  | { readonly kind: 'broken'; readonly message: string };

/** @param value an `Object{…}` is merged; a list of `JSONPatch{…}` is applied in order */
export function applyPatch(value: Value, object: JsonMap, target: PatchTarget): PatchOutcome {
  try {
    return value instanceof ObjectValue
      ? applyObject(value, object, target)
      : applyOperations(value, object, target);
  } catch (thrown) {
    if (thrown instanceof ConversionError) return { kind: 'failed', message: thrown.message };
    throw thrown;
  }
}

function applyObject(value: ObjectValue, object: JsonMap, { schema, atomics }: PatchTarget): PatchOutcome {
  const misnamed = misnamedTypes(value);
  if (misnamed !== undefined) return { kind: 'failed', message: `type mismatch: ${misnamed}` };
  const { apiVersion, kind } = object;
  if (schema === undefined) {
    const message = `nothing describes ${String(apiVersion)} ${String(kind)}, so that nobody knows how its lists are merged`;
    return { kind: 'failed', message };
  }
  const patch = { ...configurationOf(value), apiVersion, kind };
  const result = applyConfiguration(schema, object, patch, atomics);
  return result.ok ? { kind: 'patched', object: result.object } : { kind: 'failed', message: result.message };
}

function applyOperations(value: Value, object: JsonMap, target: PatchTarget): PatchOutcome {
  const operations = (value as readonly JsonPatchValue[]).map(operationOf);
  const result = applyJsonPatch(object, operations);
  if (result.kind === 'test-failed') return { kind: 'patched', object };
  if (result.kind === 'failed') return { kind: 'failed', message: `JSON Patch: ${result.message}` };
  return read(result.document, target);
}

function operationOf({ $op, $path, $from, $value }: JsonPatchValue): PatchOperation {
  if ($value instanceof ObjectValue) {
    const misnamed = misnamedTypes($value);
    if (misnamed !== undefined) throw new ConversionError(`type mismatch: ${misnamed}`);
  }
  return {
    op: $op,
    path: $path,
    from: $from,
    value: $value === undefined ? undefined : jsonOf($value),
  };
}

const NO_OBJECT =
  "couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type " +
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

function read(document: unknown, { schema, builtIn }: PatchTarget): PatchOutcome {
  if (!isMap(document)) return broken(NO_OBJECT);
  if (stringAt(document, 'kind') === '')
    return broken(`Object 'Kind' is missing in '${JSON.stringify(document)}'`);
  if (builtIn && schema !== undefined) {
    const fault = strictFault(schema, document);
    if (fault !== undefined) return broken(fault);
  }
  return { kind: 'patched', object: document };
}

function broken(why: string): PatchOutcome {
  return { kind: 'broken', message: `Internal error occurred: ${why}` };
}
