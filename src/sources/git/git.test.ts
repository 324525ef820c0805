import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { commitLookup } from './commit.ts';
import { readIndex } from './gitindex.ts';
import { findRepository, headCommit } from './repository.ts';

const ENVIRONMENT = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 't',
  GIT_AUTHOR_EMAIL: 't@example.com',
  GIT_COMMITTER_NAME: 't',
  GIT_COMMITTER_EMAIL: 't@example.com',
};

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, env: ENVIRONMENT, encoding: 'utf8', stdio: 'pipe' }).trim();
}

/** A repository with `a.yaml` and `d/e/b.yaml` committed. */
function repository(t: TestContext, ...options: string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'rampart-git-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  git(root, 'init', '-q', '-b', 'main', ...options);
  mkdirSync(join(root, 'd/e'), { recursive: true });
  writeFileSync(join(root, 'a.yaml'), 'a: 1\n');
  writeFileSync(join(root, 'd/e/b.yaml'), 'b: 1\n');
  git(root, 'add', '.');
  git(root, 'commit', '-qm', 'first');
  return root;
}

test('the checked-out commit: branch, packed refs, detached, worktree, SHA-256', (t) => {
  const root = repository(t);
  const head = git(root, 'rev-parse', 'HEAD');
  const found = () => headCommit(findRepository(join(root, 'd/e'))!);
  assert.equal(found(), head);
  git(root, 'pack-refs', '--all');
  assert.equal(found(), head);
  git(root, 'checkout', '-q', '--detach');
  assert.equal(found(), head);
  const tree = join(root, 'tree');
  git(root, 'worktree', 'add', '-q', tree, 'main');
  assert.equal(headCommit(findRepository(tree)!), head);
  const sha256 = repository(t, '--object-format=sha256');
  assert.equal(headCommit(findRepository(sha256)!), git(sha256, 'rev-parse', 'HEAD'));
  assert.ok(readIndex(findRepository(sha256)!)?.entries.has('d/e/b.yaml'));
});

test('no commit before the first one, and none outside a repository', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'rampart-git-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  assert.equal(findRepository(root), undefined);
  git(root, 'init', '-q');
  assert.equal(headCommit(findRepository(root)!), undefined);
});

test('a hostile HEAD leads nowhere', (t) => {
  const root = repository(t);
  for (const text of [
    'ref: refs/../../../etc/passwd',
    'ref: HEAD',
    'ref: refs/heads/none',
    'x',
    '',
    'ref: /etc/passwd',
  ]) {
    writeFileSync(join(root, '.git/HEAD'), text);
    assert.equal(headCommit(findRepository(root)!), undefined, text);
  }
});

test('every version of the index', (t) => {
  const root = repository(t);
  for (const version of ['2', '3', '4']) {
    git(root, 'update-index', '--index-version', version);
    assert.deepEqual(
      [...readIndex(findRepository(root)!)!.entries.keys()],
      ['a.yaml', 'd/e/b.yaml'],
      version,
    );
  }
  writeFileSync(join(root, '.git/index'), 'DIRC\0\0\0\x02\0\0\xff\xff');
  assert.equal(readIndex(findRepository(root)!), undefined);
});

test('a file has a commit while it is as it was checked out', (t) => {
  const root = repository(t);
  const head = git(root, 'rev-parse', 'HEAD');
  const commitOf = (name: string) => commitLookup()(join(root, name));
  assert.deepEqual([commitOf('a.yaml'), commitOf('d/e/b.yaml')], [head, head]);
  symlinkSync('a.yaml', join(root, 'link.yaml'));
  assert.equal(commitOf('link.yaml'), head);
  writeFileSync(join(root, 'new.yaml'), 'n: 1\n');
  assert.deepEqual([commitOf('new.yaml'), commitOf('absent.yaml')], [undefined, undefined]);
  writeFileSync(join(root, 'a.yaml'), 'a: 22\n');
  assert.equal(commitOf('a.yaml'), undefined);
  utimesSync(join(root, 'd/e/b.yaml'), 1, 1);
  assert.equal(commitOf('d/e/b.yaml'), undefined);
});

test('a staged change is no commit yet', (t) => {
  const root = repository(t);
  writeFileSync(join(root, 'd/e/b.yaml'), 'b: 22\n');
  git(root, 'add', '.');
  assert.equal(commitLookup()(join(root, 'd/e/b.yaml')), undefined);
  git(root, 'commit', '-qm', 'second');
  assert.equal(commitLookup()(join(root, 'd/e/b.yaml')), git(root, 'rev-parse', 'HEAD'));
});
