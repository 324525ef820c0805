/** A snapshot of 10,000 policies taken up while requests go on: what they notice of it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Load } from './load.ts';
import { loadUntil, type Serving } from './processes.ts';

export interface Swap extends Load {
  /** Milliseconds from when the controller said to take it until the worker had it in force. */
  readonly taken: number;
  /** Seconds from the new file until then: read, proved, sent, compiled aside. */
  readonly whole: number;
}

const POLICIES = 10_000;
const RATE = 200;
const PATIENCE_MS = 120_000;

/** They look at another kind than is asked about, so that what takes long is the swap and not the evaluation. */
function policyText(index: number): string {
  const name = `policy-${index}`;
  const expression = `!has(object.data) || !('x-${index}' in object.data)`;
  return `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${name}}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: [CREATE, UPDATE]}]
  validations: [{expression: "${expression}", message: refused}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: ${name}}
spec: {policyName: ${name}, validationActions: [Deny]}
`;
}

/** @param serving Serves `config`; the worker's log says when it took something. */
export async function measureSwap(
  serving: Serving,
  config: string,
  bodies: readonly string[],
): Promise<Swap> {
  const order = { port: serving.port, ca: join(serving.data, 'ca.crt'), bodies, connections: 16, rate: RATE };
  const end = loadUntil(order);
  await sleep(1_000);
  const many = Array.from({ length: POLICIES }, (_, index) => policyText(index)).join('---\n');
  writeFileSync(join(serving.folder, 'many.yaml'), many);
  const before = serving.log().length;
  writeFileSync(
    join(serving.folder, 'rampart.yaml'),
    `${config.replace('[builtin]', '[builtin, many.yaml]')}`,
  );
  const start = Date.now();
  const since = () => serving.log().slice(before);
  for (
    const until = start + PATIENCE_MS;
    !/admission\[\d+\] snapshot in force/.test(since());
    await sleep(50)
  )
    if (Date.now() > until) throw new Error(`no swap:\n${since()}`);
  for (const until = Date.now() + PATIENCE_MS; !/snapshot published/.test(since()); await sleep(50))
    if (Date.now() > until) throw new Error(`not published:\n${since()}`);
  await sleep(500);
  const load = await end();
  const at = (event: RegExp) => Date.parse(event.exec(since())![1]!);
  const inForce = at(/(\S+Z) admission\[\d+\] snapshot in force/);
  return {
    ...load,
    taken: inForce - at(/(\S+Z) controller\[\d+\] snapshot published/),
    whole: (inForce - start) / 1000,
  };
}
