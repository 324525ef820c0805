/**
 * Why a finding is what it is: the closed list of `reason` codes. docs/reference/reasons.md is generated from it, so a
 * code that is not here cannot be printed.
 */
export const REASONS = {
  compliant: 'Every validation of the policy holds.',
  'validation-failed': 'A validation of the policy is false for this resource.',
  gate: 'Something about the gate itself: what excuses findings, or a change of what decides.',
  exempted: 'An exemption or exception in force covers the resource.',
  'not-matched': 'The policy does not match this resource.',
  'match-condition-false': 'A match condition excludes this resource.',
  'not-bound': 'No binding of the policy selects this resource.',
  'needs-user':
    'The answer hangs on who makes the request. A scan knows nobody (--userinfo says who); at admission it is always known.',
  'needs-namespace':
    'The answer hangs on a Namespace that is not at hand. A scan of files takes it from them or from --context, a worker from the cluster that it watches or the files of --objects.',
  'needs-params':
    'The parameter object is not at hand. A scan of files takes it from --context or the policies, a worker from the cluster that it watches or the files of --objects.',
  'needs-related':
    'The answer hangs on other objects, which may exist where nobody looked: outside of the files of a scan (--context adds some, --complete says that there are no others), or in a cluster that a worker does not watch or has not listed yet.',
  'needs-conversion': 'The policy reads another version of this kind; only the API server converts objects.',
  'needs-answer':
    'Only a cluster, a registry or the network could tell. A scan takes the answer from --answers; a worker asks its cluster for permissions and objects, and nobody for anything else.',
  'evaluation-failed': 'An expression of the policy failed on this resource.',
  'budget-exceeded': 'An expression used up the cost or time the cluster grants it.',
  misconfigured: 'Policy, binding and parameters do not fit together.',
  'invalid-policy': 'The policy does not compile.',
  unsupported: 'The policy uses something Rampart does not run.',
  'unreadable-file': 'The file cannot be read.',
  'unreadable-document': 'The document is not valid YAML or JSON.',
  'ambiguous-document': 'The document can be read in two ways, for instance because of a duplicate key.',
  'not-listed': 'The cluster did not let its objects of a kind be listed, so nobody looked at them.',
  'too-large': 'The file or document is beyond the limit.',
  'not-rendered': 'The file is a template; render it first.',
  'source-not-available':
    'What Argo CD or Flux deploys from is not in this repository, so nobody looked at what is deployed.',
  'unknown-kind':
    'Kubernetes has no such kind, and has one that is spelt nearly so or belongs to another apiVersion.',
  'not-kubernetes': 'The document has no apiVersion and kind.',
} as const;

export type Reason = keyof typeof REASONS;
