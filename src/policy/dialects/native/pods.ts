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
}

/** The built-in kinds with a pod template. Custom ones come by a setting later. */
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
  { group: 'apps', version: 'v1', resource: 'replicasets', kind: 'ReplicaSet', pointer: '/spec/template' },
  { group: 'apps', version: 'v1', resource: 'deployments', kind: 'Deployment', pointer: '/spec/template' },
  { group: 'apps', version: 'v1', resource: 'statefulsets', kind: 'StatefulSet', pointer: '/spec/template' },
  { group: 'apps', version: 'v1', resource: 'daemonsets', kind: 'DaemonSet', pointer: '/spec/template' },
  { group: 'batch', version: 'v1', resource: 'jobs', kind: 'Job', pointer: '/spec/template' },
  {
    group: 'batch',
    version: 'v1',
    resource: 'cronjobs',
    kind: 'CronJob',
    pointer: '/spec/jobTemplate/spec/template',
  },
];

const BY_KIND = new Map(POD_CARRIERS.map(({ group, kind, pointer }) => [`${group}/${kind}`, pointer]));

/** Where the template stands in objects of a kind, whatever the version; undefined when there is none. */
export function podPointer(group: string, kind: string): string | undefined {
  return BY_KIND.get(`${group}/${kind}`);
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
  return carriers.map(({ group, version, resource }) => ({
    operations: ['CREATE', 'UPDATE'],
    apiGroups: [group],
    apiVersions: [version],
    resources:
      resource === 'pods'
        ? [
            { resource, subresource: '' },
            { resource, subresource: 'ephemeralcontainers' },
          ]
        : [{ resource, subresource: '' }],
    scope: '*',
    resourceNames: [],
  }));
}
