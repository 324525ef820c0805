import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { walk } from './walk.ts';

/** A folder with these files; removed after the test. A name that ends with `/` is an empty folder. */
function tree(t: TestContext, files: Record<string, string> | readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'rampart-walk-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const entries = Array.isArray(files)
    ? files.map((name) => [name, 'a: 1\n'] as const)
    : Object.entries(files);
  for (const [name, text] of entries) {
    mkdirSync(name.endsWith('/') ? join(root, name) : dirname(join(root, name)), { recursive: true });
    if (!name.endsWith('/')) writeFileSync(join(root, name), text);
  }
  return root;
}

function git(root: string, ...args: string[]): void {
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
    cwd: root,
    stdio: 'ignore',
  });
}

function names(cwd: string, paths: string[] = ['.'], exclude: string[] = []): string[] {
  return walk(paths, { cwd, exclude }).files.map(({ file }) => file);
}

test('depth first, names by code unit, manifests only', (t) => {
  const root = tree(t, [
    'b.yaml',
    'a/z.yml',
    'a/B.YAML',
    'a.json',
    'Z.jsonl',
    'x.ndjson',
    'readme.md',
    '.hidden/c.yaml',
  ]);
  assert.deepEqual(names(root), [
    '.hidden/c.yaml',
    'Z.jsonl',
    'a/B.YAML',
    'a/z.yml',
    'a.json',
    'b.yaml',
    'x.ndjson',
  ]);
});

test('a named file is read whatever its name, and once', (t) => {
  const root = tree(t, ['m.txt', 'd/a.yaml']);
  const { files } = walk(['m.txt', 'd', 'd/a.yaml', './d/../m.txt'], { cwd: root });
  assert.deepEqual(
    files.map(({ file, named }) => [file, named]),
    [
      ['m.txt', true],
      ['d/a.yaml', true],
    ],
  );
});

test('a file outside the working directory is shown as it was given', (t) => {
  const root = tree(t, ['in/', 'out/a.yaml']);
  assert.deepEqual(names(join(root, 'in'), ['../out']), ['../out/a.yaml']);
  assert.deepEqual(names(join(root, 'in'), [join(root, 'out/a.yaml')]), [`${root}/out/a.yaml`]);
});

test('what does not exist is a problem', (t) => {
  const { problems } = walk(['nowhere'], { cwd: tree(t, []) });
  assert.deepEqual(problems, [
    {
      reason: 'unreadable-file',
      detail: 'cannot be read: there is no such file',
      origin: { file: 'nowhere', line: 1, column: 1 },
    },
  ]);
});

test('.gitignore: nested, negated, anchored, folders', (t) => {
  const root = tree(t, {
    '.gitignore': 'build/\n*.tmp.yaml\n!keep.tmp.yaml\n/top.yaml\n# comment\n',
    'top.yaml': '',
    'sub/top.yaml': '',
    'build/a.yaml': '',
    'a.tmp.yaml': '',
    'keep.tmp.yaml': '',
    'sub/.gitignore': '!b.tmp.yaml\nc.yaml\n',
    'sub/b.tmp.yaml': '',
    'sub/c.yaml': '',
    'c.yaml': '',
  });
  assert.deepEqual(names(root), ['c.yaml', 'keep.tmp.yaml', 'sub/b.tmp.yaml', 'sub/top.yaml']);
  assert.equal(walk(['.'], { cwd: root }).left, 4);
});

test('rules from above the PATH and .git/info/exclude apply inside a repository', (t) => {
  const root = tree(t, { '.gitignore': 'x.yaml\n', 'd/e/x.yaml': '', 'd/e/y.yaml': '', 'd/e/z.yaml': '' });
  git(root, 'init', '-q');
  writeFileSync(join(root, '.git/info/exclude'), 'z.yaml\n');
  assert.deepEqual(names(root, ['d/e']), ['d/e/y.yaml']);
});

test('an ignored PATH is scanned all the same', (t) => {
  const root = tree(t, { '.gitignore': 'out\n', 'out/a.yaml': '' });
  git(root, 'init', '-q');
  assert.deepEqual(names(root, ['out']), ['out/a.yaml']);
  assert.deepEqual(names(root, ['out/a.yaml']), ['out/a.yaml']);
  assert.deepEqual(names(root), []);
});

test('a rule does not hide what git tracks', (t) => {
  const root = tree(t, { 'deep/er/a.yaml': '', 'deep/er/b.yaml': '', 'c.yaml': '' });
  git(root, 'init', '-q');
  git(root, 'add', 'deep/er/a.yaml');
  writeFileSync(join(root, '.gitignore'), '*.yaml\ndeep/\n');
  assert.deepEqual(names(root), ['deep/er/a.yaml']);
});

test('a rule that is slow to match is not applied, a slow negation voids its file', (t) => {
  const slow = `${'*a'.repeat(30)}.yaml`;
  const name = `${'a'.repeat(200)}b.yaml`;
  assert.deepEqual(names(tree(t, { '.gitignore': `${slow}\nx.yaml\n`, [name]: '', 'x.yaml': '' })), [name]);
  assert.deepEqual(names(tree(t, { '.gitignore': `x.yaml\n!${slow}\n`, 'x.yaml': '' })), ['x.yaml']);
});

