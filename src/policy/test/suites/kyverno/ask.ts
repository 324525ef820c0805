/** What policies ask a cluster, registries and the network, answered by what the suite says of them. */
import type { AskContext, ContextAnswer, ContextQuestion } from '../../../../cel/libraries/index.ts';
import type { Discovery, Resource } from '../../../../model/index.ts';
import { isMap, mapAt, own } from '../../../json.ts';
import { parseApiVersion } from '../../../request.ts';
import type { World } from './inputs.ts';

/** @param others Who answers what the suite says nothing of, before that is taken for absent, as the CLI does. */
export function askWorld(world: World, discovery: Discovery, others?: AskContext): AskContext {
  const resources = indexed(world.objects, discovery);
  return (question) => known(question, world, resources, discovery) ?? others?.(question) ?? absent(question);
}

/** Undefined where the suite says nothing. */
function known(
  question: ContextQuestion,
  world: World,
  resources: Indexed,
  discovery: Discovery,
): ContextAnswer | undefined {
  switch (question.kind) {
    case 'resource-get':
      return find(resources, question);
    case 'resource-list':
      return list(resources, question);
    case 'resource-mapping':
      return mapping(question, discovery);
    case 'resource-post':
      return undefined;
    case 'global-context':
      return globalContext(world, question);
    case 'image-data': {
      const data = world.images.get(question.image);
      return data === undefined ? undefined : { value: data };
    }
    case 'http': {
      const { method, url } = question;
      const answer = world.http.get(`${method}:${url}`) ?? world.http.get(url);
      return answer === undefined ? undefined : { value: answer };
    }
  }
}

/** What the CLI makes of a question that nobody answers; undefined where it would ask the cluster or the network. */
function absent(question: ContextQuestion): ContextAnswer | undefined {
  switch (question.kind) {
    case 'resource-get':
    case 'global-context':
      return { value: null };
    case 'resource-list':
      return { error: `${question.resource} resource not found` };
    case 'image-data':
      return { error: `image data for ${question.image} not found in the context` };
    default:
      return undefined;
  }
}

type Indexed = ReadonlyMap<string, readonly Resource[]>;
type Asked<K extends ContextQuestion['kind']> = Extract<ContextQuestion, { kind: K }>;

function indexed(objects: readonly Resource[], discovery: Discovery): Indexed {
  const found = new Map<string, Resource[]>();
  for (const object of objects) {
    const { apiVersion, kind, namespace } = object.ref;
    const key = `${apiVersion} ${discovery.ofKind(apiVersion, kind, namespace).resource}`;
    found.set(key, [...(found.get(key) ?? []), object]);
  }
  return found;
}

function find(
  resources: Indexed,
  { apiVersion, resource, namespace, name }: Asked<'resource-get'>,
): ContextAnswer | undefined {
  const all = resources.get(`${apiVersion} ${resource}`) ?? [];
  const found = all.find(({ ref }) => ref.name === name && ref.namespace === namespace);
  return found === undefined ? undefined : { value: found.object };
}

function list(
  resources: Indexed,
  { apiVersion, resource, namespace, labels }: Asked<'resource-list'>,
): ContextAnswer | undefined {
  const all = resources.get(`${apiVersion} ${resource}`);
  if (all === undefined) return undefined;
  const items = all.filter(({ ref, object }) => {
    const own_ = mapAt(mapAt(object, 'metadata') ?? {}, 'labels') ?? {};
    const labelled = Object.entries(labels).every(([key, value]) => own(own_, key) === value);
    return labelled && (namespace === '' || ref.namespace === namespace);
  });
  return { value: { items: items.map(({ object }) => object) } };
}

function mapping({ apiVersion, objectKind }: Asked<'resource-mapping'>, discovery: Discovery): ContextAnswer {
  const { group, version } = parseApiVersion(apiVersion);
  return { value: { group, version, resource: discovery.ofKind(apiVersion, objectKind).resource } };
}

function globalContext(
  { globalContext: entries }: World,
  { name, projection }: Asked<'global-context'>,
): ContextAnswer | undefined {
  if (!entries.has(name)) return undefined;
  const value = entries.get(name) ?? null;
  if (projection === '' || value === null) return { value };
  const part = isMap(value) ? own(value, projection) : undefined;
  if (part !== undefined) return { value: part };
  return { error: `projection "${projection}" not found in global context entry "${name}"` };
}
