/** The least that a scan has to be allowed, as an object to apply. */
import type { ServedResource } from '../../sources/index.ts';

/** Of whom objects are only listed. */
const READ_ONCE: readonly string[] = ['list'];
/** Of whom they are watched, and sometimes asked for by name before the watch has seen them. */
export const WATCHED: readonly string[] = ['get', 'list', 'watch'];

/** `name` is that of the role. Discovery is open to whoever is signed in, by the role system:discovery. */
export function clusterRole(name: string, resources: readonly ServedResource[]): string {
  const groups = Map.groupBy(resources, ({ group }) => group);
  const rules = [...groups.keys()].sort().flatMap((group) => {
    const names = [...new Set(groups.get(group)!.map(({ resource }) => resource))].sort();
    return ruleLines(group, names);
  });
  return [
    'apiVersion: rbac.authorization.k8s.io/v1',
    'kind: ClusterRole',
    'metadata:',
    `  name: ${name}`,
    'rules:',
    ...rules.map((line) => `  ${line}`),
    '',
  ].join('\n');
}

/** In one line. */
export function ruleFor({ group, resource }: ServedResource, verbs: readonly string[] = READ_ONCE): string {
  const list = (words: readonly string[]) => `[${words.map((word) => JSON.stringify(word)).join(', ')}]`;
  return `{apiGroups: ${list([group])}, resources: ${list([resource])}, verbs: ${list(verbs)}}`;
}

/** Names are quoted: what a custom group is called is not ours to say. */
function ruleLines(group: string, resources: readonly string[]): string[] {
  return [
    `- apiGroups: [${JSON.stringify(group)}]`,
    '  resources:',
    ...resources.map((resource) => `    - ${JSON.stringify(resource)}`),
    '  verbs: ["list"]',
  ];
}