test('--exclude: by path, by name at any depth, whole folders', (t) => {
  const root = tree(t, ['a/x.yaml', 'a/y.yaml', 'b/x.yaml', 'vendor/z.yaml', 'b/vendor/z.yaml']);
  assert.deepEqual(names(root, ['.'], ['a/x.yaml']), [
    'a/y.yaml',
    'b/vendor/z.yaml',
    'b/x.yaml',
    'vendor/z.yaml',
  ]);
  assert.deepEqual(names(root, ['.'], ['x.yaml', 'vendor']), ['a/y.yaml']);
  assert.deepEqual(names(root, ['.'], ['b/**', './vendor/']), ['a/x.yaml', 'a/y.yaml']);
});

test('links: loops end, targets inside are read once, targets outside are problems', (t) => {
  const outside = tree(t, ['secret.yaml', 'd/x.yaml']);
  const root = tree(t, ['a/x.yaml', 'b/', 'data']);
  symlinkSync('..', join(root, 'a/loop'));
  symlinkSync('../a', join(root, 'b/a'));
  symlinkSync('self.yaml', join(root, 'self.yaml'));
  symlinkSync('a/x.yaml', join(root, 'again.yaml'));
  symlinkSync('data', join(root, 'linked.yaml'));
  symlinkSync('gone', join(root, 'dangling.txt'));
  symlinkSync(join(outside, 'secret.yaml'), join(root, 'leak.yaml'));
  symlinkSync(join(outside, 'd'), join(root, 'leaks'));
  const { files, problems } = walk(['.'], { cwd: root });
  assert.deepEqual(
    files.map(({ file }) => file),
    ['a/x.yaml', 'linked.yaml'],
  );
  assert.deepEqual(
    problems.map(({ origin, detail }) => [origin.file, detail.split(';')[0]]),
    [
      ['leak.yaml', 'the link leads out of the tree'],
      ['leaks', 'the link leads out of the tree'],
      ['self.yaml', 'the link leads nowhere: the links go round in a circle'],
    ],
  );
});

test('charts and kustomizations are returned; templates are no files, the rest of a chart is', (t) => {
  const root = tree(t, [
    'shop/Chart.yaml',
    'shop/values.yaml',
    'shop/crds/c.yaml',
    'shop/templates/a.yaml',
    'shop/templates/more/b.yaml',
    'shop/charts/db/Chart.yaml',
    'shop/charts/db/templates/c.yaml',
    'plain/templates/d.yaml',
    'base/kustomization.yaml',
    'prod/Kustomization',
    'prod/patch.yaml',
  ]);
  const { files, problems, charts, kustomizations, without } = walk(['.'], { cwd: root });
  const all = [
    'base/kustomization.yaml',
    'plain/templates/d.yaml',
    'prod/patch.yaml',
    'shop/Chart.yaml',
    'shop/charts/db/Chart.yaml',
    'shop/crds/c.yaml',
    'shop/values.yaml',
  ];
  assert.deepEqual(
    files.map(({ file }) => file),
    all,
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(
    [charts, kustomizations].map((roots) => roots.map(({ file }) => file)),
    [
      ['shop', 'shop/charts/db'],
      ['base', 'prod'],
    ],
  );
  assert.deepEqual(charts[0], { folder: join(root, 'shop'), file: 'shop', boundary: root });
  const left = without(new Set([join(root, 'prod/patch.yaml')]));
  assert.deepEqual(
    left.map(({ file }) => file),
    all.filter((file) => file !== 'prod/patch.yaml'),
  );
  const inside = walk(['shop/templates/more', 'shop/templates'], { cwd: root });
  assert.deepEqual([inside.files.length, inside.charts.map(({ file }) => file)], [0, ['shop']]);
  assert.deepEqual(names(root, ['shop/templates/a.yaml']), ['shop/templates/a.yaml']);
  const named = walk(['prod/patch.yaml', '.'], { cwd: root });
  const kept = named.without(new Set([join(root, 'prod/patch.yaml')]));
  assert.ok(kept.some(({ file }) => file === 'prod/patch.yaml'));
});

test('what Git ignores or --exclude matches is no root', (t) => {
  const root = tree(t, {
    '.gitignore': 'old/\n',
    'old/kustomization.yaml': '',
    'vendor/kustomization.yaml': '',
    'a/kustomization.yaml': '',
  });
  const { kustomizations } = walk(['.'], { cwd: root, exclude: ['vendor'] });
  assert.deepEqual(
    kustomizations.map(({ file }) => file),
    ['a'],
  );
});

test('a folder that cannot be read is a problem', (t) => {
  const root = tree(t, ['a/x.yaml', 'b.yaml']);
  chmodSync(root, 0o755);
  chmodSync(join(root, 'a'), 0);
  const { files, problems } = asSomebody(() => walk(['.'], { cwd: root }));
  chmodSync(join(root, 'a'), 0o700);
  assert.deepEqual(
    [files.map(({ file }) => file), problems.map(({ origin, detail }) => [origin.file, detail])],
    [['b.yaml'], [['a', 'the folder cannot be read: permission denied']]],
  );
});

/** Root may read everything, so as root the walk is done with the rights of another user. */
function asSomebody<T>(run: () => T): T {
  if (process.getuid?.() !== 0) return run();
  process.seteuid!(65_534);
  try {
    return run();
  } finally {
    process.seteuid!(0);
  }
}

test('what is called like a manifest and is no file is a problem, not opened', (t) => {
  const root = tree(t, ['b.yaml']);
  execFileSync('mkfifo', [join(root, 'pipe.yaml')]);
  const { files, problems } = walk(['.'], { cwd: root });
  assert.deepEqual(
    [files.map(({ file }) => file), problems.map(({ origin, detail }) => [origin.file, detail])],
    [['b.yaml'], [['pipe.yaml', 'is no regular file']]],
  );
});
