import type { Reason } from './reasons.ts';
import {
  ALL_RIGHTS,
  ALL_ROLES,
  ANY_GROUP,
  ASKS_TEMPLATES,
  DOCKER_ONLY,
  EMPTY,
  EPHEMERAL,
  INIT_ENDS,
  KINDS,
  LOWER_CASE,
  NO_CLUSTER_ROLE_BINDINGS,
  ONLY_BOUND,
  OUT_OF_REACH,
  OWN_ACCOUNT,
  POD_LIMITS,
  PORT_OF_REGISTRY,
  PORT_ZERO,
  REGULAR_OF_KINDS,
  REQUESTS,
  SPELLINGS,
  TEMPLATES,
  TEN_THOUSAND,
  UNCONFINED_HIDDEN,
  WINDOWS,
  WINDOWS_OR_USER_NAMESPACES,
} from './reasons.ts';

/**
 * Where a check of a peer and the policies that stand for it give different verdicts, and why. Numbers are objects of the
 * thousand made cases; 0 where only cases of the library differ.
 */
export interface Difference {
  /** Objects that we report alone: the reason lies in what the check does not see. */
  readonly ours?: readonly [objects: number, why: string | Reason];
  /** Objects that the check reports alone. */
  readonly theirs?: readonly [objects: number, why: string | Reason];
}

