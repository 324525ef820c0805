/** `rampart serve` without a cluster, as a user runs it: policies from a folder and from Git, pushes, and what is refused. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { admissionReview, CONFIG_MAP } from '../fakes/review.ts';
import { fails, newFolder, newPort, post, ROOT, type Serving, serve } from '../fakes/serving.ts';

const LIMIT = { timeout: 120_000 };
const SECRET = 'a secret that nobody guesses';

/** The message of the denial of a ConfigMap with this field; undefined: it is allowed. */
async function denialOf({ folder, port }: Serving, field: string): Promise<string | undefined> {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'm', namespace: 'shop' },
    data: { [field]: '1' },
  };
  const review = admissionReview({ ...CONFIG_MAP, name: 'm', object });
  const { status, text } = await post(folder, { path: '/validate', port, body: JSON.stringify(review) });
  assert.equal(status, 200, text);
  const { response } = JSON.parse(text) as { response: { allowed: boolean; status?: { message: string } } };
  return response.allowed ? undefined : response.status!.message;
}

async function until(holds: () => Promise<boolean>, serving: Serving): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds()); await sleep(50))
    assert.ok(Date.now() < end, serving.log());
}

const policy = (field: string) => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: fields}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: [CREATE]}]
  validations: [{expression: "!has(object.data) || !('${field}' in object.data)", message: "no ${field}"}]
