/** `rampart serve` without a cluster, as a user runs it, and what may be asked of it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { rejectWithSent } from './sent.ts';

export const ROOT = join(import.meta.dirname, '..', '..');

const folders: string[] = [];
const running: Serving[] = [];
after(async () => {
  await Promise.all(running.map(({ stop }) => stop()));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-serve-'));
  folders.push(folder);
  return folder;
}

export interface Serving {
  readonly folder: string;
  readonly port: number;
  readonly child: ChildProcess;
  out(): string;
  log(): string;
  said(pattern: RegExp, from?: number): Promise<void>;
  stop(): Promise<number | null>;
}

/** Of this process: test files run beside each other. */
let ports = 20_000 + (process.pid % 20_000);

export function newPort(): number {
  return ports++;
}

export async function serve(
  folder: string,
  flags: readonly string[] = [],
  port = newPort(),
): Promise<Serving> {
  const words = ['serve', '--port', String(port), '--data', join(folder, 'data'), ...flags];
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'rampart.cjs'), ...words], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, log] = ['', ''];
  child.stdout.on('data', (part: Buffer) => {
    out += part;
  });
  child.stderr.on('data', (part: Buffer) => {
    log += part;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const serving: Serving = {
    folder,
    port,
    child,
    out: () => out,
    log: () => log,
    async said(pattern, from = 0) {
      for (const until = Date.now() + 60_000; !pattern.test(log.slice(from)); await sleep(20))
        assert.ok(Date.now() < until, `nobody said ${pattern}:\n${log}`);
    },
    async stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
  running.push(serving);
  for (const until = Date.now() + 60_000; !/reviews are answered/.test(out); await sleep(20))
    assert.ok(child.exitCode === null && Date.now() < until, `it did not start: ${log}`);
  return serving;
}

/** What a run that ends by itself says. */
export function fails(
  folder: string,
  port = 0,
  flags: readonly string[] = [],
): Promise<{ code: number | null; err: string }> {
  const words = ['serve', '--port', String(port), '--data', join(folder, 'data'), ...flags];
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'rampart.cjs'), ...words], { cwd: folder });
  let err = '';
  child.stderr.on('data', (part: Buffer) => {
    err += part;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, err })));
}

export interface Sent {
  readonly path: string;
  readonly port: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Of an error `isUnsent` tells whether the server can know of it. */
export function post(
  folder: string,
  { path, port, body, headers = {} }: Sent,
): Promise<{ status: number; text: string }> {
  const ca = readFileSync(join(folder, 'data', 'ca.crt'));
  return new Promise((resolve, reject) => {
    const all = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers };
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', ca, headers: all }, (answer) => {
      let text = '';
      answer.on('data', (part: Buffer) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    rejectWithSent(sent, reject);
    sent.end(body);
  });
}
