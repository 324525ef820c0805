import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { targetOf } from './address.ts';
import { newCounters, type ServerCounters } from './counters.ts';
import { drainServer } from './drain.ts';
import type { Accept } from './job.ts';
import { DEFAULT_LIMITS, type ServerLimits } from './limits.ts';
import { answerProbe } from './probes.ts';
import { refuseClient } from './refuse-client.ts';
import {
  type Certificate,
  type ClientCheck,
  createClientCheck,
  replaceCertificate,
  tlsOptions,
} from './tls.ts';
import { createWebhook, type Webhook } from './webhook.ts';
import type { Lifecycle } from './write.ts';

export interface WebhookServerOptions {
  readonly accept: Accept;
  /** Why not, in words for people. */
  readonly ready: () => true | string;
  readonly certificate: Certificate;
  /** Absent: whoever reaches the port may ask. */
  readonly client?: ClientCheck;
  /** Absent: all addresses. */
  readonly host?: string;
  /** 0: one that is free. */
  readonly port: number;
  /**
   * Whether other processes may listen on the same port by sockets of their own, and the kernel spreads connections over them.
   * When one of them stops to listen, Linux resets connections that it made in that very moment; no request has been sent on them.
   */
  readonly reusePort?: boolean;
  /** Of a socket that is inherited, in place of host and port: its queue lives as long as anybody has it. */
  readonly fd?: number;
  readonly limits?: Partial<ServerLimits>;
  /** Milliseconds, never going back. */
  readonly now?: () => number;
  /** Is told what jobs throw. */
  readonly onError?: (error: unknown) => void;
}

export interface WebhookServer {
  readonly port: number;
  readonly counters: Readonly<ServerCounters>;
  /** Requests read but not yet answered. */
  waiting(): number;
  /** New connections see it; those that are open go on. Throws when certificate and key do not belong together. */
  setCertificate(certificate: Certificate): void;
  /** Fails `/readyz`, serves on for a while, resolves when all are answered and closed. Later calls wait for the same. */
  drain(): Promise<void>;
  /** Ends at once: what is under way is cut off. */
  close(): Promise<void>;
}

/** Between looks at what takes too long. */
const SWEEP_MS = 250;

/** Listens. Rejects when the port is taken, the descriptor no socket, or the certificate unusable. */
export async function startWebhookServer(options: WebhookServerOptions): Promise<WebhookServer> {
  const { accept, ready, client, now = () => performance.now(), onError = () => {} } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const counters = newCounters();
  const lifecycle: Lifecycle = { draining: false, closing: false };
  const shared = { limits, now, counters, lifecycle, onError };
  const webhook = createWebhook({ ...shared, accept, mayAsk: createClientCheck(client) });
  const probes = { ...shared, ready };

  const server = createServer(serverOptions(options, limits), (request, response) => {
    const target = targetOf(request.url!);
    if (target === 'validate' || target === 'mutate') webhook.handle(target, request, response);
    else answerProbe(target, request, response, probes);
  });
  server.maxConnections = limits.connections;
  // Also of a client that does not read its answer.
  server.timeout = Math.max(limits.keepAliveMs, limits.requestMs);
  countConnections(server, counters, webhook);
  await listen(server, options);
  const sweeper = setInterval(webhook.sweep, SWEEP_MS).unref();
  server.once('close', () => clearInterval(sweeper));

  let drained: Promise<void> | null = null;
  return {
    port: (server.address() as AddressInfo).port,
    counters,
    waiting: webhook.waiting,
    setCertificate: (next) => replaceCertificate(server, next, client),
    drain() {
      drained ??= drainServer(server, { limits, lifecycle, cutOff: webhook.cutOff });
      return drained;
    },
    async close() {
      webhook.cutOff();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function serverOptions({ certificate, client }: WebhookServerOptions, limits: ServerLimits) {
  return {
    ...tlsOptions(certificate, client),
    handshakeTimeout: limits.handshakeMs,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: SWEEP_MS,
    keepAliveTimeout: limits.keepAliveMs,
    maxHeaderSize: limits.headerBytes,
  };
}

function countConnections(server: Server, counters: ServerCounters, webhook: Webhook): void {
  server.on('connection', webhook.connected);
  server.on('drop', () => counters.connectionsDropped++);
  server.on('tlsClientError', () => counters.handshakesFailed++);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    refuseClient(error, socket, counters, webhook.isBusy(socket)),
  );
}

function listen(
  server: Server,
  { host, port, reusePort = false, fd, onError = () => {} }: WebhookServerOptions,
): Promise<void> {
  const where = fd === undefined ? { port, reusePort, ...(host === undefined ? {} : { host }) } : { fd };
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      server.on('error', onError);
      resolve();
    });
  });
}
