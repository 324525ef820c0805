/** What is not governed, and what soon will not be. */
import { checkCertificates } from './checks/certificates.ts';
import { checkKinds } from './checks/kinds.ts';
import { checkNamespaces } from './checks/namespaces.ts';
import { checkNeverAsked } from './checks/never-asked.ts';
import { checkPermissions } from './checks/permissions.ts';
import { checkSnapshot } from './checks/snapshot.ts';
import { checkVersions } from './checks/versions.ts';
import { checkWebhooks } from './checks/webhooks.ts';
import type { Check, Diagnosis, Facts } from './facts.ts';

/** In the order in which one rests on the other. */
const CHECKS: readonly Check[] = Object.freeze([
  checkSnapshot,
  checkCertificates,
  checkWebhooks,
  checkKinds,
  checkNamespaces,
  checkPermissions,
  checkVersions,
  checkNeverAsked,
]);

export function diagnose(facts: Facts): readonly Diagnosis[] {
  return CHECKS.flatMap((check) => check(facts));
}
