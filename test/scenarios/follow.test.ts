/** Following a Git ref: what is taken in, what is refused and why, and what stays. In real repositories. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Answer } from '../../src/app/follow/answer.ts';
import { type Delivery, type FollowGitOptions, followGit } from '../../src/app/follow/git.ts';
import { followLayout } from '../../src/app/follow/layout.ts';
import { REFUSALS } from '../../src/app/follow/state.ts';
import { UsageError } from '../../src/app/usage.ts';
import { type GitAddress, parseGitAddress } from '../../src/sources/index.ts';
import { folderWith } from './rampart.ts';
import { type Repository, repository } from './repository.ts';

const NOW = Date.UTC(2026, 0, 1);
/** No look happens by itself. */
const SELDOM = 86_400;

interface Following {
  readonly data?: string;
  readonly path?: string;
  readonly ref?: string;
  readonly receive?: (delivery: Delivery) => Answer | Promise<Answer>;
  readonly options?: Partial<FollowGitOptions>;
}

function addressOf(repo: Pick<Repository, 'folder'>, path = 'policies', ref = 'main'): GitAddress {
  const address = parseGitAddress(`git::file://${repo.folder}//${path}?ref=${ref}`);
  assert.ok(!('fault' in address));
  return address;
}

/** Follows main with a receiver that keeps what it was given, as the names and contents of files. */
async function follow(t: TestContext, repo: Pick<Repository, 'folder'>, how: Following = {}) {
  const { data = folderWith({}), receive = () => ({ accepted: true }) } = how;
  const deliveries: (Delivery & { readonly files: Readonly<Record<string, string>> })[] = [];
  const options: FollowGitOptions = {
    address: addressOf(repo, how.path, how.ref),
    cwd: repo.folder,
    dataFolder: data,
    pollSeconds: SELDOM,
    now: () => NOW,
    ...how.options,
  };
  const follower = followGit(options, (delivery) => {
    const names = readdirSync(delivery.folder, { recursive: true, encoding: 'utf8' });
    const texts = names
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => [name, readFileSync(join(delivery.folder, name), 'utf8')]);
    deliveries.push({ ...delivery, files: Object.fromEntries(texts) });
    return receive(delivery);
  });
  t.after(() => follower.close());
  await follower.ready;
  const { address } = options;
  const layout = followLayout(data, {
    repository: address.repository,
    ref: address.ref ?? 'HEAD',
    path: address.path,
  });
  return { follower, deliveries, data, layout, poll: () => follower.poll() };
}

const head = (repo: Repository, name = 'HEAD') => repo.git('rev-parse', name);
/** Of which there are files. */
const commitsIn = ({ checkouts }: { readonly checkouts: string }) =>
  readdirSync(checkouts)
    .map((name) => name.slice(0, name.indexOf('-')))
    .sort();
const policies = (text = 'a: 1') => repository({ 'policies/a.yaml': text, 'other.yaml': 'o: 1' });

test('a ref that goes forward is followed, and nothing else happens when it does not', async (t) => {
  const repo = policies();
  const first = head(repo);
  const { follower, deliveries, poll } = await follow(t, repo);
  assert.deepEqual(follower.state(), {
    format: 1,
    repository: `file://${repo.folder}`,
    ref: 'main',
    path: 'policies',
    commit: first,
    accepted: { commit: first, at: '2026-01-01T00:00:00.000Z' },
    refused: undefined,
    lastPoll: '2026-01-01T00:00:00.000Z',
    problem: undefined,
  });
  await poll();
  repo.commit({ 'policies/a.yaml': 'a: 2' });
  repo.commit({ 'policies/b.yaml': 'b: 1' });
  const { accepted } = await poll();
  assert.equal(accepted?.commit, head(repo));
  assert.deepEqual(
    deliveries.map(({ files }) => files),
    [{ 'a.yaml': 'a: 1' }, { 'a.yaml': 'a: 2', 'b.yaml': 'b: 1' }],
  );
});

test('a merge of an old branch and a long history are forward too', async (t) => {
  const repo = policies();
  repo.git('checkout', '-q', '-b', 'old');
  for (let i = 0; i < 5; i++) repo.commit({});
  repo.git('checkout', '-q', 'main');
  for (let i = 0; i < 55; i++) repo.commit({});
  const { poll } = await follow(t, repo);
  repo.git('merge', '-q', '--no-edit', 'old');
  for (let i = 0; i < 55; i++) repo.commit({});
  const state = await poll();
  assert.deepEqual([state.accepted?.commit, state.refused], [head(repo), undefined]);
});

