/**
 * An AdmissionReview as a request. What the API server does not send is refused rather than guessed at: an answer to a
 * question that was not understood would be a way past every policy.
 * Source: k8s.io/api/admission/v1, AdmissionRequest.
 */
import type { JsonMap } from '../model/index.ts';
import type { AdmissionRequest, Original, UserInfo } from '../policy/index.ts';

export interface Review {
  /** To be sent back. */
  readonly uid: string;
  readonly request: AdmissionRequest;
}

/** Why it is none, in a sentence. */
export interface NoReview {
  readonly fault: string;
}

const API_VERSION = 'admission.k8s.io/v1';
const OPERATIONS: ReadonlySet<unknown> = new Set(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']);
const MOST_UID = 256;

/** @param value Parsed JSON. */
export function readReview(value: unknown): Review | NoReview {
  if (!isMap(value) || value['kind'] !== 'AdmissionReview') return { fault: 'expected an AdmissionReview' };
  const { apiVersion } = value;
  if (apiVersion !== API_VERSION)
    return { fault: `expected apiVersion ${API_VERSION}, got ${shown(apiVersion)}` };
  const of = value['request'];
  if (!isMap(of)) return { fault: 'request: expected a map' };
  const fault = faultIn(of);
  return fault === undefined
    ? { uid: of['uid'] as string, request: requestOf(of as unknown as Sent) }
    : { fault };
}

/** What is no short text is not worth showing, and may be anything. */
function shown(value: unknown): string {
  if (value === undefined) return 'none';
  return typeof value === 'string' && value.length <= MOST_SHOWN ? JSON.stringify(value) : 'something else';
}

const MOST_SHOWN = 64;

interface Sent {
  readonly kind: Original['kind'];
  readonly resource: Original['resource'];
  readonly subResource?: string;
  readonly requestKind?: Original['kind'];
  readonly requestResource?: Original['resource'];
  readonly requestSubResource?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly operation: AdmissionRequest['operation'];
  readonly userInfo: UserInfo;
  readonly object?: JsonMap | null;
  readonly oldObject?: JsonMap | null;
  readonly dryRun?: boolean | null;
  readonly options?: JsonMap | null;
}

function faultIn(of: JsonMap): string | undefined {
  const { uid, operation } = of;
  if (typeof uid !== 'string' || uid === '' || uid.length > MOST_UID) return 'request.uid: expected a string';
  if (!OPERATIONS.has(operation)) return 'request.operation: expected CREATE, UPDATE, DELETE or CONNECT';
  for (const [field, names] of GROUPED) {
    const value = of[field];
    const absent = value === undefined || value === null;
    if (absent && field.startsWith('request')) continue;
    if (!isMap(value) || names.some((name) => typeof value[name] !== 'string'))
      return `request.${field}: expected ${names.join(', ')} as strings`;
  }
  for (const field of STRINGS)
    if (!isAbsent(of[field]) && typeof of[field] !== 'string') return `request.${field}: expected a string`;
  for (const field of MAPS)
    if (!isAbsent(of[field]) && !isMap(of[field])) return `request.${field}: expected a map or null`;
  if (!isAbsent(of['dryRun']) && typeof of['dryRun'] !== 'boolean')
    return 'request.dryRun: expected a boolean';
  if (isAbsent(of['object']) && (operation === 'CREATE' || operation === 'UPDATE'))
    return `request.object: expected a map, since the operation is ${operation}`;
  return userFault(of['userInfo']);
}

const GROUPED = [
  ['kind', ['group', 'version', 'kind']],
  ['resource', ['group', 'version', 'resource']],
  ['requestKind', ['group', 'version', 'kind']],
  ['requestResource', ['group', 'version', 'resource']],
] as const;
const STRINGS = ['subResource', 'requestSubResource', 'name', 'namespace'] as const;
const MAPS = ['object', 'oldObject', 'options'] as const;

function userFault(user: unknown): string | undefined {
  if (!isMap(user)) return 'request.userInfo: expected a map';
  const { username, uid, groups, extra } = user;
  if (!isAbsent(username) && typeof username !== 'string')
    return 'request.userInfo.username: expected a string';
  if (!isAbsent(uid) && typeof uid !== 'string') return 'request.userInfo.uid: expected a string';
  if (!isAbsent(groups) && !areStrings(groups)) return 'request.userInfo.groups: expected strings';
  if (isAbsent(extra)) return undefined;
  if (!isMap(extra) || !Object.values(extra).every(areStrings))
    return 'request.userInfo.extra: expected lists of strings';
  return undefined;
}

function requestOf(of: Sent): AdmissionRequest {
  const { kind, resource, operation, userInfo, subResource: subresource = '' } = of;
  const object = of.object ?? null;
  const oldObject = of.oldObject ?? null;
  const namespace = of.namespace ?? '';
  // Empty where the server is asked to generate a name, or deletes a collection.
  const name = of.name ?? '';
  const original = originalOf(of);
  return {
    operation,
    kind,
    resource,
    subresource,
    name,
    namespace,
    userInfo,
    rolesUnknown: true,
    dryRun: of.dryRun ?? false,
    options: of.options ?? null,
    object,
    oldObject,
    ...(original === undefined ? {} : { original }),
    ref: {
      apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
      kind: kind.kind,
      // A Namespace is in none, though its requests name one.
      namespace: resource.resource === 'namespaces' && resource.group === '' ? '' : namespace,
      name: name === '' ? generatedName(object ?? oldObject) : name,
    },
  };
}

/** Undefined where nothing was converted. */
function originalOf(of: Sent): Original | undefined {
  const { kind, resource, requestKind = kind, requestResource = resource } = of;
  const subresource = of.requestSubResource ?? of.subResource ?? '';
  const same =
    requestKind.group === kind.group &&
    requestKind.version === kind.version &&
    requestKind.kind === kind.kind &&
    requestResource.group === resource.group &&
    requestResource.version === resource.version &&
    requestResource.resource === resource.resource;
  return same ? undefined : { kind: requestKind, resource: requestResource, subresource };
}

function generatedName(object: JsonMap | null): string {
  const metadata = object?.['metadata'];
  if (!isMap(metadata)) return '';
  const { name, generateName } = metadata;
  if (typeof name === 'string' && name !== '') return name;
  return typeof generateName === 'string' && generateName !== '' ? `${generateName}*` : '';
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Number);
}

function areStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
