/** What is said of a policy that had no time to say anything: its failure rule decides, and nobody takes it for a pass. */
import type { Finding } from '../model/index.ts';
import type { AdmissionRequest, CompiledPolicy } from '../policy/index.ts';

export function unfinishedFinding(
  { id, info, failurePolicy }: CompiledPolicy,
  { ref }: AdmissionRequest,
  detail = 'it took longer than a request may take',
): Finding {
  return {
    policy: id,
    severity: info.severity,
    verdict: 'error',
    action: failurePolicy === 'Ignore' ? 'allow' : 'deny',
    reason: 'budget-exceeded',
    detail,
    resource: ref,
  };
}