test('a ref that is moved elsewhere or back is refused, and the old stays until a person accepts that commit', async (t) => {
  const repo = policies();
  repo.commit({ 'policies/a.yaml': 'a: 2' });
  const second = head(repo);
  const { follower, deliveries, poll, data } = await follow(t, repo);
  repo.git('reset', '-q', '--hard', 'HEAD~1');
  const back = (await poll()).refused!;
  assert.equal(back.reason, 'not-fast-forward');
  assert.ok(back.detail.includes(`went back to ${head(repo)}`) && back.detail.includes(second), back.detail);
  repo.commit({ 'policies/a.yaml': 'a: 3' });
  const third = head(repo);
  const apart = await poll();
  assert.ok(apart.refused!.detail.includes(`was moved to ${third}`), apart.refused!.detail);
  assert.ok(apart.refused!.detail.endsWith(`rampart serve --accept ${third}`), apart.refused!.detail);
  assert.equal(apart.accepted?.commit, second);
  assert.equal(deliveries.length, 1, 'what is refused is not delivered');

  assert.equal((await follower.accept(second)).refused?.commit, third, 'another commit');
  const state = await follower.accept(third);
  assert.deepEqual([state.accepted?.commit, state.refused], [third, undefined]);
  assert.deepEqual(
    [state.pardoned?.commit, state.pardoned?.insteadOf, state.pardoned?.at],
    [third, second, state.accepted!.at],
  );
  assert.deepEqual(deliveries.at(-1)!.files, { 'a.yaml': 'a: 3' });

  // Accepted once: when the ref comes back to it later, that is no permission any more.
  repo.commit({ 'policies/a.yaml': 'a: 4' });
  await poll();
  repo.git('reset', '-q', '--hard', third);
  await follower.close();
  const again = await follow(t, repo, { data, options: { accept: third } });
  assert.equal(again.follower.state().refused?.reason, 'not-fast-forward');
});

test('a history that has nothing in common is refused, and accepted where the option names it', async (t) => {
  const repo = policies();
  const { follower, poll, data } = await follow(t, repo);
  repo.git('checkout', '-q', '--orphan', 'new');
  repo.commit({ 'policies/a.yaml': 'a: 9' });
  repo.git('branch', '-f', 'main', 'HEAD');
  assert.equal((await poll()).refused?.reason, 'not-fast-forward');
  await follower.close();
  const { follower: next } = await follow(t, repo, { data, options: { accept: head(repo) } });
  assert.deepEqual([next.state().accepted?.commit, next.state().refused], [head(repo), undefined]);
});

test('what was accepted is delivered again after a restart, with the remote gone; back again it is followed on', async (t) => {
  const repo = policies();
  const { follower, data } = await follow(t, repo);
  await follower.close();
  renameSync(repo.folder, `${repo.folder}-gone`);
  const next = await follow(t, { folder: repo.folder }, { data, options: { cwd: data } });
  assert.deepEqual(
    next.deliveries.map(({ again, files }) => [again, files]),
    [[true, { 'a.yaml': 'a: 1' }]],
  );
  assert.match(next.follower.state().problem ?? '', /does not (exist|appear)|not found/);
  renameSync(`${repo.folder}-gone`, repo.folder);
  repo.commit({ 'policies/a.yaml': 'a: 2' });
  const state = await next.poll();
  assert.deepEqual([state.problem, state.accepted?.commit], [undefined, head(repo)]);
  assert.equal(next.deliveries.at(-1)!.again, false);
});

test('a ref that is deleted changes nothing and is said', async (t) => {
  const repo = policies();
  repo.git('checkout', '-q', '-b', 'work');
  const { poll, deliveries } = await follow(t, repo);
  repo.git('branch', '-D', 'main');
  const state = await poll();
  assert.equal(state.problem, 'there is no main');
  assert.equal(state.accepted?.commit, head(repo));
  repo.git('branch', 'main');
  assert.equal((await poll()).problem, undefined);
  assert.equal(deliveries.length, 1);
});

