import type { ResourceRef } from '../../model/index.ts';

/** Groups of what Argo CD and Flux deploy by, and of where they deploy from. */
const GROUPS: ReadonlySet<string> = new Set([
  'argoproj.io',
  'helm.toolkit.fluxcd.io',
  'kustomize.toolkit.fluxcd.io',
  'source.toolkit.fluxcd.io',
]);

/** Kinds by which something is deployed. */
export const DEPLOYING_KINDS: ReadonlySet<string> = new Set([
  'Application',
  'ApplicationSet',
  'HelmRelease',
  'Kustomization',
]);

/** Whether an object decides what else is deployed, or from where. */
export function saysWhatIsDeployed({ apiVersion, kind }: ResourceRef): boolean {
  const slash = apiVersion.indexOf('/');
  if (slash === -1) return kind === 'ConfigMap' && apiVersion === 'v1';
  return GROUPS.has(apiVersion.slice(0, slash));
}
