/** Everything a suite names, read. */
import type { JsonMap, Resource } from '../../../../model/index.ts';
import { isMap, mapAt, own, stringAt } from '../../../json.ts';
import type { UserInfo } from '../../../request.ts';
import type { TestIo } from '../../io.ts';
import { createReader, type Reader, SuiteFault } from './files.ts';
import {
  clusterResourceShape,
  contextShape,
  type GlobalContextEntry,
  type Suite,
  userInfoShape,
  type Values,
  valuesShape,
} from './shape.ts';

export interface Inputs {
  /** Policies, their bindings, exceptions. */
  readonly policies: readonly Resource[];
  /** What policies are asked about. */
  readonly resources: readonly Resource[];
  /** What mutations change besides. */
  readonly targets: readonly Resource[];
  readonly params: readonly Resource[];
  /** JSON documents that are no resources, by the name the suite gives them. */
  readonly payloads: ReadonlyMap<string, JsonMap>;
  readonly values: Values;
  readonly user: UserInfo;
  readonly world: World;
}

/** What policies can ask about beside the resource. */
export interface World {
  /** Whether there is a cluster, with everything the suite names in it; else only what the context file holds. */
  readonly cluster: boolean;
  readonly objects: readonly Resource[];
  readonly definitions: readonly JsonMap[];
  readonly images: ReadonlyMap<string, JsonMap>;
  readonly globalContext: ReadonlyMap<string, unknown>;
  /** By `METHOD:url`, or by the address alone for both methods. */
  readonly http: ReadonlyMap<string, JsonMap>;
}

export function readInputs(suite: Suite, file: string, io: TestIo): Inputs {
  const reader = createReader(file, io);
  const values = valuesOf(suite, reader);
  const resources = unique(reader.objects(suite.resources, '/resources'));
  const targets = reader.objects(suite.targetResources, '/targetResources');
  const params = reader.objects(suite.paramResources, '/paramResources');
  return {
    policies: [
      ...reader.objects(suite.policies, '/policies').map(completeBinding).map(withoutWebhook),
      ...reader.objects(suite.exceptions, '/exceptions'),
    ],
    resources,
    targets,
    params,
    payloads: payloadsOf(suite, reader),
    values,
    user: userOf(suite, reader),
    world: worldOf(suite, [...resources, ...targets, ...params], reader),
  };
}

function unique(resources: readonly Resource[]): Resource[] {
  const found = new Map<string, Resource>();
  for (const resource of resources) {
    const { apiVersion, kind, namespace, name } = resource.ref;
    const key = `${apiVersion} ${kind} ${namespace} ${name}`;
    if (!found.has(key)) found.set(key, resource);
  }
  return [...found.values()];
}

/** Kyverno takes bindings that leave out what the API server requires of them. */
function completeBinding(resource: Resource): Resource {
  const { object, ref } = resource;
  const spec = mapAt(object, 'spec');
  const validates = ref.kind === 'ValidatingAdmissionPolicyBinding';
  if ((!validates && ref.kind !== 'MutatingAdmissionPolicyBinding') || spec === undefined) return resource;
  const paramRef = mapAt(spec, 'paramRef');
  const completed = {
    ...(validates ? { validationActions: ['Deny'] } : {}),
    ...spec,
    ...(paramRef === undefined ? {} : { paramRef: { parameterNotFoundAction: 'Deny', ...paramRef } }),
  };
  return { ...resource, object: { ...object, spec: completed } };
}

/** Conditions of a webhook are the API server's to ask; the CLI asks none. */
function withoutWebhook(resource: Resource): Resource {
  const { object, ref } = resource;
  const spec = mapAt(object, 'spec');
  if (!ref.apiVersion.startsWith('kyverno.io/') || spec === undefined) return resource;
  return { ...resource, object: { ...object, spec: { ...spec, webhookConfiguration: null } } };
}

function valuesOf(suite: Suite, reader: Reader): Values {
  if (suite.variables === undefined) return suite.values ?? {};
  if (suite.values !== undefined)
    throw new SuiteFault('/values', 'values stand either in the suite or in a file, not in both');
  return reader.document(valuesShape, suite.variables, '/variables');
}

function userOf(suite: Suite, reader: Reader): UserInfo {
  if (suite.userinfo === undefined) return {};
  const { userInfo, roles, clusterRoles } = reader.document(userInfoShape, suite.userinfo, '/userinfo');
  return {
    ...userInfo,
    ...(roles === undefined ? {} : { roles }),
    ...(clusterRoles === undefined ? {} : { clusterRoles }),
  };
}

