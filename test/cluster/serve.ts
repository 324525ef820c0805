/** `rampart serve` beside a real API server, as a user starts it, and the webhook configuration that makes it ask. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN_TOKEN, type Cluster, kubeconfigFor } from './cluster.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const READY_MS = 60_000;
/** Longer than it waits for its workers. */
const STOP_MS = 60_000;

export interface ServeFiles {
  /** Text of rampart.yaml. */
  readonly config: string;
  /** Texts of policy files by name, in `policies/`. */
  readonly policies: Readonly<Record<string, string>>;
}

export interface Served {
  readonly folder: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** What it said so far. */
  log(): string;
  /** Waits for a line of the log. @param from Characters of it that are passed over. */
  said(pattern: RegExp, from?: number): Promise<string>;
  /** Process ids of the workers. */
  workers(): readonly number[];
  /** The status and text of `/readyz`. */
  readyz(): Promise<{ readonly status: number; readonly text: string }>;
  /** By SIGTERM. */
  stop(): Promise<number | null>;
}

export function writeServeFiles(folder: string, { config, policies }: ServeFiles): void {
  mkdirSync(join(folder, 'policies'), { recursive: true });
  writeFileSync(join(folder, 'rampart.yaml'), config);
  for (const [name, text] of Object.entries(policies)) writeFileSync(join(folder, 'policies', name), text);
}

export interface StartOptions {
  readonly folder: string;
  readonly cluster: Cluster;
  readonly workers: number;
  readonly port: number;
  readonly flags?: readonly string[];
  /** Of whoever it is in the cluster; default an administrator. */
  readonly token?: string;
}

/** Resolves when every worker is ready. */
export async function startServe({
  folder,
  cluster,
  workers,
  port,
  flags = [],
  token = ADMIN_TOKEN,
}: StartOptions): Promise<Served> {
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigFor({ token, server: cluster.url, authority: cluster.certificate }));
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'bin', 'rampart.cjs'),
      'serve',
      '--cluster',
      ...['--workers', String(workers), '--port', String(port), '--data', join(folder, 'data')],
      ...flags,
    ],
    { cwd: folder, env: { ...process.env, KUBECONFIG: kubeconfig }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  let out = '';
  child.stderr!.on('data', (text: Buffer) => {
    log += text;
  });
  child.stdout!.on('data', (text: Buffer) => {
    out += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const served: Served = {
    folder,
    port,
    process: child,
    log: () => log,
    async said(pattern, from = 0) {
      for (const until = Date.now() + READY_MS; ; await sleep(20)) {
        const found = pattern.exec(log.slice(from))?.[0];
        if (found !== undefined) return found;
        if (Date.now() > until) throw new Error(`nobody said ${pattern}:\n${log.slice(-4_000)}`);
      }
    },
    workers: () => childrenOf(child.pid!).filter(isWorker),
    readyz: () => readyz(port),
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => killWhole(child), STOP_MS);
      return await ended.finally(() => clearTimeout(late));
    },
  };
  for (const until = Date.now() + READY_MS; !/reviews are answered/.test(out); await sleep(20))
    if (child.exitCode !== null || Date.now() > until) {
      killWhole(child);
      throw new Error(`rampart serve did not start:\n${log.slice(-4_000)}`);
    }
  return served;
}

/** With what it started: workers outlive a controller that is killed, and hold the pipes that this process waits for. */
function killWhole(child: ChildProcess): void {
  const all = child.exitCode === null ? [child.pid!, ...childrenOf(child.pid!)] : [];
  for (const pid of all) process.kill(pid, 'SIGKILL');
  child.stdout!.destroy();
  child.stderr!.destroy();
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** The background scan is a child, too. */
function isWorker(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('admission');
  } catch {
    return false;
  }
}

function readyz(port: number): Promise<{ status: number; text: string }> {
  return new Promise((resolve) => {
    const sent = get(
      { host: '127.0.0.1', port, path: '/readyz', rejectUnauthorized: false, timeout: 5_000 },
      (answer) => {
        let text = '';
        answer.on('data', (part: Buffer) => {
          text += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      },
    );
    sent.on('timeout', () => sent.destroy());
    sent.on('error', (error) => resolve({ status: 0, text: error.message }));
  });
}

export type WebhookRules = readonly {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
}[];

/** Makes the API server ask: every operation on the resources, in namespaces with the label `webhook: "on"`. */
export async function installWebhooks(
  cluster: Cluster,
  { folder, port }: Pick<Served, 'folder' | 'port'>,
  rules: WebhookRules,
  failurePolicy: 'Fail' | 'Ignore' = 'Fail',
): Promise<void> {
  const caBundle = readFileSync(join(folder, 'data', 'ca.crt')).toString('base64');
  for (const [kind, plural, path] of [
    ['ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', 'validate'],
    ['MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', 'mutate'],
  ] as const) {
    const { status, body } = await cluster.call('POST', `/apis/admissionregistration.k8s.io/v1/${plural}`, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind,
      metadata: { name: 'rampart' },
      webhooks: [
        {
          name: `${path}.rampart.dev`,
          admissionReviewVersions: ['v1'],
          sideEffects: 'NoneOnDryRun',
          failurePolicy,
          matchPolicy: 'Equivalent',
          timeoutSeconds: 10,
          namespaceSelector: { matchLabels: { webhook: 'on' } },
          clientConfig: { url: `https://127.0.0.1:${port}/${path}`, caBundle },
          rules: rules.map((rule) => ({ ...rule, operations: ['*'], scope: '*' })),
        },
      ],
    });
    if (status !== 201) throw new Error(JSON.stringify(body));
  }
}
