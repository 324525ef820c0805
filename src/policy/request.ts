import type { Discovery, JsonMap, Resource, ResourceInfo, ResourceRef } from '../model/index.ts';
import { isMap, mapAt, stringAt } from './json.ts';
import type { GroupVersionKind, GroupVersionResource, Operation } from './match/rules.ts';

/** Who makes a request: `authentication.k8s.io/v1 UserInfo`. */
export interface UserInfo {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: { readonly [key: string]: readonly string[] };
  /** As Kyverno finds them by bindings: `namespace:name`. Expressions do not see them. */
  readonly roles?: readonly string[];
  readonly clusterRoles?: readonly string[];
}

export interface Original {
  readonly kind: GroupVersionKind;
  readonly resource: GroupVersionResource;
  readonly subresource: string;
}

/** One request to the API server, as admission sees it: `admission.Attributes`. */
export interface AdmissionRequest {
  readonly operation: Operation;
  readonly kind: GroupVersionKind;
  readonly resource: GroupVersionResource;
  /** Empty for the resource itself. */
  readonly subresource: string;
  /** Empty when the server is asked to generate one. */
  readonly name: string;
  /** Empty for cluster-scoped resources; for Namespaces their own name. */
  readonly namespace: string;
  /** Absent when nobody is known to ask: a scan of files. */
  readonly userInfo?: UserInfo;
  /** True where nobody has looked up which roles are bound to whoever asks: an API server does not say. */
  readonly rolesUnknown?: true;
  readonly dryRun: boolean;
  readonly options: JsonMap | null;
  /** Null on DELETE. */
  readonly object: JsonMap | null;
  /** Null on CREATE and CONNECT. */
  readonly oldObject: JsonMap | null;
  /**
   * What was asked for, where the API server converted it to what `kind` and `resource` say before it asked us
   * (`requestKind`, `requestResource`, `requestSubResource` of an AdmissionReview).
   */
  readonly original?: Original;
  /**
   * For an object that exists and is to be changed: the request that leads to it. Expressions see it as `request`, and no
   * namespace.
   */
  readonly trigger?: AdmissionRequest;
  /** True for what an expansion made of another request. */
  readonly generated?: true;
  /** How findings name the resource. */
  readonly ref: ResourceRef;
}

/** Splits `apps/v1`; the core group is empty. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  if (slash < 0) return { group: '', version: apiVersion };
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

export function apiVersionOf({ group, version }: { group: string; version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}

export function isNamespaceResource(resource: GroupVersionResource): boolean {
  return resource.group === '' && resource.resource === 'namespaces';
}

/**
 * A scanned object is a CREATE by an unknown user: no old object, no options, not a dry run. A namespaced object
 * without a namespace goes to `defaultNamespace`, and carries it, as the API server makes it.
 */
export function createRequest(
  resource: Resource,
  info: ResourceInfo,
  options: { readonly defaultNamespace: string; readonly userInfo?: UserInfo },
): AdmissionRequest {
  const metadata = mapAt(resource.object, 'metadata') ?? {};
  const name = stringAt(metadata, 'name');
  const namespace = requestNamespace(info, metadata, name, options.defaultNamespace);
  const object = info.namespaced ? withNamespace(resource.object, metadata, namespace) : resource.object;
  return {
    operation: 'CREATE',
    kind: { group: info.group, version: info.version, kind: info.kind },
    resource: { group: info.group, version: info.version, resource: info.resource },
    subresource: '',
    name,
    namespace,
    ...(options.userInfo === undefined ? {} : { userInfo: options.userInfo }),
    dryRun: false,
    options: null,
    object,
    oldObject: null,
    ref: info.namespaced ? { ...resource.ref, namespace } : { ...resource.ref, namespace: '' },
  };
}

function requestNamespace(
  info: ResourceInfo,
  metadata: JsonMap,
  name: string,
  defaultNamespace: string,
): string {
  if (info.namespaced) return stringAt(metadata, 'namespace') || defaultNamespace;
  return isNamespaceResource(info) ? name : '';
}

/** The API server writes the request's namespace into the object. Copies two maps, and only when it is missing. */
function withNamespace(object: JsonMap, metadata: JsonMap, namespace: string): JsonMap {
  if (stringAt(metadata, 'namespace') !== '') return object;
  // `metadata: [...]` stays as malformed as it is.
  if (object['metadata'] !== undefined && object['metadata'] !== null && !isMap(object['metadata']))
    return object;
  return { ...object, metadata: { ...metadata, namespace } };
}

/** The resource that serves an object; discovery guesses for kinds it does not know. */
export function resourceInfoOf(discovery: Discovery, resource: Resource): ResourceInfo {
  return discovery.ofKind(resource.ref.apiVersion, resource.ref.kind, resource.ref.namespace);
}
