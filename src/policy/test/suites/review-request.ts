/** Objects of a Gatekeeper suite as the requests that gator makes of them. */
import type { JsonMap, Resource, ResourceRef } from '../../../model/index.ts';
import { isMap, mapAt, own, stringAt } from '../../json.ts';
import { OPERATIONS, type Operation } from '../../match/rules.ts';
import { type AdmissionRequest, parseApiVersion, type UserInfo } from '../../request.ts';

/** The object as it stands, asked by nobody and for no operation; nothing is defaulted. */
export function requestOfObject({ ref, object }: Resource): AdmissionRequest {
  const metadata = mapAt(object, 'metadata') ?? {};
  return {
    // gator leaves it empty, and expressions see that.
    operation: '' as Operation,
    kind: { ...parseApiVersion(ref.apiVersion), kind: ref.kind },
    resource: { group: '', version: '', resource: '' },
    subresource: '',
    name: stringAt(metadata, 'name'),
    namespace: stringAt(metadata, 'namespace'),
    userInfo: {},
    dryRun: false,
    options: null,
    object,
    oldObject: null,
    ref,
  };
}

/** The request of an AdmissionReview (admission.k8s.io), or what is wrong with it. */
export function requestOfReview({
  object: review,
  ref: own_,
}: Resource): AdmissionRequest | { error: string } {
  const request = mapAt(review, 'request');
  if (request === undefined) return { error: 'the AdmissionReview holds no request' };
  const operation = stringAt(request, 'operation');
  if (operation !== '' && !(OPERATIONS as readonly string[]).includes(operation))
    return { error: `"${operation}" is no operation of a request` };
  const given = objectAt(request, 'object');
  const oldObject = objectAt(request, 'oldObject');
  if (given === null && oldObject === null)
    return { error: 'the request holds neither object nor oldObject' };
  if (operation === 'DELETE' && oldObject === null) return { error: 'a DELETE needs its oldObject' };
  const kind = mapAt(request, 'kind') ?? {};
  const resource = mapAt(request, 'resource') ?? {};
  const object = operation === 'DELETE' ? null : given;
  return {
    operation: operation as Operation,
    kind: {
      group: stringAt(kind, 'group'),
      version: stringAt(kind, 'version'),
      kind: stringAt(kind, 'kind'),
    },
    resource: {
      group: stringAt(resource, 'group'),
      version: stringAt(resource, 'version'),
      resource: stringAt(resource, 'resource'),
    },
    subresource: stringAt(request, 'subResource'),
    name: stringAt(request, 'name'),
    namespace: stringAt(request, 'namespace'),
    userInfo: (mapAt(request, 'userInfo') ?? {}) as UserInfo,
    dryRun: own(request, 'dryRun') === true,
    options: objectAt(request, 'options'),
    object,
    oldObject,
    ref: refOf(object ?? oldObject!) ?? own_,
  };
}

function objectAt(map: JsonMap, key: string): JsonMap | null {
  const value = own(map, key);
  return isMap(value) ? value : null;
}

function refOf(object: JsonMap): ResourceRef | undefined {
  const kind = stringAt(object, 'kind');
  if (kind === '') return undefined;
  const metadata = mapAt(object, 'metadata') ?? {};
  return {
    apiVersion: stringAt(object, 'apiVersion'),
    kind,
    namespace: stringAt(metadata, 'namespace'),
    name: stringAt(metadata, 'name'),
  };
}
