/** Reasons of differing verdicts that several checks share, each with what is to be seen of the objects that they are given for. */
import type { Fields, Json } from './draw.ts';

export interface Reason {
  readonly why: string;
  /** Whether the object, among those of its case, is as the reason has it. */
  readonly holds: (object: Fields, all: readonly Fields[]) => boolean;
}

type Container = Fields & { readonly image?: string; readonly resources?: Fields; readonly ports?: Fields[] };

const SERVED: Readonly<Record<string, string>> = {
  Pod: 'v1',
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  ReplicaSet: 'apps/v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
};

const isOfFewKinds = ({ kind, apiVersion }: Fields) => SERVED[String(kind)] !== apiVersion;
const isTemplate = ({ kind }: Fields) => kind === 'PodTemplate';
const isForWindows = (object: Fields) => at(podOf(object), 'os', 'name') === 'windows';
const hasOwnUsers = (object: Fields) => podOf(object)['hostUsers'] === false;
const hasInit = (object: Fields) => list(podOf(object)['initContainers']).length > 0;
const hasEphemeral = (object: Fields) => list(podOf(object)['ephemeralContainers']).length > 0;
const grantsEverything = (_: Fields, all: readonly Fields[]) =>
  rulesOf(all).some(({ verbs, resources }) => list(verbs).includes('*') || list(resources).includes('*'));
const namesResources = (_: Fields, all: readonly Fields[]) =>
  rulesOf(all).some(({ resourceNames }) => list(resourceNames).length > 0);

export const TEMPLATES: Reason = { why: 'It does not look at PodTemplates.', holds: isTemplate };

export const ASKS_TEMPLATES: Reason = {
  why: 'It asks PodTemplates too, which do not say whether they run on.',
  holds: isTemplate,
};

export const EPHEMERAL: Reason = {
  why: 'It does not look at ephemeral containers and PodTemplates.',
  holds: (object) => hasEphemeral(object) || isTemplate(object),
};

export const KINDS: Reason = {
  why: 'It does not look at ReplicationControllers, PodTemplates and API versions that are no longer served.',
  holds: isOfFewKinds,
};

export const REGULAR_OF_KINDS: Reason = {
  why: 'It looks at regular containers only, and not at ReplicationControllers, PodTemplates and API versions that are no longer served.',
  holds: (object) => isOfFewKinds(object) || hasInit(object) || hasEphemeral(object),
};

export const WINDOWS: Reason = {
  why: 'It asks pods for Windows too, which the standard leaves out: the field means nothing there.',
  holds: isForWindows,
};

export const WINDOWS_OR_USER_NAMESPACES: Reason = {
  why: 'It knows neither pods for Windows nor that hostUsers: false lifts the requirement, as the standard has it since v1.35.',
  holds: (object) => isForWindows(object) || hasOwnUsers(object),
};

export const TEN_THOUSAND: Reason = {
  why: 'It counts 10000 itself, and knows neither pods for Windows nor hostUsers: false.',
  holds: (object) => isForWindows(object) || hasOwnUsers(object) || mentions(object, 10000),
};

export const PORT_ZERO: Reason = {
  why: 'It counts hostPort: 0, which takes no port of the node.',
  holds: (object) =>
    containersOf(object).some(({ ports }) => list(ports).some((port) => at(port, 'hostPort') === 0)),
};

export const OUT_OF_REACH: Reason = {
  why: 'It asks what is left out here: kube-system, and pods on the network of their node, which no NetworkPolicy reaches.',
  holds: (object) =>
    at(object, 'metadata', 'namespace') === 'kube-system' || podOf(object)['hostNetwork'] === true,
};

export const POD_LIMITS: Reason = {
  why: 'It does not know limits of the pod.',
  holds: (object) => podOf(object)['resources'] !== undefined,
};

export const REQUESTS: Reason = {
  why: 'It does not know that the API server takes a limit for a request that is left out, nor requests of the pod; and it asks init containers.',
  holds: (object) =>
    hasInit(object) ||
    podOf(object)['resources'] !== undefined ||
    containersOf(object).some((container) => at(container, 'resources', 'limits') !== undefined),
};

export const INIT_ENDS: Reason = {
  why: 'It asks init containers too, which end before the others begin.',
  holds: hasInit,
};

export const EMPTY: Reason = {
  why: 'A securityContext that sets nothing, {} or null in every field, is enough for it.',
  holds: (object) =>
    isTemplate(object) ||
    [podOf(object), ...containersOf(object)].some(({ securityContext }) =>
      securityContext === undefined
        ? false
        : Object.values(securityContext as Fields).every((value) => value === null),
    ),
};

