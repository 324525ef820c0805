/**
 * Asks the Go programs of this folder: Kubernetes' own modules, and Kyverno's, as oracles of ours. Each binary is built
 * once and kept in the user's cache folder under a hash of its sources.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How requests come and answers go: part of every program. */
const LINES = join(import.meta.dirname, 'lines');
const MINIMUM_GO = [1, 26] as const;
/** A build that has not ended by then was killed. */
const BUILD_LIMIT_MS = 30 * 60_000;

/** Whether Go is on the path, new enough for the module. */
export const goAvailable: boolean = hasGo();

/**
 * For the `skip` option of a test: false where the oracle can be asked, otherwise the reason it cannot. In CI nothing
 * is skipped, so that a missing Go fails the build instead of passing unseen.
 */
export const skipWithoutGo: string | false =
  goAvailable || process.env['CI'] ? false : `Go ≥ ${MINIMUM_GO.join('.')} is not on the path`;

/** A Go program that answers line by line (lines/lines.go). */
export interface Oracle {
  /** Answers of one command, in the order of the requests. Throws when the program fails. */
  ask<Answer = unknown>(command: string, requests: readonly unknown[]): Promise<Answer[]>;
  /** Path of the program, built now unless the cache has it. Throws where Go is missing or the build fails. */
  readonly built: () => Promise<string>;
}

/** Kubernetes'. */
export const kubernetes: Oracle = createOracle('interop', import.meta.dirname);

/** Kyverno's, in a module of its own: it is made of older modules of Kubernetes. */
export const kyverno: Oracle = createOracle('kyverno', join(import.meta.dirname, 'kyverno'));

/** Answers of one command of Kubernetes' program. */
export const interop: Oracle['ask'] = kubernetes.ask;

export function createOracle(name: string, sources: string): Oracle {
  let binary: Promise<string> | undefined;
  const built = () => {
    binary ??= build(name, sources);
    return binary;
  };
  return {
    built,
    ask: async <Answer>(command: string, requests: readonly unknown[]) => {
      const output = await pipe(await built(), command, requests);
      const answers = output
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Answer);
      if (answers.length !== requests.length)
        throw new Error(`${name} ${command}: expected ${requests.length} answers, got ${answers.length}`);
      return answers;
    },
  };
}

function hasGo(): boolean {
  try {
    const version = execFileSync('go', ['env', 'GOVERSION'], {
      encoding: 'utf8',
      cwd: import.meta.dirname,
      stdio: 'pipe',
    });
    const [major = 0, minor = 0] = (/go(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
    return major > MINIMUM_GO[0] || (major === MINIMUM_GO[0] && minor >= MINIMUM_GO[1]);
  } catch {
    return false;
  }
}

async function build(name: string, sources: string): Promise<string> {
  if (!goAvailable) throw new Error(`Go ≥ ${MINIMUM_GO.join('.')} is needed on the path`);
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), `rampart-${name}`);
  const target = join(folder, `${name}-${sourceHash([sources, LINES])}`);
  mkdirSync(folder, { recursive: true });
  await withLock(`${target}.lock`, () => {
    if (existsSync(target)) return;
    // Unlinked debug tables halve the binary and the time to link it.
    execFileSync('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', `${target}.new`, '.'], {
      cwd: sources,
      env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    renameSync(`${target}.new`, target);
    removeOlderBuilds(folder, target);
  });
  return target;
}

/** go.mod and go.sum pin every module, so these files decide the binary. */
function sourceHash(folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders)
    for (const name of readdirSync(folder).sort()) {
      if (!name.endsWith('.go') && !name.endsWith('.s') && name !== 'go.mod' && name !== 'go.sum') continue;
      hash
        .update(`${name}\0`)
        .update(readFileSync(join(folder, name)))
        .update('\0');
    }
  return hash.digest('hex').slice(0, 16);
}

/** Test files run in processes of their own; two builds at once would take longer than one after the other. */
export async function withLock(lock: string, work: () => void): Promise<void> {
  while (!tryLock(lock)) await sleep(200);
  try {
    work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function tryLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    if (since !== undefined && Date.now() - since > BUILD_LIMIT_MS)
      rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

/** Keeps the builds of the last day: branches share the cache. */
export function removeOlderBuilds(folder: string, current: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (path !== current && age > 24 * 3_600_000) rmSync(path, { recursive: true, force: true });
  }
}

function pipe(program: string, command: string, requests: readonly unknown[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [command], { stdio: ['pipe', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output).toString('utf8'));
      else
        reject(
          new Error(`${program} ${command} ended with ${code}: ${Buffer.concat(errors).toString('utf8')}`),
        );
    });
    child.stdin.on('error', () => {}); // The exit code tells why the program stopped reading.
    for (const request of requests) child.stdin.write(`${JSON.stringify(request, exactNumbers)}\n`);
    child.stdin.end();
  });
}

/**
 * Writes the numbers of src/cel/values.ts so that Go reads them back as they were: a bigint as an integer, a boxed
 * double with a fraction or exponent.
 */
function exactNumbers(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return rawJson(String(value));
  if (!(value instanceof Number)) return value;
  const number = value.valueOf();
  return rawJson(Number.isInteger(number) && Math.abs(number) < 1e21 ? number.toFixed(1) : String(number));
}

/** In Node since 22; TypeScript's libraries do not know it yet. */
const { rawJSON: rawJson } = JSON as unknown as { rawJSON: (text: string) => unknown };
