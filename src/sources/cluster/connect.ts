/**
 * A cluster as kubectl would reach it: the contexts of KUBECONFIG or ~/.kube/config, else the service account of the pod.
 * Certificates, tokens, exec plug-ins and proxies are the client library's business; requests are sent here, because its
 * typed calls would drop fields they do not know and numbers they cannot hold.
 */
import type { IncomingMessage, RequestOptions } from 'node:http';
import { ClusterError } from './error.ts';
import { parseExact } from './exact-json.ts';

export interface Cluster {
  /** As the kubeconfig calls it. */
  readonly context: string;
  /**
   * The JSON that a path answers with.
   *
   * @throws ClusterError with the HTTP status; 0 where no answer came.
   */
  get(path: string, accept?: string): Promise<Json>;
}

export interface Json {
  readonly [key: string]: unknown;
}

const SILENCE_MS = 30_000;
const MOST_BYTES = 256 << 20;
const MOST_TRIES = 5;
const LONGEST_WAIT_S = 10;

/**
 * @param context Empty: the current one.
 * @throws ClusterError where there is no such context, or the kubeconfig cannot be read.
 */
export async function connect(context: string): Promise<Cluster> {
  const { readKubeconfig } = await import('./kubeconfig.ts');
  const config = readKubeconfig(context);
  const cluster = config.getCurrentCluster()!;
  const base = serverOf(cluster.server);
  const who = config.getCurrentUser()?.name ?? 'nobody';
  return {
    context: config.getCurrentContext(),
    async get(path, accept = 'application/json') {
      for (let tries = 1; ; tries++) {
        const authorized: RequestOptions = {};
        await config.applyToHTTPSOptions(authorized as never).catch((error: unknown) => {
          throw new ClusterError(`no credentials of user ${who}: ${textOf(error)}`);
        });
        const headers = { ...authorized.headers, accept };
        const answer = await send(base, path, { ...authorized, headers });
        if (answer.status === 200) return parsed(answer.body, path);
        if (answer.wait === undefined || tries === MOST_TRIES) throw refusal(answer, path, who);
        await pause(answer.wait);
      }
    },
  };
}

function serverOf(server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw new ClusterError(`the kubeconfig names a server that is no https URL: ${server}`);
}

interface Answer {
  readonly status: number;
  readonly body: string;
  /** Seconds until it should be asked again; undefined: it need not be. */
  readonly wait: number | undefined;
}

function send(base: URL, path: string, options: RequestOptions): Promise<Answer> {
  const secure = base.protocol === 'https:';
  const { request } = process.getBuiltinModule(secure ? 'node:https' : 'node:http');
  const prefix = base.pathname.replace(/\/$/, '');
  const host = base.hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(error instanceof ClusterError ? error : unreachable(error, base));
    const sent = request(
      { ...options, method: 'GET', host, port: base.port || (secure ? 443 : 80), path: `${prefix}${path}` },
      (answer) => collect(answer).then(resolve, fail),
    );
    // Also while nothing is connected: a packet filter that drops answers nothing at all.
    sent.setTimeout(SILENCE_MS, () =>
      sent.destroy(new ClusterError(`${base.origin} said nothing for ${SILENCE_MS / 1000} seconds`)),
    );
    sent.on('error', fail);
    sent.end();
  });
}

async function collect(answer: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) {
      answer.destroy();
      throw new ClusterError(`an answer is larger than ${MOST_BYTES >> 20} MiB`);
    }
    chunks.push(chunk);
  }
  const status = answer.statusCode ?? 0;
  const again = status === 429 || status === 503 ? Number(answer.headers['retry-after']) : Number.NaN;
  return {
    status,
    body: Buffer.concat(chunks).toString('utf8'),
    wait: again >= 0 ? Math.min(again, LONGEST_WAIT_S) : undefined,
  };
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

function parsed(body: string, path: string): Json {
  const value = parseExact(body);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new ClusterError(
    `${path} is answered with something that is no JSON object: no Kubernetes API server?`,
  );
}

/** A Status of the API server says more than its code. */
function refusal({ status, body }: Answer, path: string, who: string): ClusterError {
  if (status === 401)
    return new ClusterError(
      `the credentials of user ${who} are not accepted (401): wrong, or expired`,
      status,
    );
  const said = parseExact(body);
  const message =
    typeof said === 'object' && said !== null && 'message' in said ? `: ${String(said.message)}` : '';
  return new ClusterError(`${path} is answered with ${status}${message}`, status);
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

function unreachable(error: unknown, { origin }: URL): ClusterError {
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  const wrong = CERTIFICATES[code];
  const message =
    wrong === undefined
      ? `cannot reach ${origin}: ${textOf(error)}`
      : `${origin} cannot be trusted: ${wrong} (${code})`;
  return new ClusterError(message, 0, { cause: error });
}

/** Of a host with several addresses, the first attempt says why. */
function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return textOf(error.errors[0]);
  return error instanceof Error ? error.message || error.name : String(error);
}
