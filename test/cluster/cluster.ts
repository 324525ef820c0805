/** A real API server with its own etcd, on loopback, for the length of a test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { binaries, controllerManager } from './binaries.ts';
import { startGuard } from './guard.ts';

export interface Response {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** Texts of the `Warning` headers. */
  readonly warnings: readonly string[];
  readonly auditId: string;
}

export interface Cluster {
  /** Without a path. */
  readonly url: string;
  /** File with the certificate that the server shows. */
  readonly certificate: string;
  /** Forgets all versions of objects but the present ones, as etcd does every five minutes. */
  compact(): Promise<void>;
  /**
   * One request as an administrator; `path` begins with `/api` or `/apis`.
   *
   * @param type Of the body; default JSON.
   */
  call(method: string, path: string, body?: unknown, type?: string): Promise<Response>;
  /** Audit events that are complete, as far as they are written. */
  auditEvents(): readonly Readonly<Record<string, unknown>>[];
  /** Ends kube-apiserver alone, as a crash does. */
  stopServer(): Promise<void>;
  /** Starts it again at the same address, over the same etcd; there when it is ready. */
  startServer(): Promise<void>;
  stop(): Promise<void>;
}

const READY_MS = 60_000;
const CALL_MS = 30_000;
export const ADMIN_TOKEN = 'admin-of-the-test-cluster';

/** Who may do nothing until a role is bound to them. */
const USERS = ['scanner', 'stranger'] as const;

export function tokenOf(user: (typeof USERS)[number]): string {
  return `${user}-of-the-test-cluster`;
}

/** Without these plug-ins an object stays as it was sent, but for defaults. */
const DISABLED =
  'ServiceAccount,Priority,DefaultTolerationSeconds,DefaultStorageClass,StorageObjectInUseProtection';

const AUDIT_POLICY = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'Metadata' }] };

/**
 * @param flags More of them for kube-apiserver.
 * @param controllers What kube-controller-manager runs, such as `deployment-controller`; without any it is not started.
 */
export async function startCluster(
  flags: readonly string[] = [],
  controllers: readonly string[] = [],
): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-cluster-'));
  const guard = startGuard(folder);
  const processes: ChildProcess[] = [];
  const start = (child: ChildProcess) => {
    processes.push(child);
    if (child.pid !== undefined) guard.watch(child.pid);
  };
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const stop = async () => {
    agent.destroy();
    await Promise.all(processes.map(end));
    rmSync(folder, { recursive: true, force: true });
    await guard.dismiss();
  };
  try {
    const [client, peer, secure] = await Promise.all([freePort(), freePort(), freePort()]);
    const etcd = startEtcd(folder, client, peer);
    start(etcd);
    let server: ChildProcess;
    const cluster = connect(folder, secure, agent);
    const startServer = async () => {
      server = startApiserver(folder, client, secure, flags);
      start(server);
      await ready(cluster, [etcd, server], folder);
    };
    await startServer();
    if (controllers.length > 0) start(startControllers(folder, secure, controllers));
    return {
      ...cluster,
      url: `https://127.0.0.1:${secure}`,
      certificate: certificateIn(folder),
      compact: () => compact(client),
      startServer,
      stopServer: () => end(server),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startEtcd(folder: string, client: number, peer: number): ChildProcess {
  const url = `http://127.0.0.1:${client}`;
  const peers = `http://127.0.0.1:${peer}`;
  return run(binaries().etcd, join(folder, 'etcd.log'), [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    '--unsafe-no-fsync',
    '--log-level=error',
  ]);
}

function startApiserver(folder: string, etcd: number, port: number, flags: readonly string[]): ChildProcess {
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  // One that starts again keeps its keys.
  if (!existsSync(join(folder, 'service-account.key'))) {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    file('service-account.pub', publicKey);
    file('service-account.key', privateKey);
  }
  return run(binaries().apiserver, join(folder, 'apiserver.log'), [
    `--etcd-servers=http://127.0.0.1:${etcd}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${join(folder, 'certificates')}`,
    `--service-account-key-file=${join(folder, 'service-account.pub')}`,
    `--service-account-signing-key-file=${join(folder, 'service-account.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--token-auth-file=${file('tokens.csv', `${ADMIN_TOKEN},admin,admin,"system:masters"\n${USERS.map((name) => `${tokenOf(name)},${name},${name}\n`).join('')}`)}`,
    '--authorization-mode=RBAC',
    '--allow-privileged',
    '--service-cluster-ip-range=10.0.0.0/24',
    `--disable-admission-plugins=${DISABLED}`,
    `--audit-policy-file=${file('audit-policy.json', JSON.stringify(AUDIT_POLICY))}`,
    `--audit-log-path=${join(folder, 'audit.log')}`,
    ...flags,
  ]);
}

function startControllers(folder: string, port: number, controllers: readonly string[]): ChildProcess {
  const config = join(folder, 'controllers.json');
  const kubeconfig = kubeconfigFor({
    server: `https://127.0.0.1:${port}`,
    authority: certificateIn(folder),
    token: ADMIN_TOKEN,
  });
  writeFileSync(config, kubeconfig, { mode: 0o600 });
  return run(controllerManager(), join(folder, 'controllers.log'), [
    `--kubeconfig=${config}`,
    `--controllers=${controllers.join(',')}`,
    '--leader-elect=false',
    '--secure-port=0',
  ]);
}

function certificateIn(folder: string): string {
  return join(folder, 'certificates', 'apiserver.crt');
}

export interface Access {
  readonly token: string;
  readonly server: string;
  /** File with the certificate of who signs for the server. */
  readonly authority: string;
}

/** Text of a kubeconfig with one context. */
export function kubeconfigFor({ token, server, authority }: Access): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'real', user: 'someone' } }],
    clusters: [{ name: 'real', cluster: { server, 'certificate-authority': authority } }],
    users: [{ name: 'someone', user: { token } }],
  });
}

