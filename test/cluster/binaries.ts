/**
 * kube-apiserver and etcd for tests: from KUBEBUILDER_ASSETS or the path when they are there, else built by Go from the
 * modules that go.mod and go.sum pin, once, into the user's cache folder.
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
};
const LDFLAGS = `-s -w -X k8s.io/component-base/version.gitVersion=${VERSION}`;

/** For the `skip` option of a test: false where a cluster can be started without building it first. */
export const skipWithoutCluster: string | false =
  found() !== undefined || process.env['CI']
    ? false
    : 'no kube-apiserver and etcd: set KUBEBUILDER_ASSETS, or run npm run build:cluster (needs Go, takes minutes)';

/** Throws where they are neither found nor built: `npm run build:cluster` builds them. */
export function binaries(): Binaries {
  const all = found();
  if (all === undefined) throw new Error('no kube-apiserver and etcd: run npm run build:cluster');
  return all;
}

export async function buildBinaries(): Promise<Binaries> {
  const known = found();
  if (known !== undefined) return known;
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
  return binaries();
}

function found(): Binaries | undefined {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  const folders = [assets, cacheFolder(), ...(process.env['PATH'] ?? '').split(delimiter)];
  for (const folder of folders) {
    if (folder === undefined || folder === '') continue;
    const [apiserver, etcd] = [join(folder, 'kube-apiserver'), join(folder, 'etcd')];
    if (existsSync(apiserver) && existsSync(etcd)) return { apiserver, etcd };
  }
  return undefined;
}

function cacheFolder(): string {
  const pinned = readFileSync(join(import.meta.dirname, 'go.sum'));
  const hash = createHash('sha256').update(pinned).update(LDFLAGS).digest('hex').slice(0, 16);
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rampart-cluster', hash);
}
