import type { Discovery, ResourceInfo } from '../../model/index.ts';
import type { CompiledPolicy } from '../form.ts';
import { apiVersionOf } from '../request.ts';

/** As many as the API server checks. */
const MAX_KINDS = 10;

/**
 * The kinds a policy's rules name outright; wildcards and subresources say nothing of a kind. Source: apiserver
 * validating/typechecking.go, typesToCheck.
 */
export function kindsToCheck(policy: CompiledPolicy, discovery: Discovery): ResourceInfo[] {
  const kinds = new Map<string, ResourceInfo>();
  for (const rule of policy.match.resourceRules) {
    if (rule.apiGroups.includes('*') || rule.apiVersions.includes('*')) continue;
    const resources = rule.resources.filter((r) => r.resource !== '*' && r.subresource === '');
    for (const group of rule.apiGroups) {
      for (const version of rule.apiVersions) {
        for (const { resource } of resources) {
          const info = discovery.ofResource(group, version, resource);
          if (info !== undefined && kinds.size < MAX_KINDS) kinds.set(nameOf(info), info);
        }
      }
    }
  }
  return [...kinds.values()];
}

/** `apps/v1 Deployment`. */
export function nameOf({ group, version, kind }: ResourceInfo): string {
  return `${apiVersionOf({ group, version })} ${kind}`;
}
