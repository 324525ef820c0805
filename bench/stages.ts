/**
 * A stage changes in rampart.yaml, of 10,000 policies in as many files: from the write until every worker of `rampart serve`
 * has it in force, and from when the controller saw it. `npm run bench:stages`; a number after `--` is another count of policies.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLICIES = Number(process.argv[2] ?? 10_000);
const WORKERS = 2;
const CHANGES = 8;
const ROOT = join(import.meta.dirname, '..');

const policy = (index: number) => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: policy-${index}}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE, UPDATE]}]
  variables: [{name: all, expression: "object.spec.containers + object.spec.?initContainers.orValue([])"}]
  validations:
    - {expression: "variables.all.all(c, !c.image.startsWith('r-${index}/'))", message: "no r-${index}"}
    - expression: "!has(object.metadata.labels) || !('x-${index}' in object.metadata.labels)"
      messageExpression: "'label x-${index} on ' + object.metadata.name"
`;

const config = (enforced: number) =>
  `policies: [policies]\nstages:\n  - {select: ["id=policy-${enforced}"], stage: enforce}\n`;

const folder = mkdtempSync(join(tmpdir(), 'rampart-stages-'));
mkdirSync(join(folder, 'policies'));
for (let index = 0; index < POLICIES; index++)
  writeFileSync(join(folder, 'policies', `policy-${index}.yaml`), policy(index));
writeFileSync(join(folder, 'rampart.yaml'), config(0));

const words = ['serve', '--port', '0', '--workers', String(WORKERS), '--data', join(folder, 'data')];
const child = spawn(process.execPath, [join(ROOT, 'bin', 'rampart.cjs'), ...words], {
  cwd: folder,
  stdio: ['ignore', 'pipe', 'pipe'],
});
let [out, log] = ['', ''];
child.stdout.setEncoding('utf8').on('data', (text: string) => {
  out += text;
});
child.stderr.setEncoding('utf8').on('data', (text: string) => {
  log += text;
});

async function until(holds: () => boolean): Promise<void> {
  for (; !holds(); await sleep(2)) if (child.exitCode !== null) throw new Error(log);
}

/** When all workers, and not the background scan beside them, had said so; Unix milliseconds. */
function allInForce(from: number): number | undefined {
  const published = /^(\S+) controller\[\d+\] snapshot published /m.exec(log.slice(from));
  const taken = [...log.slice(from).matchAll(/^(\S+) admission\[\d+\] snapshot in force /gm)];
  if (published === null || taken.length < WORKERS) return undefined;
  return Date.parse(taken[WORKERS - 1]![1]!);
}

try {
  const start = performance.now();
  await until(() => /reviews are answered/.test(out));
  console.log(`${POLICIES} policies: ready after ${((performance.now() - start) / 1000).toFixed(1)} s`);
  // The background scan has all there is to look at, and is at rest.
  await sleep(5_000);
  const took: number[] = [];
  for (let change = 1; change <= CHANGES; change++) {
    const from = log.length;
    const written = Date.now();
    writeFileSync(join(folder, 'rampart.yaml'), config(change));
    await until(() => allInForce(from) !== undefined);
    took.push(allInForce(from)! - written);
    await sleep(3_000);
  }
  console.log(`a stage changed ${CHANGES} times: in all ${WORKERS} workers after ${took.join(', ')} ms`);
} finally {
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('close', resolve));
  rmSync(folder, { recursive: true, force: true });
}
