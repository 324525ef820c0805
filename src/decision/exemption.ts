import type { Exemption, Finding, ResourceRef } from '../model/index.ts';
import { isOver } from './allowance.ts';
import { isNamed } from './names.ts';

/** Where exemptions of cluster-scoped objects stand. */
const OWN_NAMESPACE = 'rampart';

/** Whether one exemption, by itself, covers a finding; expiry aside. */
export function exempts(exemption: Exemption, { policy, validation, resource }: Finding): boolean {
  if (exemption.policy !== policy || resource === null) return false;
  const { validations } = exemption;
  return (validations.length === 0 || validations.includes(validation ?? '')) && names(exemption, resource);
}

/** Whether an exemption is about an object. */
export function names(exemption: Exemption, { namespace, kind, name }: ResourceRef): boolean {
  return (
    exemption.namespace === (namespace === '' ? OWN_NAMESPACE : namespace) &&
    exemption.kinds.includes(kind) &&
    exemption.names.some((pattern) => isNamed(pattern, name))
  );
}

export function isExpired({ expires }: Exemption, now: number): boolean {
  return isOver(expires, now);
}