test('a name that a branch and a tag have is none; full names, tags with a message, HEAD and commits are refs', async (t) => {
  const repo = policies();
  repo.git('tag', 'main');
  assert.match(
    (await follow(t, repo)).follower.state().problem ?? '',
    /write refs\/heads\/main or refs\/tags\/main/,
  );
  repo.git('tag', '-a', '-m', 'first', 'v1');
  for (const ref of ['refs/heads/main', 'v1', 'HEAD', head(repo)])
    assert.equal((await follow(t, repo, { ref })).follower.state().accepted?.commit, head(repo), ref);
  // A name that only ends like it is another.
  repo.git('branch', 'x/release', 'HEAD');
  assert.equal((await follow(t, repo, { ref: 'release' })).follower.state().problem, 'there is no release');
});

test('a poisoned commit is refused whole, asked about once, and the next one is taken in', async (t) => {
  const repo = policies();
  const bad = (text: string) => text.includes('bad');
  const receive = ({ folder }: Delivery): Answer =>
    bad(readFileSync(join(folder, 'a.yaml'), 'utf8'))
      ? { accepted: false, reason: 'policies/a.yaml:1: does not compile' }
      : { accepted: true };
  const { follower, poll, deliveries, data, layout } = await follow(t, repo, { receive });
  const first = head(repo);
  repo.commit({ 'policies/a.yaml': 'bad', 'policies/b.yaml': 'b: 1' });
  const state = await poll();
  assert.deepEqual(
    [state.accepted?.commit, state.refused?.commit, state.refused?.reason, state.refused?.detail],
    [first, head(repo), 'rejected', 'policies/a.yaml:1: does not compile'],
  );
  await poll();
  await poll();
  assert.equal(deliveries.length, 2, 'not asked again until the ref moves');
  await follower.close();
  const next = await follow(t, repo, { receive, data });
  assert.deepEqual(
    next.deliveries.map(({ commit }) => commit),
    [first],
    'nor after a restart',
  );
  assert.deepEqual(commitsIn(layout), [first]);
  repo.commit({ 'policies/a.yaml': 'a: 3' });
  const fixed = await next.poll();
  assert.deepEqual([fixed.accepted?.commit, fixed.refused], [head(repo), undefined]);
  assert.deepEqual(next.deliveries.at(-1)!.files, { 'a.yaml': 'a: 3', 'b.yaml': 'b: 1' });
});

test('a ref that comes back to what is in force is refused no longer', async (t) => {
  const repo = policies();
  const { poll } = await follow(t, repo, {
    receive: ({ folder }) =>
      existsSync(join(folder, 'b.yaml')) ? { accepted: false, reason: 'no' } : { accepted: true },
  });
  repo.commit({ 'policies/b.yaml': 'b: 1' });
  assert.equal((await poll()).refused?.reason, 'rejected');
  repo.git('reset', '-q', '--hard', 'HEAD~1');
  assert.equal((await poll()).refused, undefined);
});

test('a receiver that fails is asked again; one that never answers has refused, and is told so', async (t) => {
  const repo = policies();
  let failing = true;
  let given: AbortSignal | undefined;
  const { follower, poll, deliveries } = await follow(t, repo, {
    receive: ({ signal }) => {
      if (failing) throw new Error('the disk is full');
      given = signal;
      return new Promise(() => undefined);
    },
    options: { limits: { answerMs: 50 } },
  });
  assert.deepEqual([follower.state().problem, follower.state().refused], ['the disk is full', undefined]);
  failing = false;
  assert.equal((await poll()).refused?.reason, 'timeout');
  assert.equal(given?.aborted, true);
  await poll();
  assert.equal(deliveries.length, 2);
});

