/** What several formats say of a result, in the same words. */
import type { PolicyInfo, Report, Reported } from '../model/index.ts';
import { plain } from './text.ts';

/** `Deployment shop/cart`; empty where there is no object. */
export function objectName({ resource }: Reported): string {
  if (resource === null) return '';
  const name = plain(resource.name === '' ? '(no name)' : resource.name);
  return `${plain(resource.kind)} ${resource.namespace === '' ? '' : `${plain(resource.namespace)}/`}${name}`;
}

/** `pss-privileged`, or `require-team/validations[0]` where validations of one policy are told apart; a reason for errors without policy. */
export function ruleName(result: Reported, info: PolicyInfo | undefined): string {
  const id = plain(result.policy ?? result.reason);
  return result.validation === undefined || info?.kind === 'HardeningPolicy'
    ? id
    : `${id}/${plain(result.validation)}`;
}

/** The policy's title where it has one of its own; undefined where the id says it already. */
export function titleOf(info: PolicyInfo | undefined): string | undefined {
  return info === undefined || info.title === info.id ? undefined : plain(info.title);
}

/** `shop/web.yaml:9:25`. */
export function placeName({ origin }: Reported): string {
  return `${plain(origin.file)}:${origin.line}:${origin.column}`;
}

export function policyOf(report: Report, { policy }: Reported): PolicyInfo | undefined {
  return policy === null ? undefined : report.policies.get(policy);
}

/** What to do: an error says so itself, a violation's policy does; nothing for what is known or excused. */
export function remedyOf(report: Report, result: Reported): string | undefined {
  if (result.verdict === 'error') return result.help;
  return result.verdict === 'violation' && result.known !== true
    ? policyOf(report, result)?.remediation
    : undefined;
}

/** What else is known of it, each a phrase. */
export function notesOf({ note, environments }: Reported): string[] {
  return [
    ...(note === undefined ? [] : [`value: ${plain(note)}`]),
    ...(environments === undefined ? [] : [`rendered for: ${environments.map(plain).join(', ')}`]),
  ];
}
