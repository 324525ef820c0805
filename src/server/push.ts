/** `/push`: where a forge says that a ref has moved. Who may say so is the receiver's to judge. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface PushAnswer {
  readonly status: number;
  readonly body: string;
}

export interface PushServerOptions {
  /** Larger bodies are not read to their end. */
  readonly mostBytes: number;
  readonly receive: (headers: IncomingHttpHeaders, body: Buffer) => PushAnswer;
  /** PEM. */
  readonly certificate: { readonly cert: string; readonly key: string };
  readonly host: string;
  readonly port: number;
}

export interface PushServer {
  readonly port: number;
  setCertificate(certificate: PushServerOptions['certificate']): void;
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 50;

export async function startPushServer(options: PushServerOptions): Promise<PushServer> {
  const server = createServer({ ...options.certificate, minVersion: 'TLSv1.2' }, (request, response) => {
    handle(options, request, response).catch(() => answer(response, { status: 500, body: 'failed' }));
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    setCertificate: (certificate) => server.setSecureContext({ ...certificate, minVersion: 'TLSv1.2' }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(
  { mostBytes, receive }: PushServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.url !== '/push') return answer(response, { status: 404, body: 'no such path' });
  if (request.method !== 'POST') return answer(response, { status: 405, body: 'only POST' });
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    // One byte more than it may have is enough for the receiver to refuse it.
    if (size > mostBytes) break;
    parts.push(part);
  }
  if (size > mostBytes) return answer(response, { status: 413, body: `more than ${mostBytes} bytes` });
  answer(response, receive(request.headers, Buffer.concat(parts)));
}

function answer(response: ServerResponse, { status, body }: PushAnswer): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  response.end(body);
}
