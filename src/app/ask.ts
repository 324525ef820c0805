/** What Kyverno's policies ask a cluster, registries and the network, answered by --answers; nothing is fetched. */
import type { AskContext, ContextAnswer, ContextQuestion } from '../cel/libraries/index.ts';
import type { Discovery, JsonMap } from '../model/index.ts';
import { parseApiVersion } from '../policy/index.ts';
import type { Answers } from './answers.ts';

type Asked<K extends ContextQuestion['kind']> = Extract<ContextQuestion, { kind: K }>;

/** What is not among the answers is undefined: nobody knows. */
export function askBy(answers: Answers | undefined, discovery: Discovery): AskContext {
  return (question) => {
    if (question.kind === 'resource-mapping') return mapping(question, discovery);
    return answers === undefined ? undefined : answerTo(question, answers);
  };
}

function answerTo(
  question: Exclude<ContextQuestion, Asked<'resource-mapping'>>,
  answers: Answers,
): ContextAnswer | undefined {
  switch (question.kind) {
    case 'resource-get':
      return get(question, answers);
    case 'resource-list':
      return list(question, answers);
    case 'resource-post':
      return undefined;
    case 'http':
      return http(question, answers);
    case 'global-context':
      return globalContext(question, answers);
    case 'image-data': {
      const found = answers.images.find(({ image }) => image === question.image);
      return found === undefined ? undefined : { value: found.data };
    }
  }
}

function get(asked: Asked<'resource-get'>, answers: Answers): ContextAnswer | undefined {
  const items = itemsOf(asked, answers);
  if (items === undefined) return undefined;
  const { namespace, name } = asked;
  const found = items.find((item) => item.namespace === namespace && textAt(item.metadata, 'name') === name);
  return { value: found?.object ?? null };
}

function list(asked: Asked<'resource-list'>, answers: Answers): ContextAnswer | undefined {
  const { namespace, labels } = asked;
  const items = itemsOf(asked, answers)?.filter((item) => {
    const own = mapAt(item.metadata, 'labels');
    const labelled = Object.entries(labels).every(([key, value]) => textAt(own, key) === value);
    return labelled && (namespace === '' || item.namespace === namespace);
  });
  return items === undefined ? undefined : { value: { items: items.map(({ object }) => object) } };
}

interface Item {
  readonly object: JsonMap;
  readonly metadata: JsonMap;
  readonly namespace: string;
}

/** All objects that the question may be about. An answer about one namespace says nothing of all. */
function itemsOf(
  { apiVersion, resource, namespace }: Asked<'resource-get'> | Asked<'resource-list'>,
  { resources }: Answers,
): Item[] | undefined {
  const found = resources.find(
    (answer) =>
      answer.apiVersion === apiVersion &&
      answer.resource === resource &&
      (answer.namespace === undefined || answer.namespace === namespace),
  );
  return found?.items.map((object) => {
    const metadata = mapAt(object, 'metadata');
    return { object, metadata, namespace: textAt(metadata, 'namespace') || (found.namespace ?? '') };
  });
}

function http({ method, url }: Asked<'http'>, answers: Answers): ContextAnswer | undefined {
  const found = answers.http.find(
    (answer) => answer.url === url && (answer.method === undefined || answer.method === method),
  );
  return found === undefined ? undefined : { value: { body: found.body, statusCode: found.status ?? 200 } };
}

function globalContext(
  { name, projection }: Asked<'global-context'>,
  answers: Answers,
): ContextAnswer | undefined {
  const found = answers.globalContext.find((answer) => answer.name === name);
  if (projection === '') return found !== undefined && 'value' in found ? { value: found.value } : undefined;
  const projections = found?.projections ?? {};
  return Object.hasOwn(projections, projection) ? { value: projections[projection] } : undefined;
}

/** Which resource a kind is: no answer is needed where its description is known. */
function mapping(
  { apiVersion, objectKind }: Asked<'resource-mapping'>,
  discovery: Discovery,
): ContextAnswer | undefined {
  const { resource, guessed } = discovery.ofKind(apiVersion, objectKind);
  return guessed ? undefined : { value: { ...parseApiVersion(apiVersion), resource } };
}

function mapAt(map: JsonMap, key: string): JsonMap {
  const value = Object.hasOwn(map, key) ? map[key] : undefined;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonMap) : {};
}

function textAt(map: JsonMap, key: string): string {
  const value = Object.hasOwn(map, key) ? map[key] : undefined;
  return typeof value === 'string' ? value : '';
}
