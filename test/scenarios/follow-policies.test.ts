/** Everything that `policies` names, followed together: folders and refs of real repositories, and what is read of them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Answer } from '../../src/app/follow/answer.ts';
import {
  type FollowPoliciesOptions,
  followPolicies,
  type PolicyChange,
} from '../../src/app/follow/policies.ts';
import { readPolicyFiles } from '../../src/app/policies.ts';
import { UsageError } from '../../src/app/usage.ts';
import { folderWith } from './rampart.ts';
import { type Repository, repository } from './repository.ts';

const repositoryWith = (text: string, name = 'a') => repository({ [`p/${name}.yaml`]: text });
const address = (repo: Pick<Repository, 'folder'>) => `git::file://${repo.folder}//p?ref=main`;

/** What a receiver reads, by the names that files have in origins; it refuses what holds the word bad. */
function follow(t: TestContext, policies: readonly string[], more: Partial<FollowPoliciesOptions> = {}) {
  const cwd = folderWith({});
  const built: Record<string, string>[] = [];
  const changes: PolicyChange[] = [];
  const read = () =>
    Object.fromEntries(
      [...readPolicyFiles(policies, cwd).contents].map(([name, content]) => [
        name.replace(/^.*(?=main:)/, ''),
        content.ok ? Buffer.from(content.bytes).toString() : content.detail,
      ]),
    );
  const rebuild = (change: PolicyChange): Answer => {
    changes.push(change);
    const files = read();
    const bad = Object.entries(files).find(([, text]) => text.includes('bad'));
    if (bad !== undefined) return { accepted: false, reason: `${bad[0]} is bad` };
    built.push(files);
    return { accepted: true };
  };
  const followers = followPolicies(
    {
      policies,
      cwd,
      dataFolder: folderWith({}),
      follow: { pollSeconds: 86_400 },
      folders: { settleMs: 20, resyncMs: 86_400_000 },
      now: () => 0,
      ...more,
    },
    rebuild,
  );
  t.after(() => followers.close());
  const until = async (holds: () => boolean) => {
    for (let i = 0; i < 200 && !holds(); i++) await new Promise((done) => setTimeout(done, 25));
    assert.ok(holds(), JSON.stringify([followers.state(), built.at(-1)]));
  };
  return { followers, built, changes, until, read };
}

test('a ref and a folder come into force together, and each change with the other as it is', async (t) => {
  const repo = repositoryWith('a: 1');
  const folder = folderWith({ 'f.yaml': 'f: 1' });
  const { followers, built, changes, until } = follow(t, ['builtin', address(repo), folder]);
  await followers.ready;
  const named = (files: Record<string, string>) => [files['main:p/a.yaml'], files[join(folder, 'f.yaml')]];
  assert.deepEqual(built.map(named), [['a: 1', 'f: 1']]);
  repo.commit({ 'p/a.yaml': 'a: 2' });
  await followers.poll();
  writeFileSync(join(folder, 'f.yaml'), 'f: 22');
  await until(() => built.length === 3);
  assert.deepEqual(named(built[2]!), ['a: 2', 'f: 22']);
  assert.deepEqual(
    changes.map(({ source, commit }) => [source, commit === undefined]),
    [
      [address(repo), false],
      [address(repo), false],
      [folder, true],
    ],
  );
  assert.deepEqual(
    followers.state().map(({ kind }) => kind),
    ['git', 'folder'],
  );
});

test('a bad commit leaves what is read as it was, and a bad folder too', async (t) => {
  const repo = repositoryWith('a: 1');
  const folder = folderWith({ 'f.yaml': 'f: 1' });
  const { followers, built, until, read } = follow(t, [address(repo), folder]);
  await followers.ready;
  repo.commit({ 'p/a.yaml': 'bad' });
  await followers.poll();
  const [git] = followers.state();
  assert.ok(git?.kind === 'git');
  assert.deepEqual([git.refused?.reason, git.refused?.detail], ['rejected', 'main:p/a.yaml is bad']);
  assert.equal(read()['main:p/a.yaml'], 'a: 1');
  writeFileSync(join(folder, 'f.yaml'), 'bad');
  await until(() => {
    const state = followers.state()[1]!;
    return state.kind === 'folder' && (state.refused?.reason ?? '').endsWith('f.yaml is bad');
  });
  // The commit that is good is refused beside it, and judged again when the folder is good again.
  repo.commit({ 'p/a.yaml': 'a: 3' });
  await followers.poll();
  assert.equal(built.length, 1);
  writeFileSync(join(folder, 'f.yaml'), 'f: 33');
  await until(() => built.at(-1)!['main:p/a.yaml'] === 'a: 3');
  await until(() =>
    Object.values(followers.state()[0]!).every((value) => typeof value !== 'object' || !('reason' in value)),
  );
});

test('nothing comes into force before all refs are there, and nothing is fetched that was not judged', async (t) => {
  const [one, two] = [repositoryWith('a: 1'), repositoryWith('b: 1', 'b')];
  two.git('branch', '-m', 'main', 'later');
  const { followers, built, until, read } = follow(t, [address(one), address(two)]);
  await followers.ready;
  assert.deepEqual(built, []);
  assert.match(followers.state()[0]!.problem ?? '', /^it waits for git::file.*p\?ref=main$/);
  assert.equal(followers.state()[1]!.problem, 'there is no main');
  assert.throws(read, (error) => error instanceof UsageError && /was taken in yet/.test(error.message));
  two.git('branch', '-m', 'later', 'main');
  await followers.poll();
  await until(() => followers.state().every((state) => state.kind === 'git' && state.accepted !== undefined));
  assert.equal(followers.state()[0]!.problem, undefined);
  assert.deepEqual(new Set(Object.values(built.at(-1)!)), new Set(['a: 1', 'b: 1']));
});

test('a bad ref that came first does not keep the other out when it is put right', async (t) => {
  const [one, two] = [repositoryWith('bad'), repositoryWith('b: 1', 'b')];
  const { followers, built, until } = follow(t, [address(one), address(two)]);
  await followers.ready;
  assert.deepEqual(built, []);
  one.commit({ 'p/a.yaml': 'a: 2' });
  await followers.poll();
  await until(() => followers.state().every((state) => state.kind === 'git' && state.accepted !== undefined));
  await until(() => followers.state().every(({ problem }) => problem === undefined));
  assert.deepEqual(new Set(Object.values(built.at(-1)!)), new Set(['a: 2', 'b: 1']));
});

test('folders alone are built at the start; an address that is none is a mistake of the configuration', async (t) => {
  const { followers, built } = follow(t, [folderWith({ 'f.yaml': 'f: 1' })]);
  await followers.ready;
  assert.equal(built.length, 1);
  assert.throws(() => follow(t, ['git::http://git.example/x']), UsageError);
});

test('a person accepts a commit by its id, whichever ref it is at', async (t) => {
  const repo = repositoryWith('a: 1');
  repo.commit({ 'p/a.yaml': 'a: 2' });
  const { followers, read } = follow(t, [address(repo)]);
  await followers.ready;
  repo.git('reset', '-q', '--hard', 'HEAD~1');
  await followers.poll();
  assert.equal(await followers.accept('0'.repeat(40)), false);
  assert.equal(await followers.accept(repo.git('rev-parse', 'HEAD')), true);
  assert.equal(read()['main:p/a.yaml'], 'a: 1');
});
