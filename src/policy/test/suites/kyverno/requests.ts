/** Resources of a suite as the requests that Kyverno's CLI makes of them. */
import type { Discovery, Resource, ResourceInfo } from '../../../../model/index.ts';
import { type AdmissionRequest, createRequest, parseApiVersion, type UserInfo } from '../../../request.ts';
import type { Values } from './shape.ts';

/** What the CLI simulates; a CONNECT is asked as a CREATE is. */
export const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE'] as const;
export type SuiteOperation = (typeof OPERATIONS)[number];

export interface Asking {
  readonly discovery: Discovery;
  readonly user: UserInfo;
  readonly values: Values;
  /** With a cluster, its discovery says what is a subresource. */
  readonly cluster: boolean;
}

export function requestFor(resource: Resource, operation: SuiteOperation, asking: Asking): AdmissionRequest {
  const info = infoOf(resource, asking);
  const request = createRequest(resource, info, { defaultNamespace: 'default', userInfo: asking.user });
  const { object } = request;
  if (operation === 'CREATE') return request;
  if (operation === 'UPDATE') return { ...request, operation, oldObject: object };
  return { ...request, operation, object: null, oldObject: object };
}

function infoOf(resource: Resource, asking: Asking): ResourceInfo {
  const { apiVersion, kind, namespace } = resource.ref;
  const parent = asking.cluster ? undefined : parentOf(resource, asking.values);
  const target = parent ?? { apiVersion, kind };
  // Of kinds that nobody describes the CLI takes all to be namespaced.
  return asking.discovery.ofKind(target.apiVersion, target.kind, namespace || 'default');
}

/** What a subresource's object is part of: `PodExecOptions` of a Pod. */
function parentOf(
  { ref }: Resource,
  { subresources = [] }: Values,
): { apiVersion: string; kind: string } | undefined {
  const { group, version } = parseApiVersion(ref.apiVersion);
  const entry = subresources.find(
    ({ subresource: sub }) =>
      sub?.kind === ref.kind && (sub.group ?? '') === group && (sub.version ?? '') === version,
  );
  const parent = entry?.parentResource;
  if (parent === undefined) return undefined;
  const { group: parentGroup = '', version: parentVersion = '', kind = '' } = parent;
  return { apiVersion: parentGroup === '' ? parentVersion : `${parentGroup}/${parentVersion}`, kind };
}