test('links that lead out, submodules, pointers of Git LFS and empty paths are refused whole', async (t) => {
  const outside = folderWith({ 'secret.yaml': 's: 1' });
  const repo = policies();
  const { poll, deliveries } = await follow(t, repo);
  const refusal = async (wanted: RegExp, reason = 'unreadable') => {
    const { refused } = await poll();
    assert.deepEqual([refused?.commit, refused?.reason], [head(repo), reason]);
    assert.match(refused!.detail, wanted);
    repo.git('rm', '-rq', '-f', '--ignore-unmatch', 'policies');
    repo.commit({ 'policies/a.yaml': 'a: 1' });
    assert.equal((await poll()).refused, undefined);
  };
  for (const target of [join(outside, 'secret.yaml'), '../other.yaml', '../../../../etc/passwd']) {
    symlinkSync(target, join(repo.folder, 'policies/out.yaml'));
    repo.commit({});
    await refusal(/policies\/out\.yaml: the link leads out/);
  }
  repo.git('update-index', '--add', '--cacheinfo', `160000,${head(repo)},policies/sub`);
  repo.git('commit', '-qm', 'submodule');
  await refusal(/policies\/sub is a submodule/);
  repo.commit({
    'policies/b.yaml': `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 5\n`,
  });
  await refusal(/b\.yaml is a pointer of Git LFS/);
  repo.commit({ 'policies/a.yaml': undefined });
  await refusal(/holds nothing at policies/, 'nothing-there');
  for (const { files } of deliveries) assert.deepEqual(files, { 'a.yaml': 'a: 1' });
});

/** Writes a tree object as it is given: `git mktree` refuses such names. Entries are `MODE TYPE ID<tab>NAME`. */
function treeOf(repo: Repository, entries: readonly string[]): string {
  const parts = entries.map((entry) => {
    const [, mode, id, name] = /^(\d+) \w+ (\w+)\t(.*)$/.exec(entry)!;
    return Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id!, 'hex')]);
  });
  const file = join(folderWith({}), 'tree');
  writeFileSync(file, Buffer.concat(parts));
  return repo.git('hash-object', '-t', 'tree', '-w', '--literally', file);
}

test('names that would leave the folder or reach into .git are not written', async (t) => {
  const repo = policies();
  const { poll, layout } = await follow(t, repo, { path: '' });
  const blob = repo.git('rev-parse', 'HEAD:other.yaml');
  // No working tree holds such names: trees are made by hand.
  for (const [name, made] of [
    ['..', `100644 blob ${blob}\tevil.yaml`],
    ['.git', `100755 blob ${blob}\tpost-checkout`],
  ] as const) {
    const tree = treeOf(repo, [made]);
    const root = treeOf(repo, [`40000 tree ${tree}\t${name}`, `100644 blob ${blob}\tother.yaml`]);
    const commit = repo.git('commit-tree', root, '-p', 'HEAD', '-m', 'evil');
    repo.git('update-ref', 'refs/heads/main', commit);
    const state = await poll();
    assert.equal(existsSync(join(layout.checkouts, 'evil.yaml')), false);
    assert.equal(existsSync(join(layout.repository, 'hooks')), false);
    assert.equal(state.refused?.reason, 'unreadable');
  }
});

test('hooks of the remote, of templates and of settings do not run', async (t) => {
  const repo = policies();
  const proof = join(folderWith({}), 'proof');
  for (const hook of ['post-checkout', 'reference-transaction', 'post-merge', 'pre-auto-gc']) {
    mkdirSync(join(repo.folder, '.git/hooks'), { recursive: true });
    writeFileSync(join(repo.folder, '.git/hooks', hook), `#!/bin/sh\necho ${hook} >> ${proof}\n`, {
      mode: 0o755,
    });
  }
  repo.commit({
    '.gitattributes': '* filter=evil\n',
    '.gitmodules': `[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "touch ${proof}-sub"\n`,
  });
  const { follower } = await follow(t, repo, { path: '' });
  assert.equal(follower.state().accepted?.commit, head(repo));
  const ran = existsSync(proof) ? readFileSync(proof, 'utf8') : '';
  assert.ok(!/post-checkout|post-merge|pre-auto-gc/.test(ran), ran);
  assert.equal(existsSync(`${proof}-sub`), false);
});

