/** What the peers themselves say of the cases: the released checks of each, run here. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOracle, type Oracle } from '../interop.ts';
import { type Case, yamlOf } from './cases.ts';

/** A tool whose checks the library names. */
export interface Peer {
  readonly name: string;
  /** What was run. */
  readonly release: string;
  /** Ids of its checks, as the library spells them. */
  readonly checks: RegExp;
  /** Those that cannot be asked, with the reason. */
  readonly unasked: ReadonlyMap<string, string>;
  /** Of each case, of each of its objects, which of the checks report it. */
  readonly ask: (cases: readonly Case[], checks: readonly string[]) => Promise<string[][][]>;
}

interface Answer {
  readonly reports?: string[][];
  readonly error?: string;
  readonly panic?: string;
}

/** Modules whose sums the Go client verifies. They are read, not compiled, so go.mod does not name them. */
const KUBESCAPE = {
  rules: 'github.com/kubescape/regolibrary/v2@v2.0.1',
  helpers: 'github.com/kubescape/opa-utils@v0.0.288',
} as const;
/** Every cluster has it, and Kubescape's rules about it read it. */
const CLUSTER_ADMIN = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'cluster-admin', labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } },
  rules: [
    { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
    { nonResourceURLs: ['*'], verbs: ['*'] },
  ],
};
const NEWER = 'newer than the last release of the rules as a module';
const NONE: ReadonlyMap<string, string> = new Map();
const CHECKOV = '3.3.30';
const INSTALL = `Install it: python3 -m venv ENV && ENV/bin/pip install checkov==${CHECKOV}, and set CHECKOV_PYTHON=ENV/bin/python`;

const rego: Oracle = createOracle('peers', join(import.meta.dirname, 'rego'));

export const PEERS: readonly Peer[] = [
  { name: 'checkov', release: `checkov ${CHECKOV}`, checks: /^CKV/, unasked: NONE, ask: askCheckov },
  {
    name: 'trivy',
    release: 'trivy-checks v1.10.0, the newest that trivy v0.74.0 takes',
    checks: /^KSV-/,
    unasked: NONE,
    ask: async (cases) =>
      reportsOf(
        await rego.ask<Answer>(
          'trivy',
          cases.map(({ objects }) => objects),
        ),
      ),
  },
  {
    name: 'kubescape',
    release: 'regolibrary v2.0.1',
    checks: /^C-/,
    unasked: new Map(['C-0278', 'C-0279', 'C-0280', 'C-0281', 'C-0282'].map((control) => [control, NEWER])),
    ask: async (cases, controls) => {
      const modules = { rules: moduleFolder(KUBESCAPE.rules), helpers: moduleFolder(KUBESCAPE.helpers) };
      const requests = cases.map(({ objects }) => ({
        modules,
        controls,
        objects: [...objects, CLUSTER_ADMIN],
      }));
      const reports = reportsOf(await rego.ask<Answer>('kubescape', requests));
      return reports.map((each) => each.slice(0, -1));
    },
  },
];

function moduleFolder(module: string): string {
  const answer = execFileSync('go', ['mod', 'download', '-json', module], {
    encoding: 'utf8',
    cwd: tmpdir(),
  });
  return (JSON.parse(answer) as { Dir: string }).Dir;
}

function askCheckov(cases: readonly Case[]): Promise<string[][][]> {
  const python = process.env['CHECKOV_PYTHON'];
  if (python === undefined) throw new Error(`CHECKOV_PYTHON is not set. ${INSTALL}`);
  const version = spawnSync(python, ['-c', 'from checkov.version import version; print(version)'], {
    encoding: 'utf8',
  });
  if (version.stdout.trim() !== CHECKOV)
    throw new Error(`expected checkov ${CHECKOV}, got ${version.stdout || version.stderr}. ${INSTALL}`);
  const folder = mkdtempSync(join(tmpdir(), 'rampart-peers-'));
  try {
    const files = cases.map((each) => {
      const file = join(folder, `${each.name}.yaml`);
      writeFileSync(file, yamlOf(each));
      return file;
    });
    const output = execFileSync(python, [join(import.meta.dirname, 'ask_checkov.py')], {
      encoding: 'utf8',
      input: files.join('\n'),
      maxBuffer: 1 << 28,
    });
    const answers = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Answer);
    return Promise.resolve(reportsOf(answers));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function reportsOf(answers: readonly Answer[]): string[][][] {
  return answers.map(({ reports, error, panic }, at) => {
    if (reports === undefined) throw new Error(`case ${at}: ${error ?? panic}`);
    return reports;
  });
}
