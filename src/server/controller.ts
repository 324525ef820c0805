/**
 * What workers ask of their controller, over mutual TLS: who has no certificate of the installation's own CA is not heard.
 * One protocol, on one machine or many: the snapshot by long poll, its content by digest, decisions in batches.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';

export interface ControllerReply {
  /** HTTP; 204 has no body. */
  readonly status: number;
  readonly body?: string;
}

export interface ControllerHandlers {
  /** `query` is what the worker says of itself; `worker` is what its certificate says. */
  snapshot(worker: string, query: URLSearchParams): Promise<ControllerReply>;
  content(worker: string, digest: string): ControllerReply;
  /** Of whoever may look. */
  get(who: string, what: string, query: URLSearchParams): ControllerReply;
  /** @param body JSON. */
  post(worker: string, what: string, body: string): Promise<ControllerReply>;
}

export interface ControllerServerOptions {
  readonly handlers: ControllerHandlers;
  /** PEM. */
  readonly certificate: { readonly cert: string; readonly key: string };
  /** PEM of the CA that workers' certificates are of. */
  readonly ca: string;
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  readonly onError?: (error: unknown) => void;
}

export interface ControllerServer {
  readonly port: number;
  setCertificate(certificate: { readonly cert: string; readonly key: string }, ca: string): void;
  close(): Promise<void>;
}

const MOST_BYTES = 8 << 20;
const MOST_CONNECTIONS = 1_000;

export async function startControllerServer(options: ControllerServerOptions): Promise<ControllerServer> {
  const { handlers, host, onError = () => {} } = options;
  const server = createServer(tlsOf(options.certificate, options.ca), (request, response) => {
    handle(handlers, request, response).catch((error) => {
      onError(error);
      reply(response, { status: 500, body: 'the controller failed' });
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    setCertificate: (certificate, ca) => server.setSecureContext(tlsOf(certificate, ca)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function tlsOf({ cert, key }: ControllerServerOptions['certificate'], ca: string) {
  return {
    cert,
    key,
    ca,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3' as const,
    ALPNProtocols: ['http/1.1'],
  };
}

async function handle(
  handlers: ControllerHandlers,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const worker = nameOf(request.socket as TLSSocket);
  if (worker === undefined) return reply(response, { status: 403, body: 'the certificate has no name' });
  const url = new URL(request.url ?? '/', 'https://controller');
  const [, version, what = '', name] = url.pathname.split('/');
  if (version !== 'v1') return reply(response, { status: 404, body: 'no such path' });
  if (request.method === 'GET' && what === 'snapshot')
    return reply(response, await handlers.snapshot(worker, url.searchParams));
  if (request.method === 'GET' && what === 'snapshots' && name !== undefined)
    return reply(response, handlers.content(worker, `sha256:${name}`));
  if (request.method === 'GET') return reply(response, handlers.get(worker, what, url.searchParams));
  if (request.method !== 'POST') return reply(response, { status: 405, body: 'only GET and POST' });
  const body = await bodyOf(request);
  if (body === undefined) return reply(response, { status: 413, body: `more than ${MOST_BYTES} bytes` });
  return reply(response, await handlers.post(worker, what, body));
}

/** The common name: who the CA says it is. */
function nameOf(socket: TLSSocket): string | undefined {
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerX509Certificate() ?? { subject: '' };
  return subject
    .split('\n')
    .find((line) => line.startsWith('CN='))
    ?.slice('CN='.length);
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MOST_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function reply(response: ServerResponse, { status, body = '' }: ControllerReply): void {
  if (response.headersSent || response.destroyed) return;
  const type = body.startsWith('{') ? 'application/json' : 'text/plain; charset=utf-8';
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
