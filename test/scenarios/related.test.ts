/** What policies that look up other objects make of files: of one environment, a part of one, and many threads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderWith, lines, rampart, scan } from './rampart.ts';

const ISOLATED = ['--select', 'id=network-pod-not-isolated', '--all'];

const NAMESPACE = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n';
const POD = (name: string, namespace = 'namespace: shop, ') =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, ${namespace}labels: {app: ${name}}}\nspec: {containers: [{name: app, image: app}]}\n`;
const DENY = (app: string) =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny-${app}, namespace: shop}\nspec: {podSelector: {matchLabels: {app: ${app}}}, policyTypes: [Ingress, Egress]}\n`;

function verdictsOf(files: Readonly<Record<string, string>>, args: readonly string[] = []): string[] {
  return lines(scan(files, [...ISOLATED, ...args]).results).filter((line) => !line.includes('not-matched'));
}

test('of a namespace that the files define, what they do not hold does not exist, and the finding says so', () => {
  const { code, results } = scan({ 'a.yaml': NAMESPACE, 'b/pod.yaml': POD('web') }, ISOLATED.slice(0, 2));
  assert.equal(code, 1);
  assert.deepEqual(lines(results), [
    'violation network-pod-not-isolated Pod/web b/pod.yaml:3',
    'violation network-pod-not-isolated Pod/web b/pod.yaml:3',
  ]);
  for (const { detail } of results) assert.match(detail, /going by the files, which define the namespace/);
});

test('of any other it may exist: no pass, no violation, and exit 0', () => {
  const ran = scan({ 'pod.yaml': POD('web') }, ISOLATED.slice(0, 2));
  assert.equal(ran.code, 0);
  assert.deepEqual(ran.results, []);
  assert.deepEqual(ran.summary.verdicts, { pass: 0, violation: 0, error: 0, skip: 1, exempted: 0 });
  assert.equal(ran.summary.undecided[0]?.reason, 'needs-related');
  const { out } = rampart(['scan', '.', ...ISOLATED.slice(0, 2)], {
    cwd: folderWith({ 'pod.yaml': POD('web') }),
  });
  assert.match(out, /help: .*--context.*--complete/s);
});

test('--context completes the set, --complete says that it is complete', () => {
  const context = folderWith({ 'deny.yaml': DENY('web') });
  const pass = ['pass network-pod-not-isolated Pod/web pod.yaml:1'];
  assert.deepEqual(verdictsOf({ 'pod.yaml': POD('web') }, ['--context', context]), pass);
  const other = folderWith({ 'deny.yaml': DENY('db') });
  const skip = ['skip network-pod-not-isolated Pod/web pod.yaml:1'];
  assert.deepEqual(verdictsOf({ 'pod.yaml': POD('web') }, ['--context', other]), skip);
  assert.equal(verdictsOf({ 'pod.yaml': POD('web') }, ['--context', other, '--complete']).length, 2);
  // A namespace that the cluster has says nothing of what is in it.
  const namespace = folderWith({ 'namespace.yaml': NAMESPACE });
  assert.deepEqual(verdictsOf({ 'pod.yaml': POD('web') }, ['--context', namespace]), skip);
});

test('what the files make of an object outweighs what --context says of it', () => {
  const files = { 'pod.yaml': POD('web'), 'deny.yaml': DENY('db').replace('deny-db', 'deny') };
  const context = folderWith({ 'deny.yaml': DENY('web').replace('deny-web', 'deny') });
  assert.equal(verdictsOf(files, ['--context', context, '--complete']).length, 2);
});

test('a file that cannot be read may hold anything', () => {
  const files = { 'a.yaml': NAMESPACE, 'pod.yaml': POD('web'), 'chart.yaml': 'kind: {{ .Values.kind }}\n' };
  for (const args of [[], ['--complete']])
    assert.ok(verdictsOf(files, args).includes('skip network-pod-not-isolated Pod/web pod.yaml:1'));
});

test('an object without a namespace may be meant for any', () => {
  const files = {
    'a.yaml': NAMESPACE,
    'pod.yaml': POD('web'),
    'deny.yaml': DENY('web').replace(', namespace: shop', ''),
  };
  assert.ok(verdictsOf(files).includes('skip network-pod-not-isolated Pod/web pod.yaml:1'));
});

test('the answer depends neither on the order of files nor on the number of threads', () => {
  const files: Record<string, string> = { 'm.yaml': NAMESPACE };
  for (let i = 0; i < 1300; i++) {
    files[`pods/${i}.yaml`] = POD(`p${i}`);
    if (i % 3 > 0) files[`${i % 3 === 1 ? 'a' : 'z'}/${i}.yaml`] = DENY(`p${i}`);
  }
  const cwd = folderWith(files);
  const all = ['scan', '.', '--format', 'json', '--select', 'set=network'];
  const one = rampart([...all, '--jobs', '1'], { cwd });
  assert.equal(JSON.parse(one.out).summary.verdicts.violation, 2 * 434);
  assert.equal(rampart([...all, '--jobs', '4'], { cwd }).out, one.out);
});