`;

const ENFORCED = 'stages:\n  - {select: ["id=fields"], stage: enforce}\n';

test('a folder of policies: it starts, takes up changes, keeps what was good, and ends', LIMIT, async () => {
  const folder = newFolder();
  mkdirSync(join(folder, 'policies'));
  writeFileSync(join(folder, 'policies', 'fields.yaml'), policy('bad'));
  writeFileSync(join(folder, 'rampart.yaml'), `policies: [policies]\n${ENFORCED}`);
  const serving = await serve(folder);
  assert.match(
    serving.out(),
    /^1 policy in force; reviews are answered at https:\/\/127\.0\.0\.1:\d+\/validate\n/,
  );
  assert.match((await denialOf(serving, 'bad'))!, /^violates fields at data\.bad: no bad\n/);
  const body = readFileSync(join(folder, 'data', 'review.json'), 'utf8');
  assert.equal((await post(folder, { path: '/validate', port: serving.port, body })).status, 200);

  writeFileSync(join(folder, 'policies', 'fields.yaml'), policy('worse'));
  await until(async () => (await denialOf(serving, 'worse')) !== undefined, serving);
  assert.equal(await denialOf(serving, 'bad'), undefined);

  const asked = (...words: string[]) => {
    try {
      const all = [join(ROOT, 'bin', 'rampart.cjs'), ...words, '--data', join(folder, 'data'), '--json'];
      return { code: 0, ...JSON.parse(execFileSync(process.execPath, all, { encoding: 'utf8' })) };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { code: status, ...JSON.parse(stdout) };
    }
  };
  await until(async () => (asked('status').decisions.policies.fields?.denied ?? 0) >= 2, serving);
  const { code, workers, policies } = asked('status');
  assert.deepEqual([code, policies, workers.length], [0, 1, 1]);
  await until(async () => asked('findings').totals.complete, serving);
  assert.deepEqual([asked('findings').code, asked('findings').findings], [0, []]);
  const text = (word: string) => {
    const all = [join(ROOT, 'bin', 'rampart.cjs'), word, '--data', join(folder, 'data')];
    return execFileSync(process.execPath, all, { encoding: 'utf8' }).replace(/\s+/g, ' ');
  };
  const { since } = asked('findings').totals;
  const known = `known since ${new Date(since).toISOString()}, when the controller began`;
  assert.ok(text('findings').includes(known), text('findings'));
  assert.ok(text('status').includes(known), text('status'));
  assert.match(serving.log(), /counted from now on: what was known before is forgotten/);

  let from = serving.log().length;
  writeFileSync(
    join(folder, 'rampart.yaml'),
    `policies: [policies]\n${ENFORCED.replace('enforce}', 'enforced}')}`,
  );
  await serving.said(/configuration refused .*rampart\.yaml:\d+:\d+/, from);
  assert.match((await denialOf(serving, 'worse'))!, /no worse/);

  from = serving.log().length;
  writeFileSync(join(folder, 'rampart.yaml'), 'policies: [policies]\n');
  await serving.said(/snapshot in force/, from);
  await until(async () => (await denialOf(serving, 'worse')) === undefined, serving);
  assert.equal(await serving.stop(), 0);
});

test('rampart.lock is followed: it comes, is broken, is put right, and goes', LIMIT, async () => {
  const folder = newFolder();
  const lock = join(folder, 'rampart.lock');
  const config = 'policies: [builtin]\nselect: ["id=pss-privileged"]\n';
  writeFileSync(
    join(folder, 'rampart.yaml'),
    `${config}stages:\n  - {select: ["id=pss-privileged"], stage: enforce}\n`,
  );
  const serving = await serve(folder);
  const body = readFileSync(join(folder, 'data', 'review.json'), 'utf8');
  const isDenied = async () => {
    const { text } = await post(folder, { path: '/validate', port: serving.port, body });
    return JSON.parse(text).response.allowed === false;
  };
  assert.ok(await isDenied());

  writeFileSync(lock, 'version: 1\nlibrary: "0.0.1"\nsettings: {pss.version: v1.37}\npolicies: {}\n');
  await serving.said(/note detail="not in rampart\.lock, so audit only: pss-privileged\/privileged/);
  await until(async () => !(await isDenied()), serving);

  writeFileSync(lock, 'version: 2\n');
  await serving.said(/lock refused .*rampart\.lock:1:\d+: version must be 1/);
  assert.ok(!(await isDenied()), 'what was in force stays');

  rmSync(lock);
  await until(isDenied, serving);
  assert.equal(await serving.stop(), 0);
});

test(
  'what was in force is in force again at the next start, also where the policies are broken by then',
  LIMIT,
  async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'policies'));
    writeFileSync(join(folder, 'policies', 'fields.yaml'), policy('bad'));
    writeFileSync(join(folder, 'rampart.yaml'), `policies: [policies]\n${ENFORCED}`);
    const first = await serve(folder);
    await first.stop();
    writeFileSync(join(folder, 'policies', 'fields.yaml'), policy('bad').replace('has(object.data)', 'has('));
    const second = await serve(folder);
    assert.match((await denialOf(second, 'bad'))!, /no bad/);
    await second.said(/snapshot refused .*fields\.yaml:\d+/);
    await second.stop();
  },
);

test('without anything good to begin with it does not start, and says why', LIMIT, async () => {
  const folder = newFolder();
  mkdirSync(join(folder, 'policies'));
  writeFileSync(join(folder, 'policies', 'fields.yaml'), policy('bad').replace('has(object.data)', 'has('));
  writeFileSync(join(folder, 'rampart.yaml'), 'policies: [policies]\n');
  const { code, err } = await fails(folder);
  assert.equal(code, 2, err);
  assert.match(err, /no snapshot: policies\/fields\.yaml:\d+:\d+: /);
});

test('a ref of Git is followed: merged, pushed, broken, moved elsewhere', LIMIT, async () => {
  const folder = newFolder();
  const remote = join(folder, 'remote');
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', '-C', remote, ...words], {
      stdio: 'pipe',
    });
  const head = () => String(git('rev-parse', 'HEAD')).trim();
  const commit = (text: string) => {
    writeFileSync(join(remote, 'policies', 'fields.yaml'), text);
    git('add', '-A');
    git('commit', '-q', '-m', 'change');
  };
  mkdirSync(join(remote, 'policies'), { recursive: true });
  git('init', '-q', '-b', 'main');
  commit(policy('bad'));
  writeFileSync(join(folder, 'secret'), `${SECRET}\n`);
  writeFileSync(
    join(folder, 'rampart.yaml'),
    `policies: ["git::file://${remote}//policies?ref=main"]\nfollow: {pollSeconds: 600, webhookSecretFile: secret}\n${ENFORCED}`,
  );
  const pushPort = newPort();
  const serving = await serve(folder, ['--push-port', String(pushPort)]);
  assert.match((await denialOf(serving, 'bad'))!, /no bad/);

  const push = (secret: string) => {
    const body = '{"ref":"refs/heads/main"}';
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    return post(folder, {
      path: '/push',
      port: pushPort,
      body,
      headers: { 'x-hub-signature-256': signature },
    });
  };
  commit(policy('worse'));
  const inForce = head();
  assert.equal((await push('another secret, as long as this')).status, 401);
  assert.equal((await push(SECRET)).status, 202);
  await until(async () => (await denialOf(serving, 'worse')) !== undefined, serving);

  const from = serving.log().length;
  commit(policy('last').replace('has(object.data)', 'has('));
  assert.equal((await push(SECRET)).status, 202);
  await serving.said(/snapshot refused/, from);
  assert.match((await denialOf(serving, 'worse'))!, /no worse/);

  git('reset', '-q', '--hard', 'HEAD~2');
  commit(policy('elsewhere'));
  const moved = head();
  assert.equal((await push(SECRET)).status, 202);
  await serving.said(
    new RegExp(`commit refused commit=${moved} reason=not-fast-forward .*--accept ${moved}`),
  );
  assert.match((await denialOf(serving, 'worse'))!, /no worse/);
  assert.equal(await denialOf(serving, 'elsewhere'), undefined);
  const status = statusOf(folder);
  assert.equal(status.code, 1);
  assert.ok(status.out.replace(/\s+/g, ' ').includes(`serve --accept ${moved}`), status.out);
  assert.equal(await serving.stop(), 0);

  const other = await serve(folder, ['--push-port', String(pushPort), '--accept', '0'.repeat(40)]);
  await other.said(/commit not accepted commit=0{40}/);
  assert.equal(await denialOf(other, 'elsewhere'), undefined);
  assert.equal(await other.stop(), 0);

  const accepting = await serve(folder, ['--push-port', String(pushPort), '--accept', moved]);
  await accepting.said(
    new RegExp(`commit accepted by a person ref=main commit=${moved} at=\\S+ insteadOf=${inForce}`),
  );
  await until(async () => (await denialOf(accepting, 'elsewhere')) !== undefined, accepting);
  assert.equal(statusOf(folder).code, 0);

  // Once: when the ref comes back to it, it is refused as any other.
  commit(policy('later'));
  assert.equal((await push(SECRET)).status, 202);
  await until(async () => (await denialOf(accepting, 'later')) !== undefined, accepting);
  git('reset', '-q', '--hard', moved);
  assert.equal((await push(SECRET)).status, 202);
  await accepting.said(/commit refused .*went back to/);
  assert.match((await denialOf(accepting, 'later'))!, /no later/);
  assert.equal(await accepting.stop(), 0);
});

function statusOf(folder: string): { code: number; out: string } {
  const words = [join(ROOT, 'bin', 'rampart.cjs'), 'status', '--data', join(folder, 'data')];
  const { status, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  return { code: status ?? -1, out: stdout };
}

test('what --accept names is the id of a commit, in full', LIMIT, async () => {
  const { code, err } = await fails(newFolder(), 0, ['--accept', 'abc1234']);
  assert.equal(code, 2);
  assert.match(err, /--accept: abc1234 is no id of a commit/);
});
