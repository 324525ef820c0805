/** The least that a scan has to be allowed, as an object to apply. */
import type { ServedResource } from '../../sources/index.ts';

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
export function ruleFor({ group, resource }: ServedResource, verb: 'get' | 'list' = 'list'): string {
  return `{apiGroups: ${JSON.stringify([group])}, resources: ${JSON.stringify([resource])}, verbs: ["${verb}"]}`;
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
