import { trim } from '../../cel/libraries/strings.ts';
import type { Validation } from '../form.ts';
import type { Outcome } from '../program.ts';

/** Bytes a messageExpression may yield (apiserver pkg/apis/cel/config.go). */
const MAX_MESSAGE_BYTES = 5 * 1024;

/**
 * What a violation says: the message expression's text if it is usable, else `message`, else the expression itself.
 *
 * @param anyText Whether several lines, and long ones, are usable, as they are in Kyverno.
 */
export function messageOf(validation: Validation, outcome: Outcome | null, anyText = false): string {
  return fromExpression(outcome, anyText) || trim(validation.message) || failedExpression(validation);
}

function fromExpression(outcome: Outcome | null, anyText: boolean): string {
  if (outcome === null || !outcome.ok || typeof outcome.value !== 'string') return '';
  const message = trim(outcome.value);
  if (anyText) return message;
  if (message.includes('\n') || Buffer.byteLength(message) > MAX_MESSAGE_BYTES) return '';
  return message;
}

function failedExpression(validation: Validation): string {
  return `failed expression: ${trim(validation.expression.text)}`;
}