test('a commit with too many files or bytes is refused, one too large to fetch too; it is not fetched again', async (t) => {
  const repo = policies();
  const limits = {
    tree: { files: 10, bytes: 10_000 },
    fetch: { timeoutMs: 60_000, bytes: 1 << 20 },
  };
  const { poll, follower, layout } = await follow(t, repo, { options: { limits } });
  assert.notEqual(follower.state().accepted, undefined);
  const many = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`policies/${i}.yaml`, 'x: 1']));
  repo.commit(many);
  assert.match((await poll()).refused!.detail, /holds 12 files, and more than 10/);
  repo.git('reset', '-q', '--hard', 'HEAD~1');
  repo.commit({ 'policies/big.yaml': 'x'.repeat(10_001) });
  assert.match((await poll()).refused!.detail, /bytes, and more than 10000/);
  repo.git('reset', '-q', '--hard', 'HEAD~1');
  const noise = Array.from({ length: 200_000 }, (_, i) => Math.sin(i).toString(36)).join('');
  repo.commit({ 'unrelated.bin': noise });
  const { refused } = await poll();
  assert.deepEqual([refused?.reason, refused?.commit], ['too-large', head(repo)]);
  assert.match(refused!.detail, /larger than 1 MiB/);
  const packs = () => readdirSync(join(layout.repository, 'objects/pack')).join();
  const before = packs();
  await poll();
  assert.equal(packs(), before);
  repo.git('rm', '-q', 'unrelated.bin');
  repo.git('reset', '-q', '--soft', 'HEAD~1');
  repo.commit({ 'policies/a.yaml': 'a: 2' });
  assert.deepEqual((await poll()).accepted?.commit, head(repo));
});

test('a remote that never answers is given up, and locks of a killed git do not stop the next look', async (t) => {
  const repo = policies();
  const { follower, poll, layout } = await follow(t, repo);
  for (const name of ['shallow.lock', 'packed-refs.lock', 'refs/rampart/candidate.lock'])
    writeFileSync(join(layout.repository, name), '');
  writeFileSync(join(layout.repository, 'objects/pack/tmp_pack_x'), 'x');
  repo.commit({ 'policies/a.yaml': 'a: 2' });
  assert.equal((await poll()).accepted?.commit, head(repo));
  assert.equal(follower.state().problem, undefined);
  assert.equal(existsSync(join(layout.repository, 'objects/pack/tmp_pack_x')), false);

  const wait = join(folderWith({}), 'ssh');
  writeFileSync(wait, '#!/bin/sh\nsleep 600\n', { mode: 0o755 });
  process.env['GIT_SSH_COMMAND'] = wait;
  t.after(() => delete process.env['GIT_SSH_COMMAND']);
  const address = parseGitAddress('git::ssh://git@git.example/policies?ref=main') as GitAddress;
  const limits = { fetch: { timeoutMs: 200, bytes: 1 << 20 } };
  const slow = await follow(t, repo, { options: { address, limits } });
  assert.match(slow.follower.state().problem ?? '', /took more than 0\.2 s/);
});

test('pushes and polls at the same time are one look, and at most one more', async (t) => {
  const repo = policies();
  let at = 0;
  let most = 0;
  const { poll, deliveries, follower } = await follow(t, repo, {
    receive: async () => {
      most = Math.max(most, ++at);
      await new Promise((done) => setTimeout(done, 50));
      at--;
      return { accepted: true };
    },
  });
  repo.commit({ 'policies/a.yaml': 'a: 2' });
  const many = Array.from({ length: 50 }, poll);
  const states = await Promise.all(many);
  assert.ok(states.every(({ accepted }) => accepted?.commit === head(repo)));
  assert.deepEqual([deliveries.length, most], [2, 1]);
  await follower.close();
  await follower.close();
  assert.equal((await poll()).accepted?.commit, head(repo), 'nothing happens any more');
});

test('looks happen by themselves', async (t) => {
  const repo = policies();
  const { deliveries } = await follow(t, repo, { options: { pollSeconds: 0.05 } });
  repo.commit({ 'policies/a.yaml': 'a: 2' });
  for (let i = 0; i < 100 && deliveries.length < 2; i++) await new Promise((done) => setTimeout(done, 50));
  assert.equal(deliveries.length, 2);
});

test('old checkouts and packs are cleared away', async (t) => {
  const repo = policies();
  const { poll, layout } = await follow(t, repo);
  for (let i = 0; i < 33; i++) {
    repo.commit({ 'policies/a.yaml': `a: ${i + 2}` });
    assert.equal((await poll()).accepted?.commit, head(repo));
  }
  assert.deepEqual(commitsIn(layout), [head(repo), head(repo, 'HEAD~1')].sort());
  const packs = readdirSync(join(layout.repository, 'objects/pack')).filter((name) => name.endsWith('.pack'));
  assert.ok(packs.length < 31, `${packs.length} packs`);
});

test('a state that cannot be read is not forgotten', async (t) => {
  const repo = policies();
  const { follower, layout, data } = await follow(t, repo);
  await follower.close();
  writeFileSync(layout.state, '{"format": 1');
  const options = { address: addressOf(repo), cwd: repo.folder, dataFolder: data, now: () => NOW };
  assert.throws(() => followGit(options, () => ({ accepted: true })), UsageError);
});

