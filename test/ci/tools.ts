/**
 * What lints and runs the files of deploy/ci: actionlint and gojq built by Go, the others installed by pip, once, into the
 * user's cache folder; their versions and digests stand in go.sum and requirements.txt.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { goAvailable, removeOlderBuilds, withLock } from '../interop/interop.ts';

const here = import.meta.dirname;

export type Tool = 'actionlint' | 'gojq' | 'zizmor' | 'check-jsonschema' | 'pre-commit';

/** For the `skip` option of a test: false where the tools are there. In CI nothing is skipped. */
export const skipWithoutTools: string | false =
  isBuilt(cacheFolder()) || process.env['CI']
    ? false
    : 'no actionlint, zizmor, check-jsonschema, pre-commit and gojq: run npm run build:ci (needs Go and Python)';

export function pathOf(tool: Tool): string {
  const folder = tool === 'actionlint' || tool === 'gojq' ? 'go' : join('python', 'bin');
  const path = join(cacheFolder(), folder, tool);
  if (!existsSync(path)) throw new Error(`there is no ${tool}: run npm run build:ci`);
  return path;
}

export async function buildTools(): Promise<void> {
  const target = cacheFolder();
  if (isBuilt(target)) return;
  if (!goAvailable) throw new Error('Go is needed on the path to build actionlint and gojq');
  mkdirSync(join(target, '..'), { recursive: true });
  await withLock(`${target}.lock`, () => {
    if (isBuilt(target)) return;
    // Scripts of a virtual environment name its folder, so it is made where it stays; the Go programs come last.
    rmSync(target, { recursive: true, force: true });
    run('python3', ['-m', 'venv', join(target, 'python')]);
    const pip = ['install', '--quiet', '--disable-pip-version-check', '--require-hashes'];
    run(join(target, 'python', 'bin', 'pip'), [...pip, '-r', join(here, 'requirements.txt')]);
    const built = `${target}.go`;
    run('go', ['build', '-trimpath', '-o', `${built}/`, 'tool'], { CGO_ENABLED: '0', GOWORK: 'off' });
    renameSync(built, join(target, 'go'));
    removeOlderBuilds(join(target, '..'), target);
  });
}

/** What is made last is there. */
function isBuilt(folder: string): boolean {
  return existsSync(join(folder, 'go'));
}

function run(
  program: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): void {
  execFileSync(program, args, {
    cwd: here,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function cacheFolder(): string {
  const hash = createHash('sha256');
  for (const file of ['go.sum', 'requirements.txt']) hash.update(readFileSync(join(here, file)));
  const name = hash.digest('hex').slice(0, 16);
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rampart-ci', name);
}
