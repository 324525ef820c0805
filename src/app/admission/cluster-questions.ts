/** What Kyverno's policies ask a cluster for, by `resource.get` and `resource.list`: the API server's own answer. */
import type { EvaluationContext } from '../../policy/index.ts';
import { parseApiVersion } from '../../policy/index.ts';
import { type Cluster, ClusterError, type Json } from '../../sources/index.ts';
import { createKeptAnswers } from './kept-answers.ts';
import { parseBody } from './parse.ts';

type Ask = NonNullable<EvaluationContext['ask']>;
type Question = Extract<Parameters<Ask>[0], { kind: 'resource-get' | 'resource-list' }>;
type Answer = NonNullable<ReturnType<Ask>>;

export interface ClusterQuestions {
  readonly ask: Ask;
  /** Asks what was wanted since it was last asked; undefined: nothing that is not known. */
  askFor(): Promise<void> | undefined;
}

/** Long enough for the request that wanted to know, and those that come with it. */
const KEPT_MS = 2_000;
const ASK_MS = 2_000;
/** Of one list. */
const MOST_OBJECTS = 500;

const ANYBODY = {};

export function createClusterQuestions(cluster: Pick<Cluster, 'read'>, now: () => number): ClusterQuestions {
  const kept = createKeptAnswers({
    ask: (question: Question) => answered(cluster, question),
    keptMs: KEPT_MS,
    now,
  });
  return {
    ask: (question) =>
      question.kind === 'resource-get' || question.kind === 'resource-list'
        ? kept.answer(question, ANYBODY)
        : undefined,
    askFor: () => kept.askFor(ANYBODY),
  };
}

async function answered(cluster: Pick<Cluster, 'read'>, question: Question): Promise<Answer> {
  const path = pathOf(question);
  if (path === undefined) return { error: 'no object can be called so' };
  try {
    const json = parseBody(Buffer.from(await cluster.read(path, { withinMs: ASK_MS }))) as Json;
    return question.kind === 'resource-get' ? { value: json } : listed(json);
  } catch (error) {
    const isMissing = error instanceof ClusterError && error.status === 404;
    if (isMissing && question.kind === 'resource-get') return { value: null };
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Items of a list do not repeat what they are. */
function listed({ apiVersion, kind, metadata, items }: Json): Answer {
  if (!Array.isArray(items)) return { error: 'what is answered is no list' };
  const more = (metadata as Json | undefined)?.['continue'];
  if (typeof more === 'string' && more !== '')
    return { error: `there are more than ${MOST_OBJECTS} objects` };
  const of = { apiVersion, kind: String(kind).replace(/List$/, '') };
  return { value: { items: (items as Json[]).map((item) => ({ ...of, ...item })) } };
}

/** Of what stands in a path: whatever is called otherwise might lead elsewhere. */
const NAME = /^[a-z0-9][a-z0-9.:-]*$/i;
const LABEL = /^([a-z0-9.-]+\/)?[\w.-]*$/i;

/** Undefined for names that no object has. */
function pathOf(question: Question): string | undefined {
  const { resource, namespace } = question;
  const { group, version } = parseApiVersion(question.apiVersion);
  const steps = [
    ...(group === '' ? ['api', version] : ['apis', group, version]),
    ...(namespace === '' ? [] : ['namespaces', namespace]),
    resource,
    ...(question.kind === 'resource-get' ? [question.name] : []),
  ];
  if (!steps.every((step) => NAME.test(step))) return undefined;
  const path = `/${steps.map(encodeURIComponent).join('/')}`;
  if (question.kind === 'resource-get') return path;
  const labels = Object.entries(question.labels);
  if (!labels.every((label) => label.every((word) => LABEL.test(word)))) return undefined;
  const query = new URLSearchParams({ limit: String(MOST_OBJECTS) });
  if (labels.length > 0) query.set('labelSelector', labels.map(([key, value]) => `${key}=${value}`).join());
  return `${path}?${query}`;
}
