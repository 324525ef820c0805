/**
 * Asks the Go program of this folder: Kubernetes' own modules as the oracle of ours.
 * The binary is built once and kept in the user's cache folder under a hash of its sources.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SOURCES = import.meta.dirname;
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

/** Answers of one command of the Go program, in the order of the requests. Throws when the program fails. */
export async function interop<Answer = unknown>(
  command: string,
  requests: readonly unknown[],
): Promise<Answer[]> {
  const binary = await builtBinary();
  const output = await pipe(binary, command, requests);
  const answers = output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Answer);
  if (answers.length !== requests.length) {
    throw new Error(`interop ${command}: expected ${requests.length} answers, got ${answers.length}`);
  }
  return answers;
}

function hasGo(): boolean {
  try {
    const version = execFileSync('go', ['env', 'GOVERSION'], {
      encoding: 'utf8',
      cwd: SOURCES,
      stdio: 'pipe',
    });
    const [major = 0, minor = 0] = (/go(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
    return major > MINIMUM_GO[0] || (major === MINIMUM_GO[0] && minor >= MINIMUM_GO[1]);
  } catch {
    return false;
  }
}

let binary: Promise<string> | undefined;

/** Path of the program, built now unless the cache has it. Throws where Go is missing or the build fails. */
export function builtBinary(): Promise<string> {
  binary ??= build();
  return binary;
}

async function build(): Promise<string> {
  if (!goAvailable) throw new Error(`Go ≥ ${MINIMUM_GO.join('.')} is needed on the path`);
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rampart-interop');
  const target = join(folder, `interop-${sourceHash()}`);
  mkdirSync(folder, { recursive: true });
  await withLock(`${target}.lock`, () => {
    if (existsSync(target)) return;
    // Unlinked debug tables halve the binary and the time to link it.
    execFileSync('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', `${target}.new`, '.'], {
      cwd: SOURCES,
      env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    renameSync(`${target}.new`, target);
    removeOlderBuilds(folder, target);
  });
  return target;
}

/** go.mod and go.sum pin every module, so these files decide the binary. */
function sourceHash(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(SOURCES).sort()) {
    if (!name.endsWith('.go') && name !== 'go.mod' && name !== 'go.sum') continue;
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(SOURCES, name)))
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
        reject(new Error(`interop ${command} ended with ${code}: ${Buffer.concat(errors).toString('utf8')}`));
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