function payloadsOf({ jsonPayload, jsonPayloads = [] }: Suite, reader: Reader): Map<string, JsonMap> {
  const paths = jsonPayload !== undefined && jsonPayloads.length === 0 ? [jsonPayload] : jsonPayloads;
  return new Map(
    paths.map((path, i) => {
      const pointer = jsonPayloads.length === 0 ? '/jsonPayload' : `/jsonPayloads/${i}`;
      const value = reader.value(path, pointer);
      if (!isMap(value)) throw new SuiteFault(pointer, `${path}: expected a map`);
      return [path.replace(/^(\.\/)+/, ''), path.endsWith('.json') ? asDoubles(value) : value];
    }),
  );
}

/** The CLI decodes JSON as Go does when it is told nothing of types: `object.count + 1` errs there. */
function asDoubles<T>(value: T): T;
function asDoubles(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'bigint') return new Number(value);
  if (Array.isArray(value)) return value.map(asDoubles);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asDoubles(inner)]));
}

function worldOf(suite: Suite, named: readonly Resource[], reader: Reader): World {
  const contents = (suite.clusterResources ?? []).map((path, i) =>
    reader.document(clusterResourceShape, path, `/clusterResources/${i}`),
  );
  const cluster = contents.length > 0;
  const context =
    suite.context === undefined ? undefined : reader.document(contextShape, suite.context, '/context').spec;
  const crds = contents.flatMap(({ spec }) => spec?.crds ?? []);
  const inCluster = contents.flatMap(({ spec }) => (spec?.resources ?? []).map(resourceOf));
  return {
    cluster,
    definitions: reader.objects(crds, '/clusterResources').map(({ object }) => object),
    objects: cluster ? [...named, ...inCluster] : (context?.resources ?? []).map(resourceOf),
    images: new Map((context?.images ?? []).map((image) => [image.image ?? '', image as JsonMap])),
    globalContext: new Map(
      (suite.globalContextEntries ?? []).map((entry, i) => [
        entry.name.trim(),
        entryOf(entry, `/globalContextEntries/${i}`, reader),
      ]),
    ),
    http: httpOf(suite),
  };
}

/** An object that stands inside another document. */
export function resourceOf(object: JsonMap): Resource {
  const metadata = mapAt(object, 'metadata') ?? {};
  return {
    object,
    ref: {
      apiVersion: stringAt(object, 'apiVersion'),
      kind: stringAt(object, 'kind'),
      namespace: stringAt(metadata, 'namespace'),
      name: stringAt(metadata, 'name'),
    },
    origin: { file: '', document: 0, line: 1, pointer: '' },
  };
}

function entryOf(entry: GlobalContextEntry, pointer: string, reader: Reader): unknown {
  const { data, resources, resourceFiles } = entry;
  const given = [data, resources, resourceFiles].filter((source) => source !== undefined);
  if (given.length !== 1)
    throw new SuiteFault(pointer, 'an entry has exactly one of data, resources and resourceFiles');
  const root =
    data ??
    resources ??
    reader.objects(resourceFiles, `${pointer}/resourceFiles`).map(({ object }) => object);
  const part = entry.fieldPath === undefined ? root : partOf(root, entry.fieldPath, pointer);
  if (entry.projections === undefined) return part;
  return Object.fromEntries(
    entry.projections.map(({ name = '', path = '' }) => [name, partOf(part, path, pointer)]),
  );
}

/** Paths are JMESPath upstream; of those, plain field names and indices are read here. */
function partOf(root: unknown, path: string, pointer: string): unknown {
  const steps = [...path.matchAll(/\.?([A-Za-z_][\w-]*)|\[(\d+)\]|\.?"([^"]+)"/gy)];
  if (steps.map(([text]) => text).join('') !== path)
    throw new SuiteFault(pointer, `"${path}": only names and indices are read, no other JMESPath`);
  return steps.reduce((value: unknown, [, name, index, quoted]) => {
    if (index !== undefined) return Array.isArray(value) ? (value[Number(index)] ?? null) : null;
    return isMap(value) ? (own(value, name ?? quoted!) ?? null) : null;
  }, root);
}

function httpOf({ apiCallResponses = [] }: Suite): Map<string, JsonMap> {
  return new Map(
    apiCallResponses.map(({ url, urlPath, method = '', response }, i) => {
      const address = (url ?? urlPath ?? '').trim();
      const pointer = `/apiCallResponses/${i}`;
      if (address === '') throw new SuiteFault(pointer, 'url or urlPath is required');
      if (!isMap(response?.body)) throw new SuiteFault(`${pointer}/response`, 'the body must be a map');
      const verb = method.trim().toUpperCase();
      const answer = { body: response.body, statusCode: response.statusCode ?? 200 };
      return [verb === '' ? address : `${verb}:${address}`, answer];
    }),
  );
}
