/** What is said of policies that were asked about in another thread: their own answers, and failure rules where there are none. */
import { type Said, unfinishedFinding } from '../../gates/index.ts';
import type { AdmissionRequest, CompiledPolicy } from '../../policy/index.ts';
import type { Judged } from './slow.ts';

/** What is evaluated together: all readings of one policy, and rules of which only the first that applies counts. */
export interface Unit {
  readonly ids: readonly string[];
  readonly policies: readonly CompiledPolicy[];
}

export const TOOK_LONGER = 'it took longer than a request may take';

/** @param judged Undefined: nobody answered. */
export function saidOf({ ids, policies }: Unit, judged: Judged | undefined, request: AdmissionRequest): Said {
  const { findings, passed, annotations, late } = judged ?? NOTHING;
  const open = new Set(judged === undefined ? ids : late?.unfinished);
  if (open.size === 0) return { findings, passed, annotations };
  const detailOf = (id: string) =>
    late === undefined || late.policy === id ? TOOK_LONGER : `it hangs on ${late.policy}, which took longer`;
  const unfinished = [...open].map((id) =>
    unfinishedFinding(policies.find((policy) => policy.id === id)!, request, detailOf(id)),
  );
  // What was found of those so far may not be all.
  const own = findings.filter(({ policy }) => policy === null || !open.has(policy));
  return {
    findings: [...own, ...unfinished],
    passed: passed.filter((id) => !open.has(id)),
    annotations,
  };
}

const NOTHING: Judged = { findings: [], passed: [], annotations: {} };