test('a password in the address is neither shown nor kept', async (t) => {
  const repo = policies();
  const address = parseGitAddress(
    'git::https://bot:hunter2hunter2@127.0.0.1:1/policies?ref=main',
  ) as GitAddress;
  const { follower, layout } = await follow(t, repo, { options: { address } });
  assert.notEqual(follower.state().problem, undefined);
  assert.ok(!JSON.stringify(follower.state()).includes('hunter2'));
  assert.ok(!readFileSync(layout.state, 'utf8').includes('hunter2'));
});

/** Keys for SSH signatures, and the line that allows one. */
function sshKey(name: string): { readonly key: string; readonly allowed: string } {
  const key = join(folderWith({}), name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', key]);
  const [type, text] = readFileSync(`${key}.pub`, 'utf8').split(' ');
  return { key, allowed: `${name}@example.com namespaces="git" ${type} ${text}\n` };
}

function signWith(repo: Repository, settings: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries({ 'commit.gpgsign': 'true', ...settings }))
    repo.git('config', name, value);
}

const bySsh = ({ key }: { key: string }) => ({ 'gpg.format': 'ssh', 'user.signingkey': key });

test('with allowed signers, what they signed is taken in and all else is refused with the reason', async (t) => {
  const [alice, mallory] = [sshKey('alice'), sshKey('mallory')];
  const repo = policies();
  signWith(repo, bySsh(alice));
  repo.commit({});
  const signers = join(folderWith({}), 'signers');
  writeFileSync(signers, alice.allowed);
  const { poll, follower, deliveries } = await follow(t, repo, { options: { requireSigned: signers } });
  assert.match(follower.state().accepted?.signedBy ?? '', /^alice@example\.com with ED25519 key SHA256:/);

  repo.git('commit', '-q', '--allow-empty', '--no-gpg-sign', '-m', 'unsigned');
  const unsigned = await poll();
  assert.deepEqual([unsigned.refused?.reason, unsigned.refused?.commit], ['unsigned', head(repo)]);
  signWith(repo, bySsh(mallory));
  repo.commit({ 'policies/a.yaml': 'a: 2' });
  const foreign = await poll();
  assert.equal(foreign.refused?.reason, 'wrongly-signed');
  assert.match(foreign.refused!.detail, /which may not sign/);
  assert.equal(deliveries.length, 1);

  // A signature that was taken from another commit.
  const signature = repo
    .git('cat-file', 'commit', 'main~2')
    .match(/^gpgsig (?:.*\n )*.*END SSH SIGNATURE.*$/m)![0];
  const forged = repo
    .git('cat-file', 'commit', 'main')
    .replace(/^gpgsig (?:.*\n )*.*END SSH SIGNATURE.*$/m, () => signature);
  const file = join(folderWith({}), 'commit');
  writeFileSync(file, `${forged}\n`);
  repo.git('reset', '-q', '--soft', repo.git('hash-object', '-t', 'commit', '-w', file));
  const { refused } = await poll();
  assert.deepEqual([refused?.commit, refused?.reason], [head(repo), 'wrongly-signed']);

  // The newest commit decides: what stands below it is vouched for by who signs it.
  signWith(repo, bySsh(alice));
  repo.commit({ 'policies/a.yaml': 'a: 3' });
  const good = await poll();
  assert.deepEqual([good.accepted?.commit, good.refused], [head(repo), undefined]);
});

test('what a person accepts has to be signed all the same', async (t) => {
  const [alice, mallory] = [sshKey('alice'), sshKey('mallory')];
  const repo = policies();
  signWith(repo, bySsh(alice));
  repo.commit({ 'policies/a.yaml': 'a: 2' });
  const first = head(repo);
  const signers = join(folderWith({}), 'signers');
  writeFileSync(signers, alice.allowed);
  const { poll, follower } = await follow(t, repo, { options: { requireSigned: signers } });
  signWith(repo, bySsh(mallory));
  repo.git('commit', '-q', '--amend', '--allow-empty', '-m', 'moved');
  assert.equal((await poll()).refused?.reason, 'not-fast-forward');
  const refused = await follower.accept(head(repo));
  assert.deepEqual([refused.refused?.reason, refused.accepted?.commit], ['wrongly-signed', first]);
  assert.equal(refused.pardoned, undefined);
  signWith(repo, bySsh(alice));
  repo.git('commit', '-q', '--amend', '--allow-empty', '-m', 'moved and signed');
  assert.equal((await poll()).refused?.reason, 'not-fast-forward', 'another commit');
  const taken = await follower.accept(head(repo));
  assert.deepEqual([taken.refused, taken.accepted?.commit], [undefined, head(repo)]);
});

