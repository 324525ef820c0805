/** From findings about a request to what is answered: stages hold back what policies would do, exemptions excuse it. */
import type { Decision, Effect, Exemption, Finding, Outcome, Stage, Tier } from '../model/index.ts';
import { exempts, isExpired } from './exemption.ts';

export interface Circumstances {
  /** @param validation Undefined: of the policy as a whole. */
  readonly stageOf: (policy: string, validation?: string) => Stage;
  readonly exemptions: readonly Exemption[];
  readonly tier: Tier;
  /** Digest of the snapshot. */
  readonly snapshot: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** @param findings Of policies whose actions are those of full enforcement. */
export function decide(findings: readonly Finding[], circumstances: Circumstances): Decision {
  const { tier, snapshot } = circumstances;
  const outcomes = findings.map((finding) => outcomeOf(finding, circumstances));
  return { answer: answerOf(outcomes), outcomes, tier, snapshot };
}

function outcomeOf(finding: Finding, { stageOf, exemptions, now }: Circumstances): Outcome {
  const stage =
    finding.policy === null ? 'enforce' : stageOf(finding.policy, finding.validation ?? undefined);
  const exemption =
    finding.verdict === 'violation'
      ? exemptions.find((one) => !isExpired(one, now) && exempts(one, finding))
      : undefined;
  if (exemption === undefined) return { ...finding, stage, effect: effectOf(finding, stage) };
  const { namespace, name, expires } = exemption;
  const detail = `${finding.detail} (exempted until ${expires} by PolicyExemption ${namespace}/${name})`;
  return { ...finding, verdict: 'exempted', reason: 'exempted', detail, stage, effect: 'none' };
}

/** What a policy would do, held back by its stage. */
function effectOf({ verdict, action }: Finding, stage: Stage): Effect {
  if (verdict !== 'violation' && verdict !== 'error') return 'none';
  if (action === 'allow') return 'none';
  if (stage === 'audit' || action === 'audit') return 'audit';
  return stage === 'warn' ? 'warn' : action;
}

function answerOf(outcomes: readonly Outcome[]): Decision['answer'] {
  if (outcomes.some(({ effect }) => effect === 'deny')) return 'deny';
  return outcomes.some(({ effect }) => effect === 'warn') ? 'warn' : 'allow';
}
