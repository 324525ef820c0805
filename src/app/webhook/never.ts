/**
 * What the webhook is never asked about, whatever policies say: an answer that is late or wrong there would keep a cluster
 * from living or from healing. Rules can only name what they want, so wildcards that reach it are narrowed by match conditions.
 */
import { EXEMPT_RESOURCES } from '../../policy/match/exempt.ts';
import type { Atom } from './atoms.ts';

interface Never {
  /** Of the match condition. */
  readonly name: string;
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  /** Absent: the resource and all of them. */
  readonly subresource?: string;
}

const NEVER: readonly Never[] = Object.freeze([
  // Leases of nodes are their heartbeats; those of others elect leaders.
  { name: 'no-leases', groups: ['coordination.k8s.io'], resources: ['leases'] },
  { name: 'no-node-heartbeats', groups: [''], resources: ['nodes'], subresource: 'status' },
  { name: 'no-events', groups: ['', 'events.k8s.io'], resources: ['events'] },
  ...[...Map.groupBy(EXEMPT_RESOURCES, ({ group }) => group)].map(([group, resources]) => ({
    name: `no-${group.split('.')[0]}-reviews-and-policies`,
    groups: [group],
    resources: resources.map(({ resource }) => resource),
  })),
]);

/** Whether it reaches nothing but what is never asked about. */
export function isNever(atom: Atom): boolean {
  return NEVER.some(
    ({ groups, resources, subresource }) =>
      groups.includes(atom.group) &&
      resources.includes(atom.resource) &&
      (subresource === undefined || subresource === atom.subresource),
  );
}

export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** For what of it the wildcards of rules reach. */
export function conditionsFor(atoms: readonly Atom[]): MatchCondition[] {
  return NEVER.filter((never) => atoms.some((atom) => touches(atom, never))).map((never) => ({
    name: never.name,
    expression: expressionOf(never),
  }));
}

function touches(atom: Atom, { groups, resources, subresource }: Never): boolean {
  const subresources = subresource === undefined ? undefined : [subresource];
  return (
    meets(atom.group, groups) && meets(atom.resource, resources) && meets(atom.subresource, subresources)
  );
}

function meets(pattern: string, values: readonly string[] | undefined): boolean {
  return values === undefined || pattern === '*' || values.includes(pattern);
}

function expressionOf({ groups, resources, subresource }: Never): string {
  const parts = [
    `request.resource.group in ${listText(groups)}`,
    `request.resource.resource in ${listText(resources)}`,
    ...(subresource === undefined ? [] : [`request.subResource == "${subresource}"`]),
  ];
  return `!(${parts.join(' && ')})`;
}

function listText(items: readonly string[]): string {
  return `[${items.map((item) => `"${item}"`).join(', ')}]`;
}
