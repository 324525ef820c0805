/** HTTP status of a denial: what the API server's own policies would be answered with. */
import type { Decision } from '../model/index.ts';
import type { CompiledPolicy } from '../policy/index.ts';

export interface Status {
  readonly code: number;
  readonly reason: string;
}

const CODES: Readonly<Record<string, number>> = {
  Invalid: 422,
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
};

/** Of whoever asks the API server for no other: nothing is wrong with the object as such. */
const FORBIDDEN: Status = { code: 403, reason: 'Forbidden' };

/** The first denial's. */
export function statusOf(
  { answer, outcomes }: Decision,
  policyOf: (id: string) => CompiledPolicy | undefined,
): Status {
  if (answer !== 'deny') return FORBIDDEN;
  const first = outcomes.find(({ effect }) => effect === 'deny')!;
  const policy = first.policy === null ? undefined : policyOf(first.policy);
  if (policy === undefined || policy.dialect === 'native' || first.verdict === 'error') return FORBIDDEN;
  const validation = policy.validations.find(({ name }) => name === first.validation);
  if (validation === undefined) return FORBIDDEN;
  return { code: CODES[validation.reason]!, reason: validation.reason };
}
