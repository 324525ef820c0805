/**
 * kube-apiserver, etcd and kube-controller-manager for tests: from KUBEBUILDER_ASSETS or the path when they are there, else
 * built by Go from the modules that go.mod and go.sum pin, once, into the user's cache folder.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { goAvailable, removeOlderBuilds, withLock } from '../interop/interop.ts';

export interface Binaries {
  readonly apiserver: string;
  readonly etcd: string;
}

const VERSION = 'v1.37.2';
const PROGRAMS = {
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
};
type Program = keyof typeof PROGRAMS;
const LDFLAGS = `-s -w -X k8s.io/component-base/version.gitVersion=${VERSION}`;

/** For the `skip` option of a test: false where a cluster can be started without building it first. */
export const skipWithoutCluster: string | false =
  found() !== undefined || process.env['CI']
    ? false
    : 'no kube-apiserver and etcd: set KUBEBUILDER_ASSETS, or run npm run build:cluster (needs Go, takes minutes)';

/** As `skipWithoutCluster`, for tests of what controllers make: few who have the other two have this one. */
export const skipWithoutControllers: string | false =
  skipWithoutCluster !== false || folderOf('kube-controller-manager') !== undefined || process.env['CI']
    ? skipWithoutCluster
    : 'no kube-controller-manager: run npm run build:cluster (needs Go, takes minutes)';

/** Throws where they are neither found nor built: `npm run build:cluster` builds them. */
export function binaries(): Binaries {
  const all = found();
  if (all === undefined) throw new Error('no kube-apiserver and etcd: run npm run build:cluster');
  return all;
}

/** Throws where it is neither found nor built. */
export function controllerManager(): string {
  const folder = folderOf('kube-controller-manager');
  if (folder === undefined) throw new Error('no kube-controller-manager: run npm run build:cluster');
  return join(folder, 'kube-controller-manager');
}

export async function buildBinaries(): Promise<void> {
  if (found() !== undefined && folderOf('kube-controller-manager') !== undefined) return;
  if (!goAvailable) throw new Error('Go is needed on the path to build kube-apiserver and etcd');
  const target = cacheFolder();
  mkdirSync(join(target, '..'), { recursive: true });
  await withLock(`${target}.lock`, () => {
    if (existsSync(target)) return;
    mkdirSync(`${target}.new`, { recursive: true });
    for (const [name, module] of Object.entries(PROGRAMS))
      execFileSync(
        'go',
        ['build', '-trimpath', `-ldflags=${LDFLAGS}`, '-o', join(`${target}.new`, name), module],
        {
          cwd: import.meta.dirname,
          env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
          stdio: ['ignore', 'ignore', 'inherit'],
        },
      );
    renameSync(`${target}.new`, target);
    removeOlderBuilds(join(target, '..'), target);
  });
}

function found(): Binaries | undefined {
  const folder = folderOf('kube-apiserver', 'etcd');
  return folder === undefined
    ? undefined
    : { apiserver: join(folder, 'kube-apiserver'), etcd: join(folder, 'etcd') };
}

/** The first folder that has all of them. */
function folderOf(...programs: readonly Program[]): string | undefined {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  const folders = [assets, cacheFolder(), ...(process.env['PATH'] ?? '').split(delimiter)];
  const has = (folder: string) => programs.every((program) => existsSync(join(folder, program)));
  return folders.find((folder) => folder !== undefined && folder !== '' && has(folder));
}

function cacheFolder(): string {
  const pinned = readFileSync(join(import.meta.dirname, 'go.sum'));
  const hash = createHash('sha256').update(pinned).update(LDFLAGS).digest('hex').slice(0, 16);
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rampart-cluster', hash);
}
