/** Objects as policies see them: those of files as the API server would have them, those of requests as they are decoded. */
import type { FieldSchema, JsonMap, Resource } from '../../model/index.ts';
import { type AdmissionRequest, apiVersionOf, createRequest, resourceInfoOf } from '../request.ts';
import { decodedIfTyped, type EvaluationContext } from './context.ts';
import { decode, isBuiltIn } from './decode.ts';

/** A scanned object as a request. */
export function createScanRequest(
  resource: Resource,
  object: JsonMap,
  { discovery, defaultNamespace = 'default', userInfo }: EvaluationContext,
): AdmissionRequest {
  const info = resourceInfoOf(discovery, resource);
  return createRequest(object === resource.object ? resource : { ...resource, object }, info, {
    defaultNamespace,
    ...(userInfo === undefined ? {} : { userInfo }),
  });
}

export function decoded(
  request: AdmissionRequest,
  resource: Resource,
  context: EvaluationContext,
): AdmissionRequest {
  const { apiVersion, kind } = resource.ref;
  const read = decodedIfTyped(resource, context.schemas);
  const object = context.defaults?.admit(apiVersion, kind, read) ?? read;
  return object === resource.object ? request : createScanRequest(resource, object, context);
}

/** Both objects of a request, read as typed decoding reads them. */
export function asStored(request: AdmissionRequest, { schemas }: EvaluationContext): AdmissionRequest {
  const { kind, object, oldObject } = request;
  if (!isBuiltIn(kind.group)) return request;
  const schema = () => schemas?.ofKind(apiVersionOf(kind), kind.kind);
  const read = readObject(object, schema);
  const readOld = readObject(oldObject, schema);
  return read === object && readOld === oldObject
    ? request
    : { ...request, object: read, oldObject: readOld };
}

/** What is nested deeper than the stack goes stays as it is: each policy that looks so deep is an error. */
function readObject(object: JsonMap | null, schema: () => FieldSchema | undefined): JsonMap | null {
  try {
    return object === null ? null : decode(object, schema);
  } catch (thrown) {
    if (thrown instanceof RangeError) return object;
    throw thrown;
  }
}