function run(program: string, log: string, args: readonly string[]): ChildProcess {
  return spawn('/bin/sh', ['-c', 'exec "$0" "$@" >"$LOG" 2>&1', program, ...args], {
    env: { ...process.env, LOG: log },
    stdio: 'ignore',
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

/** By the gateway that etcd has for those who speak no gRPC. */
async function compact(port: number): Promise<void> {
  const post = async (path: string, body: unknown) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    return (await answer.json()) as { header?: { revision?: string } };
  };
  const { header } = await post('/v3/kv/range', { key: 'AA==' });
  await post('/v3/kv/compaction', { revision: header?.revision, physical: true });
}

type Connection = Pick<Cluster, 'call' | 'auditEvents'>;

function connect(folder: string, port: number, agent: Agent): Connection {
  let certificate: string | undefined;
  return {
    async call(method, path, body, type = 'application/json') {
      certificate ??= readFileSync(certificateIn(folder), 'utf8');
      return send({ method, path, body, type, port, agent, certificate });
    },
    auditEvents: () => {
      const lines = readFileSync(join(folder, 'audit.log'), 'utf8').split('\n');
      return lines.slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>);
    },
  };
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly type: string;
  readonly port: number;
  readonly agent: Agent;
  readonly certificate: string;
}

function send({ method, path, body, type, port, agent, certificate }: Call): Promise<Response> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': type };
    const options = {
      host: '127.0.0.1',
      port,
      method,
      path,
      agent,
      headers,
      ca: certificate,
      timeout: CALL_MS,
    };
    const sent = httpsRequest(options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({
          status: answer.statusCode!,
          body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text },
          warnings: warningsOf(answer.rawHeaders),
          auditId: String(answer.headers['audit-id'] ?? ''),
        });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer within ${CALL_MS} ms`)));
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** `299 - "text"`, quotes and backslashes escaped (RFC 7234). */
function warningsOf(raw: readonly string[]): string[] {
  const texts: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2)
    if (raw[i]!.toLowerCase() === 'warning') {
      const quoted = /^\d+ \S+ "((?:[^"\\]|\\.)*)"/.exec(raw[i + 1]!)?.[1] ?? raw[i + 1]!;
      // Node hands headers over as Latin-1.
      texts.push(Buffer.from(quoted.replace(/\\(.)/g, '$1'), 'latin1').toString('utf8'));
    }
  return texts;
}

async function ready(cluster: Connection, processes: readonly ChildProcess[], folder: string): Promise<void> {
  const until = Date.now() + READY_MS;
  for (;;) {
    const answer = await cluster.call('GET', '/readyz').catch(() => undefined);
    if (answer?.status === 200) return;
    const dead = processes.some(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
    if (dead || Date.now() > until) {
      const log = (name: string) => readFileSync(join(folder, name), 'utf8').slice(-2_000);
      throw new Error(`the cluster did not start:\n${log('etcd.log')}\n${log('apiserver.log')}`);
    }
    await sleep(100);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
