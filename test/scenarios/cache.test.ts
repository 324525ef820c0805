/** Results kept from one scan for the next: whatever happens to them, the report is that of a scan without. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderWith, rampart } from './rampart.ts';

/** Two that look at an object alone, two that look up others. */
const POLICIES =
  'id=workload-image-latest,workload-memory-unlimited,network-pod-not-isolated,network-service-without-workload';

/** Enough for a cache to be worth it. */
const COUNT = 620;

const pod = (name: string, image: string, labels = '{app: a}') => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: ${labels}}
spec:
  containers: [{name: c, image: "${image}", resources: {limits: {cpu: 0.5}}}]
`;

const OTHERS = {
  'ns.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
  'service.yaml':
    'apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: shop}\nspec: {selector: {app: a}, ports: [{port: 80}]}\n',
  'guessed.yaml': 'apiVersion: a.example/v1\nkind: Thing\nmetadata: {name: t}\n',
  'typo.yaml': 'apiVersion: apps/v1\nkind: Deploymnet\nmetadata: {name: t}\n',
  'broken.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: [\n',
  'allowed.yaml': pod('allowed', 'nginx').replace(
    'containers:',
    'containers: # rampart:allow workload-image-latest until=2099-01-01 reason="a test of the cache"\n   ',
  ),
};

function environment() {
  const files: Record<string, string> = { ...OTHERS };
  for (let i = 0; i < COUNT; i++) files[`pod-${i}.yaml`] = pod(`p${i}`, i % 7 === 0 ? 'nginx' : 'nginx:1.2');
  const manifests = folderWith(files);
  const [cache, home] = [folderWith({}), folderWith({})];
  const scan = (flags: readonly string[], env: Record<string, string> = {}) =>
    rampart(['scan', manifests, '--format', 'json', '--no-lock', '--select', POLICIES, ...flags], {
      env: { HOME: home, XDG_CACHE_HOME: join(home, 'c'), ...env },
    });
  const packs = () => readdirSync(cache).map((name) => join(cache, name));
  /** Changes when a pack is written anew. */
  const written = () => packs().map((pack) => statSync(pack).ino);
  return { manifests, cache, packs, written, scan, home };
}

test('a scan says the same with what an earlier one kept, also of what changed and of who looks it up', () => {
  const { manifests, cache, written, scan } = environment();
  const kept = ['--cache', cache];
  const same = () => {
    const expected = scan(['--no-cache']);
    const actual = scan(kept);
    assert.equal(actual.out, expected.out);
    assert.equal(actual.code, expected.code);
    return expected.out;
  };
  const first = same();
  assert.match(first, /"exempted"|allowedBy|rampart:allow/);
  const at = written();
  assert.equal(at.length, 1);
  same();
  assert.deepEqual(written(), at, 'what was kept was used');

  writeFileSync(join(manifests, 'pod-3.yaml'), pod('p3', 'nginx:latest'));
  const changed = same();
  assert.notEqual(changed, first);
  assert.notDeepEqual(written(), at);

  // No file of a pod changes, and what is said of the service does.
  for (const file of ['ns.yaml', 'service.yaml'])
    writeFileSync(join(manifests, file), OTHERS[file as keyof typeof OTHERS].replace('app: a', 'app: other'));
  const looked = same();
  assert.notEqual(looked, changed);
  rmSync(join(manifests, 'pod-5.yaml'));
  assert.notEqual(same(), looked);
  for (const flags of [['--complete'], ['--no-defaults'], ['--all', '--jobs', '2']])
    assert.equal(scan([...kept, ...flags]).out, scan(['--no-cache', ...flags]).out, flags.join(' '));
});

test('what is kept of look-ups counts only while all is as it was that they could find', () => {
  const { manifests, cache, scan } = environment();
  const select = [
    '--select',
    `${POLICIES},ingress-host-taken,rbac-workload-cluster-admin,rbac-path-to-secrets`,
  ];
  const ingress = (name: string, namespace: string, host: string) =>
    `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {rules: [{host: ${host}}]}\n`;
  const binding = (role: string, subject: string) =>
    `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\nroleRef: {kind: ClusterRole, name: ${role}}\nsubjects: [{kind: ServiceAccount, name: ${subject}, namespace: shop}]\n`;
  const service = OTHERS['service.yaml'];
  const definition =
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.a.example}\nspec: {group: a.example, scope: Namespaced, names: {kind: Thing, plural: things}, versions: [{name: v1}]}\n';
  const guard =
    'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: all, namespace: shop}\nspec: {podSelector: {}, policyTypes: [Ingress, Egress]}\n';
  /** One after the other: text of a file, or undefined where it goes. */
  const steps: readonly (readonly [file: string, text: string | undefined])[] = [
    ['one.yaml', ingress('one', 'shop', 'a.example')],
    ['two.yaml', ingress('two', 'other', 'a.example')],
    ['two.yaml', ingress('two', 'other', 'b.example')],
    ['binding.yaml', binding('cluster-admin', 'default')],
    ['binding.yaml', binding('cluster-admin', 'nobody')],
    ['guard.yaml', guard],
    ['guard.yaml', guard.replace(', namespace: shop', '')],
    ['guard.yaml', undefined],
    ['service.yaml', undefined],
    ['service.yaml', service.replace('app: a', 'app: other')],
    ['ns.yaml', undefined],
    ['ns.yaml', OTHERS['ns.yaml'].replace('name: shop', 'name: shop, labels: {a: b}')],
    ['thing.yaml', definition],
    ['broken.yaml', undefined],
    ['broken.yaml', 'a: ['],
  ];
  const answers = new Set<string>();
  for (const [file, text] of [['ns.yaml', OTHERS['ns.yaml']] as const, ...steps]) {
    if (text === undefined) rmSync(join(manifests, file));
    else writeFileSync(join(manifests, file), text);
    const expected = scan(['--no-cache', ...select]).out;
    assert.equal(scan(['--cache', cache, ...select]).out, expected, `${file}: ${text}`);
    answers.add(expected);
  }
  assert.ok(answers.size > steps.length / 2, 'most steps change what is found');
});

test('a pack that is damaged, or sealed by somebody else, hides nothing', () => {
  const { cache, home, packs, scan, written } = environment();
  const expected = scan(['--no-cache']).out;
  const kept = ['--cache', cache];
  scan(kept);
  const [pack] = packs();
  const good = readFileSync(pack!);

  truncateSync(pack!, good.length >> 1);
  assert.equal(scan(kept).out, expected);
  const bad = Buffer.from(good);
  bad[bad.length - 100]! ^= 0xff;
  writeFileSync(pack!, bad);
  assert.equal(scan(kept).out, expected);

  // As a cache that is restored on another machine: of use with the same key, else of none.
  const key = 'a key of thirty-two characters, or more';
  const foreign = folderWith({});
  scan(['--cache', foreign], { RAMPART_CACHE_KEY: key });
  rmSync(cache, { recursive: true });
  cpSync(foreign, cache, { recursive: true });
  const before = written();
  assert.equal(scan(kept, { RAMPART_CACHE_KEY: key }).out, expected);
  assert.deepEqual(written(), before);
  assert.equal(scan(kept).out, expected);
  assert.notDeepEqual(written(), before);
  assert.ok(!readdirSync(home, { recursive: true }).some((name) => String(name).endsWith('.results')));

  const short = scan(kept, { RAMPART_CACHE_KEY: 'short' });
  assert.equal(short.code, 2);
  assert.match(short.err, /could be guessed/);
});

test('without a flag results are in the cache folder of the user, and nowhere with RAMPART_CACHE=off', () => {
  const { home, scan } = environment();
  const files = () => readdirSync(home, { recursive: true }).map(String);
  scan([], { RAMPART_CACHE: 'off' });
  scan(['--no-cache']);
  assert.ok(!files().some((name) => name.endsWith('.results')));
  scan([]);
  const found = files().filter((name) => name.endsWith('.results'));
  assert.equal(found.length, 1);
  assert.match(found[0]!, /^c.rampart.results./);
  const clash = scan(['--cache', 'x', '--no-cache']);
  assert.equal(clash.code, 2);
});
