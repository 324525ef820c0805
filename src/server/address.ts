/** What the request line and the headers say, read without more work than they are worth. */
import type { WebhookKind } from './job.ts';

export type Target = WebhookKind | 'live' | 'ready' | 'none';

const TARGETS: ReadonlyMap<string, Target> = new Map([
  ['/validate', 'validate'],
  ['/mutate', 'mutate'],
  ['/livez', 'live'],
  ['/healthz', 'live'],
  ['/readyz', 'ready'],
]);

export function targetOf(url: string): Target {
  const end = url.indexOf('?');
  return TARGETS.get(end < 0 ? url : url.slice(0, end)) ?? 'none';
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/**
 * Milliseconds of the `timeout` that the API server adds, a Go duration such as `10s` or `1m0s`; undefined when there is
 * none that makes sense.
 */
export function timeoutOf(url: string): number | undefined {
  const at = url.indexOf('timeout=');
  if (at < 1 || (url[at - 1] !== '?' && url[at - 1] !== '&')) return undefined;
  const end = url.indexOf('&', at);
  const text = url.slice(at + 'timeout='.length, end < 0 ? undefined : end);
  // What API servers send.
  if (/^[1-9]\d?s$/.test(text)) return Number.parseInt(text, 10) * 1_000;
  if (!/^(?:\d{1,6}(?:\.\d{1,9})?(?:h|ms|m|s))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/([\d.]+)(h|ms|m|s)/g)) sum += Number(number) * UNITS[unit!]!;
  return sum > 0 ? sum : undefined;
}

/** `application/json`, with parameters or without (RFC 9110 section 8.3.1). */
export function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  return contentType !== undefined && /^application\/json[ \t]*(?:;|$)/i.test(contentType);
}

/** The declared length; -1 when the body comes in chunks. The HTTP parser has refused whatever is no number. */
export function lengthOf(contentLength: string | undefined): number {
  return contentLength === undefined ? -1 : Number(contentLength);
}