test('a commit is judged again when the signers change, and an accepted one after a restart', async (t) => {
  const [alice, bob] = [sshKey('alice'), sshKey('bob')];
  const repo = policies();
  signWith(repo, bySsh(alice));
  repo.commit({});
  const signers = join(folderWith({}), 'signers');
  writeFileSync(signers, bob.allowed);
  const how = { options: { requireSigned: signers } };
  const { poll, follower, data } = await follow(t, repo, how);
  assert.equal(follower.state().refused?.reason, 'wrongly-signed');
  writeFileSync(signers, bob.allowed + alice.allowed);
  assert.equal((await poll()).accepted?.commit, head(repo));
  writeFileSync(signers, '');
  repo.commit({});
  const without = await poll();
  assert.match(without.problem ?? '', /expected allowed signers/);
  await follower.close();
  writeFileSync(signers, bob.allowed);
  const next = await follow(t, repo, { ...how, data });
  assert.equal(next.deliveries.length, 0, 'who signed it may not sign any more');
  assert.equal(next.follower.state().refused?.reason, 'wrongly-signed');
  assert.equal(next.follower.state().accepted?.commit, head(repo, 'HEAD~1'), 'what has to be descended from');
});

test('with OpenPGP keys, the same; a signature of another form is none, whatever keyring is at home', async (t) => {
  const home = (name: string) => {
    const folder = folderWith({});
    const gpg = (...args: string[]) =>
      execFileSync('gpg', ['--batch', '--quiet', '--homedir', folder, ...args], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
    t.after(() => execFileSync('gpgconf', ['--homedir', folder, '--kill', 'all']));
    gpg(
      '--passphrase',
      '',
      '--pinentry-mode',
      'loopback',
      '--quick-gen-key',
      `${name}@example.com`,
      'ed25519',
      'sign',
    );
    const program = join(folder, 'sign');
    writeFileSync(program, `#!/bin/sh\nexec gpg --homedir ${folder} "$@"\n`, { mode: 0o755 });
    return { folder, program, user: `${name}@example.com`, keys: gpg('--armor', '--export') };
  };
  const byGpg = ({ program, user }: ReturnType<typeof home>) => ({
    'gpg.format': 'openpgp',
    'gpg.program': program,
    'user.signingkey': user,
  });
  const [alice, mallory] = [home('alice'), home('mallory')];
  const repo = policies();
  signWith(repo, byGpg(alice));
  repo.commit({});
  const keys = join(folderWith({}), 'keys.asc');
  writeFileSync(keys, alice.keys);
  const { poll, follower } = await follow(t, repo, { options: { requireSigned: keys } });
  assert.match(follower.state().accepted?.signedBy ?? '', /^[0-9A-F]{40} alice@example\.com$/);
  signWith(repo, byGpg(mallory));
  repo.commit({});
  const before = process.env['GNUPGHOME'];
  process.env['GNUPGHOME'] = mallory.folder;
  t.after(() => {
    if (before === undefined) delete process.env['GNUPGHOME'];
    else process.env['GNUPGHOME'] = before;
  });
  const { refused } = await poll();
  assert.equal(refused?.reason, 'wrongly-signed');
  assert.match(refused!.detail, /is signed by the key [0-9A-F]+, which may not sign/);
  const ssh = sshKey('ssh');
  writeFileSync(keys, ssh.allowed);
  const other = await follow(t, repo, { options: { requireSigned: keys } });
  assert.match(other.follower.state().refused?.detail ?? '', /of the form openpgp.* are ssh/);
  // What it would be without the reason: git is not let near the keyring.
  assert.equal(other.deliveries.length, 0);
});

test('the guide names every reason', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/policies-from-git.md'), 'utf8');
  for (const reason of REFUSALS) assert.ok(guide.includes(`| \`${reason}\` |`), reason);
});
