import type { ReportingDescriptor } from 'sarif';
import {
  type PolicyInfo,
  REASONS,
  type Reason,
  type Report,
  type Reported,
  type Severity,
} from '../model/index.ts';
import { plain, plainLines } from './text.ts';

/** Errors are not the policy's verdict, so they stand under a rule of their own, by reason. */
export function ruleId({ verdict, policy, reason }: Reported): string {
  return verdict === 'error' || policy === null ? `rampart/${reason}` : plain(policy);
}

/** One rule for every policy, also those without a result, then one for every reason among the errors. */
export function rulesOf(report: Report): ReportingDescriptor[] {
  const policies = [...report.policies.values()].map(policyRule);
  const known = new Set(policies.map(({ id }) => id));
  const others = new Set(report.results.map(ruleId).filter((id) => !known.has(id)));
  return [...policies, ...[...others].sort().map(otherRule)];
}

function policyRule(info: PolicyInfo): ReportingDescriptor {
  const description = plainLines(info.description ?? info.title).join('\n');
  const remedy = info.remediation === undefined ? '' : plainLines(info.remediation).join('\n');
  // Code begins on a line of its own.
  const apart = remedy.startsWith(' ') ? '\n\n' : ' ';
  return {
    id: plain(info.id),
    shortDescription: { text: plain(info.title) || plain(info.id) },
    fullDescription: { text: description || plain(info.id) },
    help: {
      text: remedy === '' ? description : `${description}\n\nRemedy:${apart}${remedy}`,
      markdown: remedy === '' ? description : `${description}\n\n**Remedy.**${apart}${remedy}`,
    },
    defaultConfiguration: { level: LEVEL[info.severity] },
    properties: {
      tags: tagsOf(info),
      precision: 'very-high',
      'security-severity': SECURITY_SEVERITY[info.severity],
    },
  };
}

function tagsOf({ layer, frameworks, equivalents, owner }: PolicyInfo): string[] {
  return [
    'security',
    ...(layer === undefined ? [] : [plain(layer)]),
    ...(owner === undefined ? [] : [plain(`owner/${owner}`)]),
    ...Object.entries(frameworks ?? {}).flatMap(([name, ids]) => ids.map((id) => plain(`${name}/${id}`))),
    ...(equivalents ?? []).map((id) => plain(`equivalent/${id}`)),
  ];
}

function otherRule(id: string): ReportingDescriptor {
  const reason = id.slice('rampart/'.length);
  const text = Object.hasOwn(REASONS, reason) ? REASONS[reason as Reason] : id;
  return {
    id,
    shortDescription: { text },
    fullDescription: { text },
    help: { text },
    defaultConfiguration: { level: 'error' },
    properties: { tags: ['rampart'] },
  };
}

export const LEVEL: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/** GitHub sorts alerts by this score: over 9 critical, 7 high, 4 medium, else low. */
const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  info: '0.1',
};
