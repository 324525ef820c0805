import type { GroupVersionResource } from './rules.ts';

/**
 * Resources that no policy is ever asked about: policies and their bindings (a policy must not lock itself in), and the
 * reviews that authentication and authorization are made of. Sources: apiserver pkg/admission/plugin/policy/generic
 * (admissionResources), kubernetes pkg/kubeapiserver/admission/exclusion. Any version; subresources too.
 */
const EXEMPT: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io/validatingadmissionpolicies',
  'admissionregistration.k8s.io/validatingadmissionpolicybindings',
  'admissionregistration.k8s.io/mutatingadmissionpolicies',
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings',
  'authentication.k8s.io/selfsubjectreviews',
  'authentication.k8s.io/tokenreviews',
  'authorization.k8s.io/localsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
  'authorization.k8s.io/subjectaccessreviews',
]);

/** Each with its group. */
export const EXEMPT_RESOURCES: readonly Pick<GroupVersionResource, 'group' | 'resource'>[] = [...EXEMPT].map(
  (name) => {
    const [group, resource] = name.split('/') as [string, string];
    return { group, resource };
  },
);

export function isExempt(resource: GroupVersionResource): boolean {
  return EXEMPT.has(`${resource.group}/${resource.resource}`);
}
