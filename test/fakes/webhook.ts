/** A webhook server that answers what a test tells it to, and clients of every kind for it. */
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { createAuthority, issueServerLeaf, type KeyPair } from '../../src/app/pki/certificates.ts';
import {
  type Accept,
  type HttpReply,
  type Job,
  startWebhookServer,
  type WebhookServer,
  type WebhookServerOptions,
} from '../../src/server/index.ts';
import { rejectWithSent } from './sent.ts';

const validity = { now: new Date(), days: 1 };
export const authority: KeyPair = await createAuthority(validity);
export const certificate: KeyPair = await issueServerLeaf(
  authority,
  { dns: ['localhost'], ips: ['127.0.0.1'] },
  validity,
);

export const ALLOWED: HttpReply = { status: 200, body: '{"response":{"allowed":true}}' };

/** What requests of {@link ask} say they are; `accept` of the fake reads it. */
export interface Asking {
  readonly user?: string;
  /** Milliseconds of hard work. */
  readonly work?: number;
  /** Milliseconds until a Promise is kept. */
  readonly wait?: number;
  readonly fails?: 'accept' | 'run' | 'later' | 'reply';
  readonly padding?: string;
}

/** @param ran Told of each job that runs. */
export function acceptAsking(ran: (asking: Asking) => void = () => {}): Accept {
  return (_kind, body): Job | HttpReply => {
    let asking: Asking;
    try {
      asking = JSON.parse(body.toString('utf8')) as Asking;
    } catch {
      return { status: 400, body: 'no JSON' };
    }
    if (asking.fails === 'accept') throw new Error('accept fails');
    return {
      user: asking.user ?? 'someone',
      run() {
        ran(asking);
        if (asking.work !== undefined) workFor(asking.work);
        if (asking.fails === 'run') throw new Error('run fails');
        if (asking.fails === 'reply') return undefined as unknown as HttpReply;
        return asking.wait === undefined && asking.fails !== 'later' ? ALLOWED : keepLater(asking);
      },
    };
  };
}

function workFor(milliseconds: number): void {
  for (const until = performance.now() + milliseconds; performance.now() < until; );
}

async function keepLater({ wait = 0, fails }: Asking): Promise<HttpReply> {
  await new Promise((resolve) => setTimeout(resolve, wait));
  if (fails === 'later') throw new Error('fails later');
  return ALLOWED;
}

export function startServer(options: Partial<WebhookServerOptions> = {}): Promise<WebhookServer> {
  return startWebhookServer({
    accept: acceptAsking(),
    ready: () => true,
    certificate,
    host: '127.0.0.1',
    port: 0,
    ...options,
  });
}

export interface Asked {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface AskOptions extends RequestOptions {
  /** An object is sent as JSON. */
  readonly body?: Asking | string | Buffer;
}

/** One request on a connection of its own, unless an agent is given. Of an error `isUnsent` tells whether the server can know of it. */
export function ask(port: number, { body = {}, headers = {}, ...options }: AskOptions = {}): Promise<Asked> {
  const { promise, resolve, reject } = Promise.withResolvers<Asked>();
  const sent = httpsRequest(
    {
      host: '127.0.0.1',
      port,
      method: 'POST',
      path: '/validate?timeout=10s',
      ca: authority.cert,
      agent: false,
      headers: { 'content-type': 'application/json', ...headers },
      timeout: 20_000,
      ...options,
    },
    (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: Buffer.concat(parts).toString('utf8'),
        }),
      );
    },
  );
  rejectWithSent(sent, reject);
  sent.on('timeout', () => sent.destroy(new Error('no answer within 20 s')));
  const isGet = options.method === 'GET' || options.method === 'HEAD';
  sent.end(
    isGet ? undefined : typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  );
  return promise;
}

export function keepAlive(maxSockets: number): Agent {
  return new Agent({ keepAlive: true, maxSockets, ca: authority.cert });
}

/** A bare connection, and all that came back on it when it closes. */
export async function openRaw(
  port: number,
  options: ConnectionOptions = {},
): Promise<{ socket: TLSSocket; closed: Promise<string> }> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const socket = connect({ host: '127.0.0.1', port, ca: authority.cert, ...options }, () => resolve(socket));
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (part: string) => {
    text += part;
  });
  socket.on('error', reject);
  const closed = new Promise<string>((done) => socket.on('close', () => done(text)));
  return { socket: await promise, closed };
}