export const LOWER_CASE: Reason = {
  why: 'It takes drop: [all] for ALL; the standard does not.',
  holds: (object) =>
    isTemplate(object) ||
    containersOf(object).some((container) => capabilities(container, 'drop').includes('all')),
};

export const SPELLINGS: Reason = {
  why: 'It knows neither ALL nor names that begin with CAP_.',
  holds: (object) =>
    hasEphemeral(object) ||
    containersOf(object).some((container) =>
      capabilities(container, 'add').some((name) => /^(all$|CAP_)/i.test(String(name))),
    ),
};

export const DOCKER_ONLY: Reason = {
  why: 'It knows /var/run/docker.sock only.',
  holds: (object) =>
    list(podOf(object)['volumes']).every(
      (volume) => at(volume, 'hostPath', 'path') !== '/var/run/docker.sock',
    ),
};

export const UNCONFINED_HIDDEN: Reason = {
  why: 'What containers say hides Unconfined for the pod; PodTemplates are not looked at.',
  holds: (object) =>
    isTemplate(object) || at(podOf(object), 'securityContext', 'seccompProfile', 'type') === 'Unconfined',
};

export const OWN_ACCOUNT: Reason = {
  why: 'It reports true with an account of its own too, which is allowed here.',
  holds: (object) => {
    const { automountServiceAccountToken, serviceAccountName, serviceAccount } = podOf(object);
    const account = serviceAccountName ?? serviceAccount ?? 'default';
    return automountServiceAccountToken === true && account !== 'default';
  },
};

export const PORT_OF_REGISTRY: Reason = {
  why: 'It takes the port of a registry for the tag, or the tag for none.',
  holds: (object) => containersOf(object).some(({ image }) => /^[^/]+:\d+\//.test(String(image))),
};

export const NO_CLUSTER_ROLE_BINDINGS: Reason = {
  why: 'It does not see ClusterRoleBindings.',
  holds: ({ kind }) => kind === 'ClusterRoleBinding',
};

export const ALL_RIGHTS: Reason = {
  why: 'It reports rules that grant every verb or resource too; here rbac-everything and rbac-wildcard do, once.',
  holds: grantsEverything,
};

export const ALL_ROLES: Reason = {
  why: 'It reports Roles, bindings of cluster-admin and rules that grant everything too, where here other policies do; and it leaves resourceNames aside.',
  holds: (object, all) =>
    grantsEverything(object, all) ||
    namesResources(object, all) ||
    all.some((one) => one['kind'] === 'Role' || at(one, 'roleRef', 'name') === 'cluster-admin'),
};

export const ONLY_BOUND: Reason = {
  why: 'It asks only of roles that the files bind to somebody.',
  holds: ({ metadata }, all) =>
    !all.some(
      (one) => one['subjects'] !== undefined && at(one, 'roleRef', 'name') === at(metadata as Fields, 'name'),
    ),
};

export const ANY_GROUP: Reason = {
  why: 'It leaves API group and resourceNames aside: a wildcard on a group of one’s own grants none of it.',
  holds: (object, all) => grantsEverything(object, all) || namesResources(object, all),
};

function podOf(object: Fields): Fields {
  if (object['kind'] === 'Pod') return object['spec'] as Fields;
  const template =
    object['template'] ??
    at(object, 'spec', 'template') ??
    at(object, 'spec', 'jobTemplate', 'spec', 'template');
  return ((template as Fields | undefined)?.['spec'] as Fields | undefined) ?? {};
}

function containersOf(object: Fields): Container[] {
  const pod = podOf(object);
  return ['containers', 'initContainers', 'ephemeralContainers'].flatMap(
    (field) => list(pod[field]) as Container[],
  );
}

function capabilities(container: Fields, of: 'add' | 'drop'): Json[] {
  return list(at(container, 'securityContext', 'capabilities', of));
}

function rulesOf(objects: readonly Fields[]): Fields[] {
  return objects.flatMap(({ rules }) => list(rules) as Fields[]);
}

function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let found = value;
  for (const key of path) found = (found as Fields | null | undefined)?.[key];
  return found;
}

function mentions(value: Json | undefined, number: number): boolean {
  if (value === null || typeof value !== 'object') return value === number;
  return Object.values(value).some((one) => mentions(one, number));
}
