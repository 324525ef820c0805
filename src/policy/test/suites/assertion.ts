/** Assertions of Gatekeeper's suites: how many violations, by their messages. */
import { compileRegex } from '../../../cel/regex/index.ts';
import type { Assertion } from './gatekeeper-shape.ts';

/** What an assertion says of the messages; null: it holds. */
export type Failed = { readonly kind: 'fail' | 'error'; readonly detail: string } | null;

export function assertMessages(assertion: Assertion, messages: readonly string[]): Failed {
  const matching = matchingOf(assertion, messages);
  if (typeof matching !== 'number') return { kind: 'error', detail: matching.error };
  const wanted = wantedOf(assertion);
  if (wanted === undefined)
    return {
      kind: 'error',
      detail: `violations: expected yes, no or a number, got "${assertion.violations}"`,
    };
  const holds = wanted === 'yes' ? matching > 0 : wanted === 'no' ? matching === 0 : matching === wanted;
  if (holds) return null;
  const said = messages.length === 0 ? 'there were none' : `the messages were: ${messages.join('; ')}`;
  const which = assertion.message === undefined ? '' : ` with a message matching ${assertion.message}`;
  const count =
    wanted === 'yes' ? 'at least one violation' : wanted === 'no' ? 'no violation' : `${wanted} violations`;
  return { kind: 'fail', detail: `expected ${count}${which}, got ${matching}; ${said}` };
}

function matchingOf({ message }: Assertion, messages: readonly string[]): number | { error: string } {
  if (message === undefined) return messages.length;
  const regex = compileRegex(message);
  return 'error' in regex ? regex : messages.filter((text) => regex.test(text)).length;
}

function wantedOf({ violations = 'yes' }: Assertion): 'yes' | 'no' | number | undefined {
  if (typeof violations === 'number') return violations < 0 ? undefined : violations;
  if (typeof violations === 'boolean') return violations ? 'yes' : 'no';
  if (violations === 'yes' || violations === 'no') return violations;
  return /^\d+$/.test(violations) ? Number(violations) : undefined;
}

/** In the suite's own words. */
export function wordsOf(assertions: readonly Assertion[]): string {
  return assertions
    .map((assertion) => {
      const count = `violations: ${wantedOf(assertion) ?? String(assertion.violations)}`;
      return assertion.message === undefined ? count : `${count}, message: ${assertion.message}`;
    })
    .join('; ');
}
