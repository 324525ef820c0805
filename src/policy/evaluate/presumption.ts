/**
 * Where a namespace is defined in the scanned files, policies take them for all that is in it. A violation that would not
 * stand without says so.
 */
import type { Finding } from '../../model/index.ts';
import type { CompiledPolicy } from '../form.ts';
import type { PolicyReview } from './review.ts';
import type { RequestState } from './state.ts';

/** @param again reviews the policy once more */
export function withPresumption(
  policy: CompiledPolicy,
  findings: Finding[],
  review: PolicyReview,
  state: RequestState,
  again: () => PolicyReview,
): Finding[] {
  if (review.kind !== 'reviewed') return findings;
  const vars = state.vars(review.matched);
  if (!vars.$presumed) return findings;
  vars.$presumed = false;
  if (!findings.some(isViolation)) return findings;
  vars.$presumes = false;
  const certain = failedOf(policy, again());
  vars.$presumes = true;
  return findings.map((finding) =>
    !isViolation(finding) || certain.has(finding.validation)
      ? finding
      : { ...finding, detail: `${finding.detail} (${NOTE})` },
  );
}

const NOTE = 'going by the files, which define the namespace';

function isViolation({ verdict }: Finding): boolean {
  return verdict === 'violation';
}

/** Names of the validations that fail whatever else there is. */
function failedOf({ validations }: CompiledPolicy, review: PolicyReview): ReadonlySet<string | undefined> {
  if (review.kind !== 'reviewed') return new Set();
  return new Set(
    review.runs.flatMap((entry) =>
      entry.kind === 'run' && entry.run.kind === 'decided'
        ? entry.run.decisions.flatMap((decision) =>
            decision.kind === 'deny' ? [validations[decision.index]!.name] : [],
          )
        : [],
    ),
  );
}
