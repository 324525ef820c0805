/** What the gate itself finds: about what excuses findings, and about changes of the gate. */
import type { Origin, PolicyInfo, Reported, Severity } from '../model/index.ts';
import { fingerprint, identityOf } from './fingerprint.ts';
import { fileInRepository } from './repository-file.ts';

const RULES = {
  'allow-malformed': {
    title: 'Allowance that cannot be read',
    severity: 'medium',
    description:
      'A rampart:allow names one policy, a last day and a reason. One that does not allows nothing.',
    remediation: 'Write # rampart:allow POLICY until=YYYY-MM-DD reason="why".',
  },
  'allow-expired': {
    title: 'Expired allowance',
    severity: 'medium',
    description: 'A rampart:allow counts up to its last day. Afterwards its findings are findings again.',
    remediation: 'Put right what it allows and delete it; or renew it, if the reason still holds.',
  },
  'allow-too-severe': {
    title: 'Allowance of what a comment cannot allow',
    severity: 'medium',
    description:
      'A comment or annotation excuses findings below a severity (high, unless configured). Above it, the person who writes ' +
      'the manifest is not the one to decide.',
    remediation: 'Put it right, or ask for a PolicyExemption, which is reviewed where the policies are kept.',
  },
  'allow-unused': {
    title: 'Allowance of nothing',
    severity: 'low',
    description:
      'A rampart:allow that covers no finding: what it allowed is gone, or it stands in the wrong place.',
    remediation: 'Delete it.',
  },
  'allow-added': {
    title: 'New allowance',
    severity: 'info',
    description: 'A rampart:allow on a changed line: whoever reviews the change should see it.',
    remediation: 'Nothing, if the reason convinces.',
  },
  'exemption-expired': {
    title: 'Expired exemption',
    severity: 'medium',
    description: 'A PolicyExemption counts up to its last day. Afterwards its findings are findings again.',
    remediation: 'Put right what it exempts and delete it; or renew it, if the reason still holds.',
  },
  'exemption-unused': {
    title: 'Exemption of nothing',
    severity: 'low',
    description: 'A PolicyExemption names an object that was scanned, and exempts no finding of it.',
    remediation: 'Delete it.',
  },
  'gate-changed': {
    title: 'Change of the gate itself',
    severity: 'info',
    description:
      'Configuration, policies, baseline or exemptions are not as they are in the trusted ref. Here they had no effect; once ' +
      'merged they decide.',
    remediation: 'Review it as what it is: a change of what may be merged from then on.',
  },
} as const satisfies Readonly<Record<string, Omit<PolicyInfo, 'id' | 'kind'>>>;

export type GateRule = keyof typeof RULES;

export const GATE_RULES: ReadonlyMap<string, PolicyInfo> = new Map(
  Object.entries(RULES).map(([id, rule]): [string, PolicyInfo] => [
    id,
    { id, kind: 'HardeningPolicy', ...rule },
  ]),
);

/** A finding of the gate's own. `about`: what tells it from others in the same file, whatever line it moves to. */
export function gateFinding(
  rule: GateRule,
  { origin, detail, about, folder }: { origin: Origin; detail: string; about: string; folder: string },
): Reported {
  const severity: Severity = RULES[rule].severity;
  const finding = {
    policy: rule,
    severity,
    verdict: 'violation',
    action: 'deny',
    reason: 'gate',
    detail,
    resource: null,
  } as const;
  const identity = identityOf(finding, about);
  return { ...finding, origin, fingerprint: fingerprint(identity, fileInRepository(folder, origin.file)) };
}