export const DIFFERENCES: Readonly<Record<string, Difference>> = {
  'C-0002': {
    ours: [9, 'It asks only of roles that the files bind, for create; get and */exec reach exec too.'],
    theirs: [16, ALL_ROLES],
  },
  'C-0012': {
    ours: [
      10,
      'It looks at regular containers of fewer kinds, and in a ConfigMap at keys, not at lines of a file or at URLs.',
    ],
    theirs: [
      3,
      'It goes by the name of a key or variable: one that holds a path or the name of a Secret is reported.',
    ],
  },
  'C-0013': {
    ours: [28, 'It takes runAsUser for runAsNonRoot, and looks at regular containers of fewer kinds.'],
    theirs: [
      1,
      'It asks for a group other than root’s too, and knows neither pods for Windows nor hostUsers: false.',
    ],
  },
  'C-0015': { ours: [1, ONLY_BOUND], theirs: [19, ALL_ROLES] },
  'C-0016': { ours: [11, REGULAR_OF_KINDS], theirs: [1, WINDOWS] },
  'C-0017': { ours: [11, REGULAR_OF_KINDS], theirs: [1, WINDOWS] },
  'C-0018': { ours: [0, KINDS], theirs: [1, 'It asks Jobs and CronJobs too, which nothing routes to.'] },
  'C-0030': { ours: [43, KINDS], theirs: [20, OUT_OF_REACH] },
  'C-0031': {
    ours: [7, 'It asks only of roles that the files bind, for events of the core group, not for pods/log.'],
    theirs: [16, ALL_ROLES],
  },
  'C-0034': {
    ours: [246, 'It asks only pods whose ServiceAccount is in the files.'],
    theirs: [
      98,
      'It reports ServiceAccounts themselves, and true with an account of its own, which is allowed here.',
    ],
  },
  'C-0038': { ours: [3, KINDS] },
  'C-0041': { ours: [2, KINDS] },
  'C-0044': { ours: [0, 'It does not look at init containers.'], theirs: [9, PORT_ZERO] },
  'C-0045': { ours: [6, REGULAR_OF_KINDS] },
  'C-0046': {
    ours: [
      11,
      'Its list lacks capabilities that ours has, and it looks at regular containers of fewer kinds, and at names without CAP_ only.',
    ],
    theirs: [
      0,
      'Its list holds NET_RAW and others; here workload-net-raw and workload-added-capabilities report those.',
    ],
  },
  'C-0048': { ours: [3, KINDS] },
  'C-0056': { ours: [1, KINDS], theirs: [0, 'It asks Jobs and CronJobs too, which end by themselves.'] },
  'C-0057': {
    ours: [4, REGULAR_OF_KINDS],
    theirs: [2, 'It counts SYS_ADMIN as privileged; here workload-dangerous-capabilities reports it.'],
  },
  'C-0061': { ours: [2, KINDS] },
  'C-0065': {
    ours: [6, 'It asks only of roles that the files bind, in the core group.'],
    theirs: [14, ALL_ROLES],
  },
  'C-0074': { ours: [4, 'It knows one path of each runtime, and fewer kinds of workloads.'] },
  'C-0185': {
    theirs: [1, 'It reports bindings of the control plane and its groups too, which are left out here.'],
  },
  'C-0189': { theirs: [23, 'It also reports Namespaces for which the files hold no other ServiceAccount.'] },
  'C-0206': { theirs: [0, 'It asks system namespaces too.'] },
  'C-0207': {
    ours: [2, 'It looks at regular containers only, not at init containers.'],
  },
  'C-0260': {
    ours: [
      105,
      'A policy that selects the pod in one direction is enough for it, and it looks at fewer kinds.',
    ],
    theirs: [19, OUT_OF_REACH],
  },
  'C-0262': { theirs: [0, 'It reports system:public-info-viewer, which every cluster binds to them.'] },
  'C-0265': {
    ours: [
      38,
      'It asks only of system:authenticated, and only where the role that is bound is in the files and grants something of its list.',
    ],
  },
  'C-0270': { ours: [1, KINDS] },
  'C-0271': { ours: [5, 'It looks at regular containers of fewer kinds.'], theirs: [0, POD_LIMITS] },
  CKV2_K8S_2: {
    ours: [
      5,
      'Another subject than a ServiceAccount hides a binding from it, and it does not know every resource by which one gets there.',
    ],
    theirs: [0, ANY_GROUP],
  },
  CKV2_K8S_3: {
    ours: [
      3,
      'Another subject than a ServiceAccount hides a binding from it, and it does not know every resource by which one gets there.',
    ],
    theirs: [
      0,
      'It leaves API group and resourceNames aside, and reports a Role on users, who are in no namespace.',
    ],
  },
  CKV2_K8S_4: {
    ours: [
      2,
      'Another subject than a ServiceAccount hides a binding from it, and it does not know every resource by which one gets there.',
    ],
    theirs: [0, ANY_GROUP],
  },
  CKV2_K8S_5: {
    ours: [
      5,
      'Another subject than a ServiceAccount hides a binding from it, and it does not know every resource by which one gets there.',
    ],
    theirs: [0, ANY_GROUP],
  },
  CKV2_K8S_6: {
    ours: [
      124,
      'A policy that selects the pod in one direction is enough for it, and it does not look at pods of CronJobs or without labels.',
    ],
    theirs: [17, OUT_OF_REACH],
  },
  CKV_K8S_10: { ours: [0, 'Resources without requests are unknown to it.'], theirs: [11, REQUESTS] },
  CKV_K8S_11: { theirs: [3, INIT_ENDS] },
  CKV_K8S_12: { ours: [0, 'Resources without requests are unknown to it.'], theirs: [8, REQUESTS] },
  CKV_K8S_13: { theirs: [0, POD_LIMITS] },
  CKV_K8S_14: { theirs: [0, 'It reads latest-1.2 as latest.'] },
  CKV_K8S_152: { ours: [20, 'It reports snippets with Lua or the like only (CKV_K8S_153 asks for all).'] },
  CKV_K8S_153: {
    theirs: [6, 'It goes by the word snippet in any annotation, of other controllers too.'],
  },
  CKV_K8S_154: { ours: [33, 'It reports snippets with alias only (CKV_K8S_153 asks for all).'] },
  CKV_K8S_155: {
    ours: [2, 'It does not know admission policies and their bindings, or deletion.'],
    theirs: [
      1,
      'It leaves resourceNames aside, and reports rules that grant everything, as rbac-everything does here.',
    ],
  },
  CKV_K8S_156: {
    ours: [
      2,
      'It reports a role only when that grants both the approval of requests and approving by a signer.',
    ],
    theirs: [1, ALL_RIGHTS],
  },
  CKV_K8S_158: { theirs: [3, ALL_RIGHTS] },
  CKV_K8S_16: { ours: [0, EPHEMERAL] },
  CKV_K8S_20: { ours: [0, EPHEMERAL], theirs: [1, WINDOWS] },
  CKV_K8S_21: { theirs: [17, 'It asks every namespaced kind; ours what runs: workloads.'] },
  CKV_K8S_22: { theirs: [2, WINDOWS] },
  CKV_K8S_23: {
    ours: [
      22,
      'It takes runAsUser for runAsNonRoot, lets true for the containers make up for false for the pod, and looks at regular containers only.',
    ],
    theirs: [1, WINDOWS_OR_USER_NAMESPACES],
  },
  CKV_K8S_25: { ours: [0, EPHEMERAL] },
  CKV_K8S_26: { theirs: [14, PORT_ZERO] },
  CKV_K8S_27: { ours: [8, DOCKER_ONLY] },
  CKV_K8S_28: { theirs: [1, WINDOWS] },
  CKV_K8S_29: { ours: [8, EMPTY] },
  CKV_K8S_30: { ours: [9, EMPTY] },
  CKV_K8S_31: {
    ours: [13, 'It looks at regular containers only, and a profile of the pod hides what containers say.'],
    theirs: [
      51,
      'It does not read profiles of containers of ReplicationControllers and CronJobs, takes a Localhost profile for none, and asks pods for Windows.',
    ],
  },
  CKV_K8S_33: { ours: [4, 'A label app hides the label k8s-app from it.'] },
  CKV_K8S_37: { ours: [1, LOWER_CASE], theirs: [1, WINDOWS] },
  CKV_K8S_38: { ours: [0, TEMPLATES], theirs: [19, OWN_ACCOUNT] },
  CKV_K8S_39: { ours: [6, SPELLINGS] },
  CKV_K8S_40: {
    ours: [5, 'It looks at regular containers only.'],
    theirs: [1, 'It asks pods for Windows, which have no such ids.'],
  },
  CKV_K8S_43: {
    theirs: [
      8,
      'It asks images that are without a tag or latest too; here workload-image-latest reports those, once.',
    ],
  },
  CKV_K8S_49: {
    ours: [9, 'It looks at the first rule of a role only.'],
    theirs: [
      34,
      'It counts "*" among API groups, in */exec, and on groups of one’s own; rules that grant everything are rbac-everything here.',
    ],
  },
  CKV_K8S_8: { theirs: [0, ASKS_TEMPLATES] },
  CKV_K8S_9: { theirs: [0, ASKS_TEMPLATES] },
  'KSV-0001': { ours: [0, EPHEMERAL], theirs: [1, WINDOWS] },
  'KSV-0002': {
    theirs: [5, 'It counts every profile but runtime/default; the standard allows localhost/….'],
  },
  'KSV-0003': { ours: [1, LOWER_CASE], theirs: [1, WINDOWS] },
  'KSV-0005': { ours: [6, SPELLINGS] },
  'KSV-0006': { ours: [8, DOCKER_ONLY] },
  'KSV-0007': { theirs: [13, 'It counts an empty hostAliases.'] },
  'KSV-0011': { ours: [0, TEMPLATES], theirs: [3, INIT_ENDS] },
  'KSV-0012': {
    ours: [
      14,
      'True for the pod hides false for a container, and true for the containers hides false for the pod; PodTemplates are not looked at.',
    ],
    theirs: [1, WINDOWS_OR_USER_NAMESPACES],
  },
  'KSV-0013': { ours: [2, PORT_OF_REGISTRY], theirs: [2, PORT_OF_REGISTRY] },
  'KSV-0014': { ours: [0, TEMPLATES], theirs: [2, WINDOWS] },
  'KSV-0015': { ours: [0, TEMPLATES], theirs: [18, REQUESTS] },
  'KSV-0016': { ours: [0, TEMPLATES], theirs: [15, REQUESTS] },
  'KSV-0017': { ours: [0, EPHEMERAL] },
  'KSV-0018': { ours: [0, TEMPLATES], theirs: [0, POD_LIMITS] },
  'KSV-0020': { ours: [0, TEMPLATES], theirs: [17, TEN_THOUSAND] },
  'KSV-0021': { ours: [0, TEMPLATES], theirs: [9, TEN_THOUSAND] },
  'KSV-0022': { ours: [0, EPHEMERAL] },
  'KSV-0023': { theirs: [0, 'It counts hostPath: null, which the API server drops.'] },
  'KSV-0024': { theirs: [14, PORT_ZERO] },
  'KSV-0025': {
    ours: [0, 'It does not look at ephemeral containers.'],
    theirs: [0, 'It counts an empty user and role.'],
  },
  'KSV-0026': {
    ours: [0, 'It passes over a sysctl without a name.'],
    theirs: [0, 'It does not know net.ipv4.tcp_slow_start_after_idle and net.ipv4.tcp_notsent_lowat.'],
  },
  'KSV-0027': {
    theirs: [
      12,
      'It counts procMount: Default, and does not know that hostUsers: false allows Unmasked in baseline.',
    ],
  },
  'KSV-0028': {
    ours: [
      34,
      'It reports a list of volume types without hostPath and those that came later; the standard allows a list.',
    ],
  },
  'KSV-0030': {
    ours: [3, UNCONFINED_HIDDEN],
    theirs: [
      10,
      'It counts an annotation that API servers stopped reading in v1.27, and asks pods for Windows.',
    ],
  },
  'KSV-0034': {
    ours: [2, 'A dot in the tag makes the registry of nginx:1.27 for it.'],
    theirs: [4, 'It takes localhost:5000 for a public registry.'],
  },
  'KSV-0036': { theirs: [6, OWN_ACCOUNT] },
  'KSV-0037': { theirs: [0, "It asks Services too, and the control plane's own pods."] },
  'KSV-0041': {
    ours: [2, 'It does not see secrets in "*".'],
    theirs: [2, 'It counts every verb, and rules with resourceNames.'],
  },
  'KSV-0042': { ours: [5, 'It asks for pods/log only, not for events.'] },
  'KSV-0043': { ours: [8, 'It asks for groups in API group "*" only.'] },
  'KSV-0044': {
    ours: [2, 'It asks for API group "*" only; the core group alone holds secrets and pods.'],
    theirs: [1, 'It reports Roles too; here rbac-wildcard does.'],
  },
  'KSV-0045': { ours: [14, 'It asks for a list of resources only.'] },
  'KSV-0046': {
    ours: [10, 'It asks ClusterRoles only (KSV-0112 asks Roles), and not for watch, patch or other verbs.'],
    theirs: [
      5,
      'It leaves the API group aside; "*" on every verb of one built-in group is reported by rbac-wildcard#verbs here.',
    ],
  },
  'KSV-0047': {
    ours: [0, 'It does not see nodes/proxy in wildcards of resources or verbs.'],
    theirs: [3, 'It reports Roles, which cannot grant anything on nodes.'],
  },
  'KSV-0048': { theirs: [21, 'It reports Roles, and verbs that change or delete but do not create.'] },
  'KSV-0049': {
    theirs: [1, 'It reports impersonate, which configmaps do not have, and rules with resourceNames.'],
  },
  'KSV-0050': { ours: [11, 'It asks for roles and rolebindings only, and not for patch.'] },
  'KSV-0053': {
    ours: [3, 'It does not know */exec and get.'],
    theirs: [3, 'It reports verbs by which nobody gets a shell: delete, update, patch, impersonate.'],
  },
  'KSV-0054': { ours: [5, 'It asks for two rules of one role in this order, in API group "*" only.'] },
  'KSV-0055': { ours: [10, 'It asks for get and patch on rolebindings in API group "*" only.'] },
  'KSV-0056': { theirs: [1, 'It reports impersonate, which these resources do not have.'] },
  'KSV-01011': {
    ours: [
      39,
      'It asks for system:authenticated only, in RoleBindings; ours for every group that holds everybody.',
    ],
  },
  'KSV-0102': {
    theirs: [6, 'Either of the labels app: helm and name: tiller is enough for it; here both together are.'],
  },
  'KSV-0103': {
    ours: [1, 'It goes by what the container says; the standard also forbids what the pod says.'],
  },
  'KSV-0104': {
    ours: [3, UNCONFINED_HIDDEN],
    theirs: [1, 'It asks pods for Windows too, and takes seccompProfile: null of a container for a profile.'],
  },
  'KSV-0105': { theirs: [2, WINDOWS_OR_USER_NAMESPACES] },
  'KSV-0106': { ours: [0, LOWER_CASE], theirs: [1, WINDOWS] },
  'KSV-0107': { ours: [13, 'Its table has some kinds under another group, and others not at all.'] },
  'KSV-0108': {
    theirs: [13, 'It reports every external name; ours those that lead back into the cluster or its node.'],
  },
  'KSV-0109': {
    ours: [0, 'It goes by keys, and does not look for keys and passwords in values.'],
    theirs: [1, 'It reports a key that holds a path or a variable.'],
  },
  'KSV-0111': { theirs: [25, 'It reports admin and edit too.'] },
  'KSV-0112': {
    ours: [29, 'It asks Roles only (KSV-0046 asks ClusterRoles), for "*" among resources.'],
    theirs: [1, 'It leaves the API group aside.'],
  },
  'KSV-0113': {
    ours: [1, 'It does not see secrets in "*".'],
    theirs: [2, 'It counts every verb, and rules with resourceNames.'],
  },
  'KSV-0114': {
    ours: [2, 'It asks for webhooks only, not for admission policies or "*" among resources.'],
    theirs: [2, 'It reports Roles, which cannot grant anything on webhooks, and rules with resourceNames.'],
  },
  'KSV-0118': {
    ours: [
      17,
      'It goes by empty contexts, and does not see a container without one beside a pod that has one.',
    ],
  },
  'KSV-0119': { ours: [3, SPELLINGS] },
  'KSV-0120': { ours: [0, SPELLINGS] },
  'KSV-0121': { ours: [8, 'It asks for exact paths of its list: what lies below, or above, is none.'] },
  'KSV-0122': { ours: [31, NO_CLUSTER_ROLE_BINDINGS] },
  'KSV-0123': { ours: [18, NO_CLUSTER_ROLE_BINDINGS] },
};
