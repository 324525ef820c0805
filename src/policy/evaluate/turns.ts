/**
 * Policies of which only the first rule that applies counts (`applyRules: One`). A rule applies where it passes or fails, and
 * an expression that fails at runtime is a failure of its rule; not where it is left out, exempted, or has no parameters.
 * Source: kyverno pkg/engine/validation.go and handlers/validation/validate_cel.go, whose validator has no failure policy.
 */
import type { CompiledPolicy } from '../form.ts';
import type { Turn } from '../match/blocks.ts';
import type { PolicyReview } from './review.ts';

/** The rules of such policies in the order in which they stand there; all else stays where it is. */
export function inTurn<E extends { readonly policy: CompiledPolicy }>(entries: readonly E[]): readonly E[] {
  if (entries.every(({ policy }) => turnOf(policy) === null)) return entries;
  const ofPolicy = new Map<string, E[]>();
  for (const entry of entries) {
    const turn = turnOf(entry.policy);
    if (turn !== null) ofPolicy.set(turn.policy, [...(ofPolicy.get(turn.policy) ?? []), entry]);
  }
  for (const rules of ofPolicy.values())
    rules.sort((a, b) => turnOf(a.policy)!.index - turnOf(b.policy)!.index);
  return entries.map((entry) => {
    const turn = turnOf(entry.policy);
    return turn === null ? entry : ofPolicy.get(turn.policy)!.shift()!;
  });
}

/** Which policies have had their turn on one request. */
export class Turns {
  readonly #over = new Set<string>();

  isOver(policy: CompiledPolicy): boolean {
    const turn = turnOf(policy);
    return turn !== null && this.#over.has(turn.policy);
  }

  took(policy: CompiledPolicy, review: PolicyReview): void {
    const turn = turnOf(policy);
    if (turn !== null && applied(review)) this.#over.add(turn.policy);
  }
}

/** Null: it counts whatever others say. */
export function turnOf({ filter }: CompiledPolicy): Turn | null {
  return filter !== null && 'turn' in filter ? filter.turn : null;
}

function applied(review: PolicyReview): boolean {
  return (
    review.kind === 'reviewed' &&
    review.runs.some((one) => one.kind === 'run' && (one.run.kind === 'pass' || one.run.kind === 'decided'))
  );
}
