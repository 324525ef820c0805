/** One request to an API server, over HTTP/1.1, and what its failures mean. */
import type { IncomingMessage, RequestOptions } from 'node:http';
import { ClusterError } from './error.ts';
import { parseExact } from './exact-json.ts';

/** How long to wait, in milliseconds; without them for ever. */
export interface Patience {
  /** Until anything comes, and between two parts of the answer. */
  readonly silenceMs?: number;
  /** Until there is a connection. */
  readonly connectMs?: number;
  /** Until the answer begins. */
  readonly answerMs?: number;
  readonly signal?: AbortSignal;
}

/** What is sent along. */
export interface Content {
  readonly method: string;
  readonly type: string;
  readonly text: string;
}

const MOST_BYTES = 256 << 20;

/**
 * The answer as soon as it begins. Nothing watches over its body but `silenceMs`.
 *
 * @throws ClusterError with the status 0
 */
export function request(
  base: URL,
  path: string,
  options: RequestOptions,
  { silenceMs, connectMs, answerMs, signal }: Patience,
  content?: Content,
): Promise<IncomingMessage> {
  const secure = base.protocol === 'https:';
  const { request } = process.getBuiltinModule(secure ? 'node:https' : 'node:http');
  const prefix = base.pathname.replace(/\/$/, '');
  const host = base.hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const port = base.port || (secure ? 443 : 80);
    const more = signal === undefined ? {} : { signal };
    const all = {
      ...options,
      ...more,
      method: content?.method ?? 'GET',
      host,
      port,
      path: `${prefix}${path}`,
    };
    const sent = request(all, (answer) => {
      clearTimeout(late);
      resolve(answer);
    });
    const tooSlow = (ms: number) =>
      sent.destroy(new ClusterError(`${base.origin} said nothing for ${ms / 1000} seconds`));
    // Also while nothing is connected: a packet filter that drops answers nothing at all.
    if (silenceMs !== undefined) sent.setTimeout(silenceMs, () => tooSlow(silenceMs));
    const late = answerMs === undefined ? undefined : setTimeout(() => tooSlow(answerMs), answerMs);
    const apart = connectMs === undefined ? undefined : setTimeout(() => tooSlow(connectMs), connectMs);
    sent.on('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => clearTimeout(apart));
      else clearTimeout(apart);
    });
    sent.on('error', (error) => {
      clearTimeout(late);
      clearTimeout(apart);
      reject(asClusterError(error, base));
    });
    sent.end(content?.text);
  });
}

/** @throws ClusterError */
export async function bodyOf(answer: IncomingMessage, base: URL): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MOST_BYTES) {
        answer.destroy();
        throw new ClusterError(`an answer is larger than ${MOST_BYTES >> 20} MiB`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw asClusterError(error, base);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A Status of the API server says more than its code. */
export function refusal(answer: IncomingMessage, body: string, path: string, who: string): ClusterError {
  const status = answer.statusCode ?? 0;
  if (status === 401)
    return new ClusterError(
      `the credentials of user ${who} are not accepted (401): wrong, or expired`,
      status,
    );
  const said = parseExact(body);
  const message =
    typeof said === 'object' && said !== null && 'message' in said ? `: ${String(said.message)}` : '';
  const again = status === 429 || status === 503 ? Number(answer.headers['retry-after']) : Number.NaN;
  return new ClusterError(`${path} is answered with ${status}${message}`, status, {
    ...(again >= 0 ? { retryAfterMs: again * 1000 } : {}),
  });
}

const CERTIFICATES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is of an authority that the kubeconfig does not name',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is of an authority that the kubeconfig does not name',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is of an authority that the kubeconfig does not name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is of an authority that the kubeconfig does not name',
  CERT_SIGNATURE_FAILURE: 'its certificate is not signed by the authority that the kubeconfig names',
};

/** What a connection fails with, in words. */
export function asClusterError(error: unknown, { origin }: Pick<URL, 'origin'>): ClusterError {
  if (error instanceof ClusterError) return error;
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  const wrong = CERTIFICATES[code];
  const message =
    wrong === undefined
      ? `cannot reach ${origin}: ${textOf(error)}`
      : `${origin} cannot be trusted: ${wrong} (${code})`;
  return new ClusterError(message, 0, { cause: error });
}

/** Of a host with several addresses, the first attempt says why. */
export function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return textOf(error.errors[0]);
  return error instanceof Error ? error.message || error.name : String(error);
}
