/** docs/guides/first-cluster.md, followed to the letter: each command in one shell, each output where the page shows it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathOf, skipWithoutPrograms } from '../render/binaries.ts';
import { skipWithoutCluster } from './binaries.ts';
import { ADMIN_TOKEN, type Cluster, kubeconfigFor, startCluster } from './cluster.ts';

const skip = skipWithoutCluster || skipWithoutPrograms;
const ROOT = join(import.meta.dirname, '..', '..');
const LIMIT_MS = 180_000;

let cluster: Cluster;
let folder: string;
before(async () => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'rampart-guide-'));
  cluster = await startCluster();
});
after(async () => {
  await cluster?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

interface Step {
  readonly commands: string;
  /** Lines that the page shows; `…` stands for anything. */
  readonly shown: readonly string[];
}

function stepsOf(page: string): Step[] {
  const fences = [...page.matchAll(/^```(sh|text)\n([\s\S]*?)^```$/gm)];
  return fences.flatMap(([, language, body], i) => {
    if (language !== 'sh') return [];
    const next = fences[i + 1];
    return [{ commands: body!, shown: next?.[1] === 'text' ? next[2]!.trimEnd().split('\n') : [] }];
  });
}

const MARK = '--- step ended ---';

/** What each step printed, in one shell that goes on from one to the next. */
function follow(
  steps: readonly Step[],
  env: NodeJS.ProcessEnv,
): Promise<{ outputs: string[]; code: number | null }> {
  const text = steps.map(({ commands }) => `${commands}\necho '${MARK}'\n`).join('');
  return new Promise((resolve) => {
    // What it left in the background holds the pipe as well.
    const ending = "trap 'kill $(jobs -p) 2>/dev/null; exit 1' TERM";
    const shell = spawn('bash', ['-c', `set -m\nexec 2>&1\n${ending}\n${text}`], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let out = '';
    shell.stdout.on('data', (part: Buffer) => {
      out += part;
    });
    const timer = setTimeout(() => shell.kill('SIGTERM'), LIMIT_MS);
    shell.on('close', (code) => {
      clearTimeout(timer);
      resolve({ outputs: out.split(`${MARK}\n`), code });
    });
  });
}

function shell(): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const npx = join(bin, 'npx');
  writeFileSync(
    npx,
    `#!/bin/sh\nshift\nexec '${process.execPath}' '${join(ROOT, 'bin', 'rampart.cjs')}' "$@"\n`,
  );
  chmodSync(npx, 0o755);
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(
    kubeconfig,
    kubeconfigFor({ token: ADMIN_TOKEN, server: cluster.url, authority: cluster.certificate }),
  );
  return {
    ...process.env,
    PATH: [bin, pathOf('kubectl'), process.env['PATH']].join(delimiter),
    KUBECONFIG: kubeconfig,
    HOME: folder,
    NO_COLOR: '1',
  };
}

test('the first cluster goes as the guide says', { skip, timeout: LIMIT_MS + 30_000 }, async () => {
  const steps = stepsOf(readFileSync(join(ROOT, 'docs', 'guides', 'first-cluster.md'), 'utf8'));
  assert.ok(steps.length > 5);
  const { outputs } = await follow(steps, shell());
  const log = () => readFileSync(join(folder, 'serve.log'), 'utf8');
  for (const [i, { commands, shown }] of steps.entries())
    for (const line of shown) {
      const pattern = new RegExp(line.split('…').map(literally).join('[\\s\\S]*'));
      assert.match(outputs[i] ?? '', pattern, `${commands}\n${outputs.join(MARK)}\n${log()}`);
    }
  assert.equal(outputs.length, steps.length + 1, `${outputs.join(MARK)}\n${log()}`);
  assert.match(log(), /worker ended/);
});

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
