/** Which resources carry pod templates, and where. */

import type { Rule } from '../../match/rules.ts';
import { nearest } from '../../nearest.ts';

export interface PodCarrier {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  /** JSON Pointer of the template in the object; empty for a Pod, which is its own. */
  readonly pointer: string;
  /**
   * Group and version under which it was served before, with the template in the same place. Manifests still say so,
   * and the template is the same to every version.
   */
  readonly former?: readonly (readonly [group: string, version: string])[];
}

const BEFORE_APPS_V1 = [
  ['apps', 'v1beta2'],
  ['apps', 'v1beta1'],
  ['extensions', 'v1beta1'],
] as const;

/** The built-in kinds with a pod template. The templates of custom ones are seen as Pods (evaluate/embedded.ts). */
const POD_CARRIERS: readonly PodCarrier[] = [
  { group: '', version: 'v1', resource: 'pods', kind: 'Pod', pointer: '' },
  { group: '', version: 'v1', resource: 'podtemplates', kind: 'PodTemplate', pointer: '/template' },
  {
    group: '',
    version: 'v1',
    resource: 'replicationcontrollers',
    kind: 'ReplicationController',
    pointer: '/spec/template',
  },
  {
    group: 'apps',
    version: 'v1',
    resource: 'replicasets',
    kind: 'ReplicaSet',
    pointer: '/spec/template',
    former: BEFORE_APPS_V1,
  },
  {
    group: 'apps',
    version: 'v1',
    resource: 'deployments',
    kind: 'Deployment',
    pointer: '/spec/template',
    former: BEFORE_APPS_V1,
  },
  {
    group: 'apps',
    version: 'v1',
    resource: 'statefulsets',
    kind: 'StatefulSet',
    pointer: '/spec/template',
    former: BEFORE_APPS_V1,
  },
  {
    group: 'apps',
    version: 'v1',
    resource: 'daemonsets',
    kind: 'DaemonSet',
    pointer: '/spec/template',
    former: BEFORE_APPS_V1,
  },
  { group: 'batch', version: 'v1', resource: 'jobs', kind: 'Job', pointer: '/spec/template' },
  {
    group: 'batch',
    version: 'v1',
    resource: 'cronjobs',
    kind: 'CronJob',
    pointer: '/spec/jobTemplate/spec/template',
    former: [
      ['batch', 'v1beta1'],
      ['batch', 'v2alpha1'],
    ],
  },
];

const BY_KIND = new Map(
  POD_CARRIERS.flatMap((carrier) =>
    [...versionsOf(carrier).keys()].map((group): [string, string] => [
      `${group}/${carrier.kind}`,
      carrier.pointer,
    ]),
  ),
);

/** Versions by group, the present one first. */
function versionsOf({ group, version, former = [] }: PodCarrier): ReadonlyMap<string, readonly string[]> {
  const all = [[group, version] as const, ...former];
  return new Map([...Map.groupBy(all, ([of]) => of)].map(([of, pairs]) => [of, pairs.map(([, v]) => v)]));
}

/** Where the template stands in objects of a kind, whatever the version; undefined when there is none. */
export function podPointer(group: string, kind: string): string | undefined {
  return BY_KIND.get(`${group}/${kind}`);
}

/** Whether objects of a kind of some group have one. */
export function mayCarryPods(kind: string): boolean {
  return POD_CARRIERS.some((carrier) => carrier.kind === kind);
}

/** `deployments.v1.apps`, as `controllers` names them; `pods.v1` in the core group. */
function controllerName({ resource, version, group }: PodCarrier): string {
  return group === '' ? `${resource}.${version}` : `${resource}.${version}.${group}`;
}

const CONTROLLERS: readonly string[] = POD_CARRIERS.filter((c) => c.pointer !== '').map(controllerName);

/** The controllers a policy means; a name that is none comes back as a fault. */
export function carriersOf(
  controllers: string | readonly string[] | undefined,
): { carriers: readonly PodCarrier[] } | { unknown: string; nearest: string | undefined } {
  if (controllers === undefined || controllers === 'all') return { carriers: POD_CARRIERS };
  if (typeof controllers === 'string') return { carriers: POD_CARRIERS.slice(0, 1) };
  const unknown = controllers.find((name) => !CONTROLLERS.includes(name));
  if (unknown !== undefined) return { unknown, nearest: nearest(unknown, CONTROLLERS) };
  const chosen = POD_CARRIERS.filter((c) => c.pointer === '' || controllers.includes(controllerName(c)));
  return { carriers: chosen };
}

/** `matchConstraints` of a pod policy that states none. Ephemeral containers come in by a subresource of their own. */
export function rulesOf(carriers: readonly PodCarrier[]): Rule[] {
  return carriers.flatMap((carrier) =>
    [...versionsOf(carrier)].map(([group, versions]) => ruleOf(group, versions, carrier.resource)),
  );
}

function ruleOf(group: string, versions: readonly string[], resource: string): Rule {
  const subresources = resource === 'pods' ? ['', 'ephemeralcontainers'] : [''];
  return {
    operations: ['CREATE', 'UPDATE'],
    apiGroups: [group],
    apiVersions: versions,
    resources: subresources.map((subresource) => ({ resource, subresource })),
    scope: '*',
    resourceNames: [],
  };
}
