/** How forges say that a push comes from them. Each form looks at its own headers only. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** As node:http gives them: names in lower case. */
export type PushHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export type Claim =
  /** `sent`: Unix milliseconds by the sender's clock, `once`: what may be seen one time; both only where they are signed. */
  | { readonly holds: true; readonly signed?: { readonly sent: number; readonly once: string } }
  | { readonly holds: false; readonly why: string };

export interface PushForm {
  readonly name: string;
  /** Without it the request is of another form. */
  readonly header: string;
  check(given: string, request: PushRequest): Claim;
}

export interface PushRequest {
  readonly headers: PushHeaders;
  readonly body: Buffer;
  readonly secret: string;
}

/** Strongest first: the first whose header is there decides, and no other rescues the request. */
export const PUSH_FORMS: readonly PushForm[] = [
  { name: 'rampart', header: 'x-rampart-signature', check: checkRampart },
  { name: 'standard-webhooks', header: 'webhook-signature', check: checkStandard },
  { name: 'github', header: 'x-hub-signature-256', check: checkGitHub },
  { name: 'forgejo', header: 'x-forgejo-signature', check: checkPlainHex },
  { name: 'gitea', header: 'x-gitea-signature', check: checkPlainHex },
  { name: 'gitlab-token', header: 'x-gitlab-token', check: checkToken },
];

/** `t=SECONDS,v1=HEX`: HMAC-SHA256 of `SECONDS.BODY`. */
function checkRampart(given: string, { body, secret }: PushRequest): Claim {
  const [, seconds, hex] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(given) ?? [];
  if (seconds === undefined || hex === undefined) return no('expected t=SECONDS,v1=HEX');
  const wanted = hmac(secret, `${seconds}.`, body).toString('hex');
  if (!same(hex, wanted)) return no(WRONG);
  return { holds: true, signed: { sent: Number(seconds) * 1000, once: wanted } };
}

/**
 * `webhook-signature: v1,BASE64` of `ID.SECONDS.BODY`, several apart by spaces: the Standard Webhooks specification, by
 * which GitLab signs (gitlab-org/gitlab!230944). A secret `whsec_BASE64` stands for the bytes.
 */
function checkStandard(given: string, { headers, body, secret }: PushRequest): Claim {
  const [id, seconds] = [headers['webhook-id'], headers['webhook-timestamp']];
  if (typeof id !== 'string' || !/^[\x21-\x7e]{1,256}$/.test(id)) return no('expected one webhook-id');
  if (typeof seconds !== 'string' || !/^\d{1,12}$/.test(seconds)) return no('expected one webhook-timestamp');
  const wanted = hmac(standardKey(secret), `${id}.${seconds}.`, body).toString('base64');
  // Senders that change their key sign with both for a while; nobody has more than a few.
  const entries = given.split(' ', 8);
  if (!entries.some((entry) => same(entry, `v1,${wanted}`))) return no(WRONG);
  return { holds: true, signed: { sent: Number(seconds) * 1000, once: wanted } };
}

/** The bytes that a secret stands for under the Standard Webhooks specification. */
export function standardKey(secret: string): Buffer {
  const [, bytes] = /^whsec_(.*)$/s.exec(secret) ?? [];
  return bytes === undefined ? Buffer.from(secret) : Buffer.from(bytes, 'base64');
}

/** `sha256=HEX` of the body. */
function checkGitHub(given: string, { body, secret }: PushRequest): Claim {
  return same(given, `sha256=${hmac(secret, '', body).toString('hex')}`) ? { holds: true } : no(WRONG);
}

/** `HEX` of the body. */
function checkPlainHex(given: string, { body, secret }: PushRequest): Claim {
  return same(given, hmac(secret, '', body).toString('hex')) ? { holds: true } : no(WRONG);
}

/** The secret itself: it proves who sends, and nothing of what is sent. */
function checkToken(given: string, { secret }: PushRequest): Claim {
  return same(given, secret) ? { holds: true } : no('the token is another');
}

const WRONG = 'the signature does not hold';

function no(why: string): Claim {
  return { holds: false, why };
}

function hmac(key: string | Buffer, prefix: string, body: Buffer): Buffer {
  return createHmac('sha256', key).update(prefix).update(body).digest();
}

/** Texts, not what they stand for: base64 and hex have several spellings of one value. Takes the same time wherever they differ. */
function same(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
