/** The published CustomResourceDefinitions of reports, brought to a cluster. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from 'js-yaml';
import type { JsonMap } from '../../src/model/index.ts';
import type { Cluster } from './cluster.ts';

/** Kyverno ships the older definitions and depends on the module of the newer ones. */
export const DEFINITIONS = {
  openreports: {
    module: 'github.com/openreports/reports-api',
    files: ['config/crd/openreports.io_reports.yaml', 'config/crd/openreports.io_clusterreports.yaml'],
  },
  policyreport: {
    module: 'github.com/kyverno/kyverno',
    files: [
      'config/crds/policyreport/wgpolicyk8s.io_policyreports.yaml',
      'config/crds/policyreport/wgpolicyk8s.io_clusterpolicyreports.yaml',
    ],
  },
} as const;
export type Name = keyof typeof DEFINITIONS;

const MODULES = join(import.meta.dirname, '..', 'interop', 'kyverno');

export function definitionsOf(name: Name): JsonMap[] {
  const { module, files } = DEFINITIONS[name];
  const { Dir } = JSON.parse(
    execFileSync('go', ['mod', 'download', '-json', `${module}@${versionOf(module)}`], {
      cwd: MODULES,
      encoding: 'utf8',
    }),
  ) as { Dir: string };
  return files.map((file) => load(readFileSync(join(Dir, file), 'utf8')) as JsonMap);
}

function versionOf(module: string): string {
  return execFileSync('go', ['list', '-m', '-f', '{{.Version}}', module], {
    cwd: MODULES,
    encoding: 'utf8',
  }).trim();
}

export async function define(cluster: Cluster, definition: JsonMap): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const made = await cluster.call('POST', path, definition);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const { name } = definition['metadata'] as { name: string };
  for (let attempt = 0; attempt < 100; attempt++) {
    const { status } = (await cluster.call('GET', `${path}/${name}`)).body as {
      status?: { conditions?: { type: string; status: string }[] | null };
    };
    if (status?.conditions?.some((one) => one.type === 'Established' && one.status === 'True')) return;
    await sleep(100);
  }
  assert.fail(`${name} is not established`);
}
