import type { JsonMap } from '../../model/index.ts';
import { mapAt } from '../json.ts';
import { type Selector, selects, selectsPartially } from './labels.ts';

/** What is known of a namespace's labels. */
export type NamespaceLabels =
  | { readonly state: 'known'; readonly labels: JsonMap }
  /** Only the labels that every namespace has: its object is not at hand, for the reason given. */
  | { readonly state: 'partial'; readonly labels: JsonMap; readonly doubt: string }
  /** A cluster that was asked says there is no such namespace. */
  | { readonly state: 'missing' };

/** Namespace objects at hand. Both may change between two questions, as those of a cluster do. */
export interface NamespaceSource {
  readonly objects: Pick<ReadonlyMap<string, JsonMap>, 'get'>;
  /** True in a cluster: what is not there does not exist. False for files: what is not there is unknown. */
  readonly complete: boolean;
  /** Why what is not there is unknown, after the name of the namespace. Default: it is not among the files. */
  readonly doubt?: string;
}

/** Of a namespace that nobody looked for in a cluster. */
export const NOT_AMONG_FILES = 'which is not among the files';

const NAME_LABEL = 'kubernetes.io/metadata.name';

const MISSING: NamespaceLabels = { state: 'missing' };

/** Labels of namespaces as they are when asked for. An object is read once: one that changes is another object. */
export function namespaceLabels(source: NamespaceSource): (name: string) => NamespaceLabels {
  const read = new WeakMap<JsonMap, NamespaceLabels>();
  return (name) => {
    const object = source.objects.get(name);
    if (object === undefined) return source.complete ? MISSING : partial(name, source);
    let labels = read.get(object);
    if (labels === undefined) {
      labels = { state: 'known', labels: withNameLabel(labelsOf(object), name) };
      read.set(object, labels);
    }
    return labels;
  };
}

function partial(name: string, { doubt = NOT_AMONG_FILES }: NamespaceSource): NamespaceLabels {
  return { state: 'partial', labels: { [NAME_LABEL]: name }, doubt };
}

function labelsOf(namespace: JsonMap): JsonMap {
  const metadata = mapAt(namespace, 'metadata');
  return (metadata === undefined ? undefined : mapAt(metadata, 'labels')) ?? {};
}

/** The API server sets this label on every namespace and refuses another value. */
export function withNameLabel(labels: JsonMap, name: string): JsonMap {
  return labels[NAME_LABEL] === name ? labels : { ...labels, [NAME_LABEL]: name };
}

/** Whether a selector selects a namespace, or why nobody can tell. */
export function selectsNamespace(
  selector: Selector,
  name: string,
  lookUp: (name: string) => NamespaceLabels,
): boolean | { readonly detail: string } {
  const labels = lookUp(name);
  switch (labels.state) {
    case 'known':
      return selects(selector, labels.labels);
    case 'missing':
      return { detail: `namespaces "${name}" not found` };
    case 'partial': {
      const answer = selectsPartially(selector, labels.labels);
      if ('decided' in answer) return answer.decided;
      return {
        detail: `namespaceSelector asks for label "${answer.undecided}" of namespace "${name}", ${labels.doubt}`,
      };
    }
  }
}
