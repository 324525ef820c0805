/**
 * The types of what policies read. Source: apiserver pkg/admission/plugin/cel/compile.go (BuildRequestType,
 * BuildNamespaceType).
 */
import { BOOL, DYN, INT, listOf, mapOf, object, STRING, TIMESTAMP, type Type } from '../../cel/types.ts';

import type { Lookup } from '../form.ts';

export type Fields = Readonly<Record<string, Type>>;

export const REQUEST = object('kubernetes.AdmissionRequest');
export const NAMESPACE = object('kubernetes.Namespace');
export const VARIABLES = object('kubernetes.variables');
/** Kyverno's `exceptions`. */
export const EXCEPTIONS = object('libs.Exception');

const GROUP_VERSION_KIND = object('kubernetes.GroupVersionKind');
const GROUP_VERSION_RESOURCE = object('kubernetes.GroupVersionResource');
const USER_INFO = object('kubernetes.UserInfo');

export const RELATED = object('rampart.Related');
const RELATED_POD = object('rampart.RelatedPod');

/** Of the elements of a lookup. */
export function relatedType({ of }: Pick<Lookup, 'of'>): Type {
  return of === 'pods' ? RELATED_POD : DYN;
}

/** Fields of the object types, by name. */
export const OBJECT_TYPES: Readonly<Record<string, Fields>> = {
  'kubernetes.AdmissionRequest': {
    kind: GROUP_VERSION_KIND,
    resource: GROUP_VERSION_RESOURCE,
    subResource: STRING,
    requestKind: GROUP_VERSION_KIND,
    requestResource: GROUP_VERSION_RESOURCE,
    requestSubResource: STRING,
    name: STRING,
    namespace: STRING,
    operation: STRING,
    userInfo: USER_INFO,
    dryRun: BOOL,
    options: DYN,
  },
  'kubernetes.GroupVersionKind': { group: STRING, version: STRING, kind: STRING },
  'kubernetes.GroupVersionResource': { group: STRING, version: STRING, resource: STRING },
  'kubernetes.UserInfo': {
    username: STRING,
    uid: STRING,
    groups: listOf(STRING),
    extra: mapOf(STRING, listOf(STRING)),
  },
  'kubernetes.Namespace': {
    metadata: object('kubernetes.NamespaceMetadata'),
    spec: object('kubernetes.NamespaceSpec'),
    status: object('kubernetes.NamespaceStatus'),
  },
  'kubernetes.NamespaceMetadata': {
    name: STRING,
    generateName: STRING,
    namespace: STRING,
    labels: mapOf(STRING, STRING),
    annotations: mapOf(STRING, STRING),
    // Declared in capitals by the API server, so that no namespace's uid can be read; kept as it is.
    UID: STRING,
    creationTimestamp: TIMESTAMP,
    deletionGracePeriodSeconds: INT,
    deletionTimestamp: TIMESTAMP,
    generation: INT,
    resourceVersion: STRING,
    finalizers: listOf(STRING),
  },
  'kubernetes.NamespaceSpec': { finalizers: listOf(STRING) },
  'kubernetes.NamespaceStatus': {
    conditions: listOf(object('kubernetes.NamespaceCondition')),
    phase: STRING,
  },
  'rampart.RelatedPod': {
    kind: STRING,
    name: STRING,
    namespace: STRING,
    labels: mapOf(STRING, STRING),
    annotations: mapOf(STRING, STRING),
    serviceAccountName: STRING,
    hostNetwork: BOOL,
    ports: listOf(object('rampart.RelatedPort')),
  },
  'rampart.RelatedPort': { name: STRING, containerPort: INT },
  'kubernetes.NamespaceCondition': {
    status: STRING,
    type: STRING,
    lastTransitionTime: TIMESTAMP,
    message: STRING,
    reason: STRING,
  },
};

/** Types of the names of an environment: schemaless, unless a schema is known. */
export interface SubjectTypes {
  readonly object: Type;
  readonly params: Type;
  readonly pod: Type;
  readonly containers: Type;
  /** Fields of the object types among them. */
  readonly fields: (objectName: string, field: string) => Type | undefined;
  readonly fieldNames: (objectName: string) => readonly string[];
}

export const SCHEMALESS: SubjectTypes = {
  object: DYN,
  params: DYN,
  pod: DYN,
  containers: listOf(DYN),
  fields: () => undefined,
  fieldNames: () => [],
};
