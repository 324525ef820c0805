/**
 * Helm (4, and 3 for the charts that still need it), kustomize and kubectl for tests: built by Go once into the user's
 * cache folder, Helm by its version, the others from the modules that go.mod and go.sum pin.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { goAvailable, removeOlderBuilds, withLock } from '../interop/interop.ts';

export type ProgramSet = 'helm4' | 'helm3' | 'kustomize' | 'kubectl';

const LDFLAGS = '-s -w -X k8s.io/component-base/version.gitVersion=v1.37.2';
/** With its own version each Helm builds alone: its dependencies are no others'. */
const INSTALLED = { helm4: 'helm.sh/helm/v4/cmd/helm@v4.3.1', helm3: 'helm.sh/helm/v3/cmd/helm@v3.22.0' };
const BUILT = { kustomize: 'sigs.k8s.io/kustomize/kustomize/v5', kubectl: 'k8s.io/kubernetes/cmd/kubectl' };

/** For the `skip` option of a test: false where the programs are there. In CI nothing is skipped. */
export const skipWithoutPrograms: string | false =
  existsSync(cacheFolder()) || process.env['CI']
    ? false
    : 'no helm, kustomize and kubectl of the pinned versions: run npm run build:render (needs Go, takes minutes)';

/** What to put on the PATH of a program that may use these and no others. Throws where they are not built. */
export function pathOf(...sets: readonly ProgramSet[]): string {
  if (!existsSync(cacheFolder())) throw new Error('no helm, kustomize and kubectl: run npm run build:render');
  return sets.map((set) => join(cacheFolder(), set)).join(':');
}

export async function buildPrograms(): Promise<void> {
  const target = cacheFolder();
  if (existsSync(target)) return;
  if (!goAvailable) throw new Error('Go is needed on the path to build helm, kustomize and kubectl');
  mkdirSync(join(target, '..'), { recursive: true });
  await withLock(`${target}.lock`, () => {
    if (existsSync(target)) return;
    for (const [set, module] of Object.entries(INSTALLED))
      go(['install', '-trimpath', '-ldflags=-s -w', module], { GOBIN: join(`${target}.new`, set) });
    for (const [set, module] of Object.entries(BUILT))
      go(['build', '-trimpath', `-ldflags=${LDFLAGS}`, '-o', join(`${target}.new`, set, set), module]);
    renameSync(`${target}.new`, target);
    removeOlderBuilds(join(target, '..'), target);
  });
}

function go(args: readonly string[], variables: Readonly<Record<string, string>> = {}): void {
  execFileSync('go', args, {
    cwd: import.meta.dirname,
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', ...variables },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function cacheFolder(): string {
  const hash = createHash('sha256').update(readFileSync(join(import.meta.dirname, 'go.sum')));
  for (const module of Object.values(INSTALLED)) hash.update(module);
  const name = hash.update(LDFLAGS).digest('hex').slice(0, 16);
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rampart-render', name);
}
