/** The cluster that admission.test.ts plays: its kinds, as both sides are told of them. */
import type { Discovery, EquivalentResource, ResourceInfo } from '../../src/model/index.ts';

/** A resource, or a part of one, and the kind it carries (admission_world.go). */
export interface ServedKind {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly kind: string;
  readonly kindGroup: string;
  readonly kindVersion: string;
  readonly namespaced: boolean;
}

interface Main {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Subresources; `scale` carries a Scale of another group. */
  readonly parts: readonly string[];
}

const MAIN: readonly Main[] = [
  main('', 'v1', 'pods', 'Pod', true, ['ephemeralcontainers', 'status']),
  main('', 'v1', 'configmaps', 'ConfigMap', true),
  main('', 'v1', 'namespaces', 'Namespace', false, ['finalize', 'status']),
  main('', 'v1', 'nodes', 'Node', false, ['status']),
  main('apps', 'v1', 'deployments', 'Deployment', true, ['scale', 'status']),
  main('apps', 'v1beta1', 'deployments', 'Deployment', true, ['scale', 'status']),
  main('batch', 'v1', 'cronjobs', 'CronJob', true, ['status']),
  main('batch', 'v1beta1', 'cronjobs', 'CronJob', true),
  main('example.com', 'v1', 'widgets', 'Widget', true, ['status']),
  main('example.com', 'v2', 'widgets', 'Widget', true, ['status']),
  main('example.com', 'v1', 'gadgets', 'Gadget', false),
  // Named as the core resource is: some of the API server's rules look at the name alone.
  main('example.com', 'v1', 'namespaces', 'Namespace', false),
  main(
    'admissionregistration.k8s.io',
    'v1',
    'validatingadmissionpolicies',
    'ValidatingAdmissionPolicy',
    false,
  ),
  main(
    'admissionregistration.k8s.io',
    'v1',
    'validatingwebhookconfigurations',
    'ValidatingWebhookConfiguration',
    false,
  ),
  main('authorization.k8s.io', 'v1', 'subjectaccessreviews', 'SubjectAccessReview', false),
];

function main(
  group: string,
  version: string,
  resource: string,
  kind: string,
  namespaced: boolean,
  parts: readonly string[] = [],
): Main {
  return { group, version, resource, kind, namespaced, parts };
}

/** Everything the API server serves. */
export const KINDS: readonly ServedKind[] = MAIN.flatMap(({ parts, ...of }) =>
  ['', ...parts].map((subresource): ServedKind => {
    const scale = subresource === 'scale';
    return {
      ...of,
      subresource,
      kind: scale ? 'Scale' : of.kind,
      kindGroup: scale ? 'autoscaling' : of.group,
      kindVersion: scale ? 'v1' : of.version,
    };
  }),
);

const INFOS: readonly ResourceInfo[] = MAIN.map(({ parts, ...of }) => ({
  ...of,
  subresources: parts,
  guessed: false,
}));

/** Deployments of the two versions differ in more than the name of the version; the others do not. */
const CONVERTED = new Set(['deployments']);

export const discovery: Discovery = {
  meant: () => undefined,
  minor: 37,
  ofKind: (apiVersion, kind) => {
    const info = INFOS.find((of) => of.kind === kind && apiVersion === apiVersionOf(of));
    if (info === undefined) throw new Error(`${apiVersion} ${kind} is none of the kinds`);
    return info;
  },
  ofResource: (group, version, resource) =>
    INFOS.find((of) => of.group === group && of.version === version && of.resource === resource),
  equivalents: ({ group, version, resource }) =>
    INFOS.filter((of) => of.group === group && of.resource === resource && of.version !== version).map(
      (of): EquivalentResource => ({ ...of, sameShape: !CONVERTED.has(resource) }),
    ),
};

export function apiVersionOf({ group, version }: { group: string; version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}
