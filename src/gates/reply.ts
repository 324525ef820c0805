/** The answer to an AdmissionReview. Source: k8s.io/api/admission/v1, AdmissionResponse. */
import type { Decision, Outcome } from '../model/index.ts';
import { type Describe, denialMessage, warningsOf } from './wording.ts';

export interface ReplyParts {
  readonly uid: string;
  readonly decision: Decision;
  readonly describe: Describe;
  /** Digest of a policy's source. */
  readonly digestOf: (policy: string) => string | undefined;
  readonly status: { readonly code: number; readonly reason: string };
  /** Published by policies: `policy/key` with its value. */
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 6902; null: the object stays as it is. */
  readonly patch: readonly object[] | null;
}

const MOST_OUTCOMES = 50;
const MOST_ANNOTATION = 10 * 1024;

/** JSON. */
export function replyText(parts: ReplyParts): string {
  const { uid, decision, annotations, patch } = parts;
  const quiet = decision.outcomes.length === 0 && patch === null && isEmpty(annotations);
  if (quiet) return quietReply(uid, decision.snapshot);
  const denied = decision.answer === 'deny';
  const warnings = warningsOf(decision.outcomes);
  return JSON.stringify({
    ...ENVELOPE,
    response: {
      uid,
      allowed: !denied,
      ...(denied
        ? { status: { ...parts.status, message: denialMessage(decision.outcomes, parts.describe) } }
        : {}),
      ...(warnings.length === 0 ? {} : { warnings }),
      auditAnnotations: auditAnnotations(parts),
      ...(patch === null || denied
        ? {}
        : { patchType: 'JSONPatch', patch: Buffer.from(patchText(patch)).toString('base64') }),
    },
  });
}

const ENVELOPE = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };

/** What nearly every request is answered with. */
function quietReply(uid: string, snapshot: string): string {
  return `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":${JSON.stringify(uid)},"allowed":true,"auditAnnotations":{"snapshot":"${snapshot}"}}}`;
}

/** The API server puts the webhook's name before each key, so that none may hold a slash. */
function auditAnnotations({ decision, digestOf, annotations }: ReplyParts): Record<string, string> {
  const { outcomes, snapshot, tier } = decision;
  const shown = outcomes.filter(({ verdict }) => verdict !== 'skip');
  return {
    snapshot,
    ...(shown.length === 0 ? {} : { tier, outcomes: bounded(shown.map((one) => brief(one, digestOf))) }),
    ...(isEmpty(annotations) ? {} : { annotations: bounded(Object.entries(annotations)) }),
  };
}

function brief(
  { policy, validation, verdict, stage, effect, reason }: Outcome,
  digestOf: ReplyParts['digestOf'],
) {
  return {
    policy,
    digest: policy === null ? undefined : digestOf(policy),
    validation,
    verdict,
    stage,
    effect,
    reason,
  };
}

/** JSON of a list, which loses its tail rather than grow without end. */
function bounded(items: readonly unknown[]): string {
  const texts: string[] = [];
  let size = 2;
  for (const item of items.slice(0, MOST_OUTCOMES)) {
    const text = JSON.stringify(item);
    size += Buffer.byteLength(text) + 1;
    if (size > MOST_ANNOTATION) break;
    texts.push(text);
  }
  const left = items.length - texts.length;
  return `[${[...texts, ...(left === 0 ? [] : [JSON.stringify({ more: left })])].join(',')}]`;
}

/** Integers beyond 2^53 as they are. */
function patchText(patch: readonly object[]): string {
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
  return JSON.stringify(patch, (_, value: unknown) =>
    typeof value === 'bigint' ? rawJSON(String(value)) : value,
  );
}

function isEmpty(record: object): boolean {
  for (const _ in record) return false;
  return true;
}
