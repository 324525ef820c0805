/** What is said of a policy that had no time to say anything: its failure rule decides, and nobody takes it for a pass. */
import type { Action, Finding } from '../model/index.ts';
import type { AdmissionRequest, Binding, CompiledPolicy } from '../policy/index.ts';

export function unfinishedFinding(
  { id, info, failurePolicy, bindings }: CompiledPolicy,
  { ref }: Pick<AdmissionRequest, 'ref'>,
  detail = 'it took longer than a request may take',
): Finding {
  return {
    policy: id,
    severity: info.severity,
    verdict: 'error',
    action: failurePolicy === 'Ignore' ? 'allow' : strongest(bindings),
    reason: 'budget-exceeded',
    detail,
    resource: ref,
  };
}

/** Nobody knows which of them concern the request: the one that does most counts. */
function strongest(bindings: readonly Binding[]): Action {
  const actions = new Set(bindings.flatMap(({ actions }) => actions));
  if (actions.has('Deny')) return 'deny';
  if (actions.has('Warn')) return 'warn';
  return actions.has('Audit') ? 'audit' : 'allow';
}
