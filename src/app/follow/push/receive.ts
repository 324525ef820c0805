/** A push from a forge: whether it comes from who has the secret. It says no more than "look now"; nothing in it is believed. */
import { UsageError } from '../../usage.ts';
import { PUSH_FORMS, type PushHeaders, standardKey } from './forms.ts';
import { createReplayMemory } from './replays.ts';

export interface PushReply {
  readonly status: number;
  /** A line for people. */
  readonly body: string;
  /** Whether the ref is to be looked at now. */
  readonly poll: boolean;
}

export interface PushOptions {
  /** Shared with the forge; at least 16 bytes. */
  readonly secret: string;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Larger bodies are refused before they are looked at: forges send less, and a server may stop reading there. */
export const PUSH_BYTES = 1 << 20;

const LEAST_SECRET = 16;
/** How far the sender's clock may be from ours, either way. */
const DRIFT_MS = 5 * 60_000;
/** So many pushes at once, and one more each time this has passed. */
const BURST = 20;
const REFILL_MS = 3000;

/** Throws UsageError for a secret that can be guessed. */
export function receivePush({ secret, now }: PushOptions): (headers: PushHeaders, body: Buffer) => PushReply {
  if (Math.min(Buffer.byteLength(secret), standardKey(secret).length) < LEAST_SECRET)
    throw new UsageError(
      `the webhook secret is shorter than ${LEAST_SECRET} bytes`,
      'make one: openssl rand -hex 32',
    );
  const replays = createReplayMemory();
  const admit = createBucket(BURST, REFILL_MS);
  return (headers, body) => {
    if (body.length > PUSH_BYTES) return refused(413, `more than ${PUSH_BYTES} bytes`);
    const form = PUSH_FORMS.find(({ header }) => headers[header] !== undefined);
    if (form === undefined) return refused(401, 'no signature');
    const given = headers[form.header];
    if (typeof given !== 'string') return refused(400, `${form.header} is given more than once`);
    const claim = form.check(given, { headers, body, secret });
    if (!claim.holds) return refused(401, claim.why);
    const { signed } = claim;
    if (signed !== undefined) {
      if (Math.abs(now() - signed.sent) > DRIFT_MS)
        return refused(401, 'it was signed more than 5 minutes from now');
      const seen = replays.see(signed.once, signed.sent + DRIFT_MS, now());
      if (seen === 'again') return refused(401, 'it was sent before');
      if (seen === 'full') return refused(429, 'too many pushes');
    }
    return admit(now())
      ? { status: 202, body: 'the ref will be looked at\n', poll: true }
      : refused(429, 'too many pushes; the next poll sees what they brought');
  };
}

function refused(status: number, why: string): PushReply {
  return { status, body: `${why}\n`, poll: false };
}

function createBucket(size: number, refillMs: number): (now: number) => boolean {
  let left = size;
  let since: number | undefined;
  return (now) => {
    // A clock that was set back refills nothing, and takes nothing.
    const passed = Math.max(0, now - (since ?? now));
    since = now;
    left = Math.min(size, left + passed / refillMs);
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}
