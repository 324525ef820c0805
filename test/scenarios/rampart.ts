/** Runs the real command in a folder of its own, as a person would. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Result, Summary } from '../../src/model/index.ts';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const BIN = join(ROOT, 'bin', 'rampart.cjs');

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new folder with these files; removed after the tests of the process. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-scenario-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** Flags for Node itself. */
  readonly node?: readonly string[];
}

const cache = folderWith({});

/** Every run must end by itself, and whatever happens, no stack trace reaches a person. */
export function rampart(args: readonly string[], options: RunOptions = {}): Ran {
  const child = spawnSync(process.execPath, [...(options.node ?? []), BIN, ...args], {
    cwd: options.cwd ?? ROOT,
    input: options.input ?? '',
    env: { PATH: process.env['PATH'], HOME: cache, XDG_CACHE_HOME: cache, ...options.env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 120_000,
  });
  assert.equal(child.error, undefined);
  const ran = { code: child.status, out: child.stdout, err: child.stderr };
  assert.doesNotMatch(ran.err + ran.out, /^\s+at .*[:(]\d+:\d+|internal error/m, ran.err);
  return ran;
}

export interface Scanned extends Ran {
  readonly results: readonly Result[];
  readonly summary: Summary;
}

/** Scans a folder of these files and reads the JSON report. */
export function scan(
  files: Readonly<Record<string, string | Uint8Array>>,
  args: readonly string[] = [],
  options: RunOptions = {},
): Scanned {
  const cwd = options.cwd ?? folderWith(files);
  const ran = rampart(['scan', '.', '--format', 'json', ...args], { ...options, cwd });
  assert.notEqual(ran.out, '', `no report: ${ran.err}`);
  return { ...ran, ...(JSON.parse(ran.out) as { results: Result[]; summary: Summary }) };
}

/** `violation pss-privileged v1/Pod web a.yaml:7` for each result, what tests compare. */
export function lines(results: readonly Result[]): string[] {
  return results.map(
    ({ verdict, policy, reason, resource, origin }) =>
      `${verdict} ${policy ?? reason} ${resource === null ? '-' : `${resource.kind}/${resource.name}`} ${origin.file}:${origin.line}`,
  );
}

/** A Pod that breaks the baseline in one place, `privileged: true` on its line 8. */
export const PRIVILEGED = `apiVersion: v1
kind: Pod
metadata: {name: bad}
spec:
  containers:
    - name: app
      image: registry.example/app@sha256:0000000000000000000000000000000000000000000000000000000000000000
      securityContext: {privileged: true}
`;

/** Only the policy that the hostile files must not hide. */
export const ONLY_PRIVILEGED = ['--select', 'id=pss-privileged'];
