import { int, maximum, minimum, optional, regex, strictObject, string, type ZodMiniType } from 'zod/mini';
import type { Form, Kind } from './kinds.ts';

/** How policies of Git are followed. */
export interface Follow {
  readonly pollSeconds?: number;
  /** File with allowed signers or OpenPGP keys. */
  readonly requireSigned?: string;
  readonly webhookSecretFile?: string;
}

/** More often would be an attack on a forge, less often forgotten. */
const POLL = 'a whole number of seconds from 5 to 86400';

export function followed({ pattern, expected }: Form): Kind<Follow> {
  const path = optional(string().check(regex(pattern, expected)));
  const schema = strictObject({
    pollSeconds: optional(int(POLL).check(minimum(5, POLL), maximum(86_400, POLL))),
    requireSigned: path,
    webhookSecretFile: path,
  });
  return {
    schema: schema as unknown as ZodMiniType<Follow>,
    says: 'a mapping from pollSeconds, requireSigned, webhookSecretFile',
    entries: true,
    names: ['pollSeconds', 'requireSigned', 'webhookSecretFile'],
  };
}
