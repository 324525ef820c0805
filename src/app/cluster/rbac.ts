/** The least that somebody has to be allowed in a cluster, as an object to apply. */
import type { LiveKind } from '../../model/index.ts';

/** What may be done with a resource. */
export interface Right {
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly string[];
  /** Only with objects of these names; absent: with all. */
  readonly names?: readonly string[];
}

/** Of whom objects are only listed. */
const READ_ONCE: readonly string[] = ['list'];
const WATCHED: readonly string[] = ['list', 'watch'];
/** Of whom one that the watch has not shown yet is asked for by its name. */
const FETCHED: readonly string[] = ['get', ...WATCHED];

type Named = Pick<LiveKind, 'group' | 'resource'>;

export function readOnce({ group, resource }: Named): Right {
  return { group, resource, verbs: READ_ONCE };
}

export function watched({ group, resource }: Named): Right {
  return { group, resource, verbs: WATCHED };
}

/** Watched by a worker, which does not let a request wait for the watch to show a Namespace that was just made. */
export function watchedByWorker(kind: Named): Right {
  const isNamespaces = kind.group === '' && kind.resource === 'namespaces';
  return isNamespaces ? { ...watched(kind), verbs: FETCHED } : watched(kind);
}

/**
 * Discovery is open to whoever is signed in, by the role system:discovery.
 *
 * @param name Of the role.
 * @param remarks What the rules leave open, each in one line of its own.
 */
export function clusterRole(name: string, rights: readonly Right[], remarks: readonly string[] = []): string {
  return [
    ...remarks.map((remark) => `# ${remark}`),
    'apiVersion: rbac.authorization.k8s.io/v1',
    'kind: ClusterRole',
    'metadata:',
    `  name: ${name}`,
    'rules:',
    ...rulesOf(rights).flatMap((rule) => ruleLines(rule).map((line) => `  ${line}`)),
    '',
  ].join('\n');
}

/** In one line. */
export function ruleFor({ group, resource, verbs }: Right): string {
  return `{apiGroups: ${list([group])}, resources: ${list([resource])}, verbs: ${list(verbs)}}`;
}

/** Names are quoted: what a custom group is called is not ours to say. */
function list(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(', ')}]`;
}

interface Rule extends Pick<Right, 'group' | 'verbs' | 'names'> {
  readonly resources: readonly string[];
}

/** Resources of a group with the same rights stand in one rule. */
function rulesOf(rights: readonly Right[]): Rule[] {
  const alike = Map.groupBy(joined(rights), ({ group, verbs, names = [] }) =>
    list([group, ...verbs, '', ...names]),
  );
  return [...alike.values()]
    .map((some) => ({ ...some[0]!, resources: some.map(({ resource }) => resource).sort() }))
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/** Each resource once, and once more where something may be done with some objects alone. */
function joined(rights: readonly Right[]): Right[] {
  const same = Map.groupBy(rights, ({ group, resource, names = [] }) => list([group, resource, ...names]));
  return [...same.values()].map((some) => {
    const verbs = new Set(some.flatMap(({ verbs }) => verbs));
    return { ...some[0]!, verbs: VERBS.filter((verb) => verbs.has(verb)) };
  });
}

const VERBS: readonly string[] = ['get', 'list', 'watch', 'create', 'patch', 'delete'];

function sortKey({ group, resources, names = [] }: Rule): string {
  return [group, names.length, ...resources].join(' ');
}

function ruleLines({ group, resources, verbs, names }: Rule): string[] {
  return [
    `- apiGroups: ${list([group])}`,
    '  resources:',
    ...resources.map((resource) => `    - ${JSON.stringify(resource)}`),
    ...(names === undefined ? [] : [`  resourceNames: ${list(names)}`]),
    `  verbs: ${list(verbs)}`,
  ];
}
