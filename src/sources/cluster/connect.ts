/**
 * A cluster as kubectl would reach it: the contexts of KUBECONFIG or ~/.kube/config, else the service account of the pod.
 * Certificates, tokens, exec plug-ins and proxies are the client library's business; requests are sent here, because its
 * typed calls would drop fields they do not know and numbers they cannot hold.
 */
import type { IncomingMessage, RequestOptions } from 'node:http';
import { ClusterError } from './error.ts';
import { parseExact } from './exact-json.ts';
import { asClusterError, bodyOf, type Content, type Patience, refusal, request, textOf } from './request.ts';

export interface Cluster {
  /** As the kubeconfig calls it. */
  readonly context: string;
  /**
   * The JSON that a path answers with; asked again where the API server says when.
   *
   * @throws ClusterError with the HTTP status; 0 where no answer came.
   */
  get(path: string, accept?: string): Promise<Json>;
  /**
   * The text that a path answers with, asked once.
   *
   * @throws ClusterError as `get`
   */
  read(path: string, options: AskOptions): Promise<string>;
  /**
   * What a path goes on answering with, such as a watch. Who reads it sees that it does not fall silent.
   *
   * @param options `withinMs` counts until the answer begins.
   * @throws ClusterError as `get`, here and from the stream
   */
  open(path: string, options: AskOptions): Promise<AnswerStream>;
  /**
   * The JSON that is answered to one request with a body, sent once.
   *
   * @throws ClusterError as `get`
   */
  send(sent: SentRequest): Promise<Json>;
}

export interface SentRequest {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** JSON. */
  readonly body: unknown;
  /** Of the body. Default: JSON. */
  readonly type?: string;
  /** Milliseconds until the whole answer has to be there. */
  readonly withinMs: number;
}

export interface AskOptions {
  readonly accept?: string;
  /** Milliseconds until the whole answer has to be there. */
  readonly withinMs: number;
  /** Milliseconds until there is a connection. Default: as the whole. */
  readonly connectMs?: number;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

export interface AnswerStream {
  /** Parts of it, cut anywhere. */
  readonly chunks: AsyncIterable<Buffer>;
  end(why?: ClusterError): void;
}

export interface Json {
  readonly [key: string]: unknown;
}

const SILENCE_MS = 30_000;
const MOST_TRIES = 5;
const LONGEST_WAIT_MS = 10_000;

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

  /** An answer with a status that means yes, as soon as it begins. */
  async function ask(
    path: string,
    accept: string,
    patience: Patience,
    content?: Content,
  ): Promise<IncomingMessage> {
    const authorized: RequestOptions = {};
    await config.applyToHTTPSOptions(authorized as never).catch((error: unknown) => {
      throw new ClusterError(`no credentials of user ${who}: ${textOf(error)}`);
    });
    const type = content === undefined ? {} : { 'content-type': content.type };
    const headers = { ...authorized.headers, accept, ...type };
    const answer = await request(base, path, { ...authorized, headers }, patience, content);
    if (YES.includes(answer.statusCode ?? 0)) return answer;
    const late = setTimeout(() => answer.destroy(new ClusterError('the answer does not end')), SILENCE_MS);
    const body = await bodyOf(answer, base).finally(() => clearTimeout(late));
    throw refusal(answer, body, path, who);
  }

  function open(path: string, { accept = JSON_TYPE, withinMs, ...more }: AskOptions) {
    return ask(path, accept, { answerMs: withinMs, ...more });
  }

  return {
    context: config.getCurrentContext(),
    async get(path, accept = JSON_TYPE) {
      for (let tries = 1; ; tries++)
        try {
          return parsed(await bodyOf(await ask(path, accept, { silenceMs: SILENCE_MS }), base), path);
        } catch (error) {
          const wait = error instanceof ClusterError ? error.retryAfterMs : undefined;
          if (wait === undefined || tries === MOST_TRIES) throw error;
          await pause(Math.min(wait, LONGEST_WAIT_MS));
        }
    },
    async read(path, options) {
      const until = performance.now() + options.withinMs;
      const answer = await open(path, options);
      const why = new ClusterError(`${path} is not answered within ${options.withinMs / 1000} seconds`);
      const late = setTimeout(() => answer.destroy(why), Math.max(0, until - performance.now()));
      return bodyOf(answer, base).finally(() => clearTimeout(late));
    },
    async send({ method, path, body, type = JSON_TYPE, withinMs }) {
      const content = { method, type, text: JSON.stringify(body) };
      const until = performance.now() + withinMs;
      const answer = await ask(path, JSON_TYPE, { answerMs: withinMs }, content);
      const why = new ClusterError(`${path} is not answered within ${withinMs / 1000} seconds`);
      const late = setTimeout(() => answer.destroy(why), Math.max(0, until - performance.now()));
      return parsed(await bodyOf(answer, base).finally(() => clearTimeout(late)), path);
    },
    async open(path, options) {
      const answer = await open(path, options);
      return { chunks: chunksOf(answer, base), end: (why) => void answer.destroy(why) };
    },
  };
}

const JSON_TYPE = 'application/json';
const YES: readonly number[] = [200, 201, 202];

async function* chunksOf(answer: IncomingMessage, base: URL): AsyncGenerator<Buffer> {
  try {
    yield* answer as AsyncIterable<Buffer>;
  } catch (error) {
    throw asClusterError(error, base);
  }
}

function serverOf(server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw new ClusterError(`the kubeconfig names a server that is no https URL: ${server}`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function parsed(body: string, path: string): Json {
  const value = parseExact(body);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new ClusterError(
    `${path} is answered with something that is no JSON object: no Kubernetes API server?`,
  );
}
