/**
 * A snapshot of 10,000 ValidatingAdmissionPolicies with bindings, opened beside other work as a serving worker does: how
 * long it takes in all, and how long the thread is not let go of at most. `npm run bench:snapshot`.
 */
import { type CompiledSnapshot, compileSnapshot } from '../src/app/snapshot/compile.ts';
import { contentText, digestOf, documentOf, inOrder } from '../src/app/snapshot/content.ts';
import { sign } from '../src/app/snapshot/note.ts';
import { openSnapshotAside } from '../src/app/snapshot/open.ts';
import { newSigner } from '../src/app/snapshot/signed-note.ts';
import type { JsonMap, Resource, SnapshotContent } from '../src/model/index.ts';

const POLICIES = 10_000;
const NOW = Date.now();
const GROUP = 'admissionregistration.k8s.io/v1';

function resourceOf(object: JsonMap, name: string): Resource {
  const ref = { apiVersion: GROUP, kind: String(object['kind']), namespace: '', name };
  return { ref, object, origin: { file: `policies/${name}.yaml`, document: 0, line: 1, pointer: '' } };
}

/** Each with a variable, two validations and an expression for a message, all its own. */
function policy(index: number, edition: string): Resource[] {
  const name = `policy-${index}`;
  const matchConstraints = {
    resourceRules: [
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['pods'] },
    ],
  };
  const spec = {
    matchConstraints,
    variables: [
      { name: 'all', expression: 'object.spec.containers + object.spec.?initContainers.orValue([])' },
    ],
    validations: [
      { expression: `variables.all.all(c, !c.image.startsWith('${edition}-${index}/'))`, message: 'no' },
      {
        expression: `!has(object.metadata.labels) || !('x-${index}' in object.metadata.labels)`,
        messageExpression: `'label x-${index} on ' + object.metadata.name`,
      },
    ],
  };
  const binding = { policyName: name, validationActions: ['Deny'] };
  return [
    resourceOf({ apiVersion: GROUP, kind: 'ValidatingAdmissionPolicy', metadata: { name }, spec }, name),
    resourceOf(
      { apiVersion: GROUP, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name }, spec: binding },
      name,
    ),
  ];
}

/** @param changed How many have another text than in the first edition. */
function content(changed: number): SnapshotContent {
  const resources = Array.from({ length: POLICIES }, (_, index) =>
    policy(index, index < changed ? `edition-${changed}` : 'first'),
  ).flat();
  const policies = Array.from({ length: POLICIES }, (_, index) => `policy-${index}`).sort();
  return {
    format: 1,
    settings: { 'pss.version': 'v1.37', 'kubernetes.version': 'v1.37' },
    documents: inOrder(resources.map((resource) => documentOf(resource, true))),
    policies,
    severities: {},
    stages: Object.fromEntries(policies.map((id) => [id, [{ stage: 'enforce' }]])),
    tiers: { default: 'high', namespaces: {} },
    podPaths: [],
    namespace: 'default',
  };
}

const key = newSigner('bench');

/** Milliseconds that the thread worked: what other processes of the machine take away does not count. */
function worked(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

type Opened = CompiledSnapshot & { readonly text: string };

async function measure(what: string, text: string, previous?: Opened): Promise<Opened> {
  const note = sign(key, { epoch: NOW, digest: digestOf(text) });
  let [longest, pauses, since] = [0, 0, worked()];
  const ended = () => {
    longest = Math.max(longest, worked() - since);
    pauses++;
  };
  const pausing = {
    every: 2,
    now: () => performance.now(),
    async pause() {
      ended();
      await new Promise((resolve) => setImmediate(resolve));
      since = worked();
    },
  };
  const start = performance.now();
  const options = previous === undefined ? { now: NOW } : { now: NOW, previous };
  const opened = await openSnapshotAside(note, text, [key], 0, options, pausing);
  ended();
  if (!opened.ok) throw new Error(opened.detail);
  const total = performance.now() - start;
  console.log(
    `${what.padEnd(24)} ${total.toFixed(0).padStart(6)} ms in all, ${longest.toFixed(1).padStart(5)} ms of work at most without a pause, ${pauses} pauses`,
  );
  return { ...opened.snapshot, text };
}

const texts = [0, 0, 100, 0].map((changed) => contentText(content(changed)));
console.log(`${POLICIES} policies with bindings, ${(texts[0]!.length / 2 ** 20).toFixed(1)} MiB`);
let snapshot: Opened | undefined;
for (const [index, what] of ['at first', 'nothing changed', '100 changed', '100 changed back'].entries())
  snapshot = await measure(what, texts[index]!, snapshot);
await measure('all anew, warm', texts[2]!);
const start = performance.now();
compileSnapshot(content(7), { now: NOW });
console.log(`${'all at once'.padEnd(24)} ${(performance.now() - start).toFixed(0).padStart(6)} ms in all`);
console.log(`${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB in memory`);
