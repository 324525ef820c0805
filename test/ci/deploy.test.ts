/** What deploy/ci ships: linted, pinned, and the shell of each step run for real in repositories. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { BIN, folderWith, PRIVILEGED, ROOT } from '../scenarios/rampart.ts';
import { type Repository, repository } from '../scenarios/repository.ts';
import { pathOf, skipWithoutTools, type Tool } from './tools.ts';

const WORKFLOW = 'deploy/ci/github/rampart.yml';
const ACTION = 'deploy/ci/github/action.yml';
const PIPELINE = 'deploy/ci/gitlab/rampart.gitlab-ci.yml';
const HOOKS = '.pre-commit-hooks.yaml';

const text = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const yaml = (file: string) => load(text(file)) as never;
const version = (JSON.parse(text('package.json')) as { version: string }).version;

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}
const workflow: {
  on: object;
  permissions: object;
  jobs: Record<string, { permissions: object; steps: Step[] }>;
} = yaml(WORKFLOW);
const action: { runs: { steps: Step[] } } = yaml(ACTION);
const step = (steps: readonly Step[], name: string) => steps.find((one) => one.name === name)!;

function run(tool: Tool, args: readonly string[], cwd = ROOT) {
  const { status, stdout, stderr } = spawnSync(pathOf(tool), args, { cwd, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

test('linters find nothing in what is shipped', { skip: skipWithoutTools }, () => {
  const folder = folderWith({ '.github/workflows/rampart.yml': text(WORKFLOW), 'action.yml': text(ACTION) });
  execFileSync('git', ['init', '-q', folder]);
  for (const [tool, args, cwd] of [
    ['actionlint', [], folder],
    ['zizmor', ['--offline', '--no-progress', '.github/workflows/rampart.yml', 'action.yml'], folder],
    ['check-jsonschema', ['--builtin-schema', 'vendor.github-workflows', WORKFLOW]],
    ['check-jsonschema', ['--builtin-schema', 'vendor.github-actions', ACTION]],
    ['check-jsonschema', ['--builtin-schema', 'vendor.gitlab-ci', PIPELINE]],
    ['pre-commit', ['validate-manifest', HOOKS]],
  ] as const) {
    const { status, said } = run(tool, args, cwd);
    assert.equal(status, 0, `${tool} ${args.join(' ')}: ${said}`);
  }
});

test('a linter that finds something fails', { skip: skipWithoutTools }, () => {
  const broken = text(WORKFLOW).replace('pull_request:', 'pull_request_target:');
  const folder = folderWith({ '.github/workflows/rampart.yml': broken });
  execFileSync('git', ['init', '-q', folder]);
  assert.notEqual(run('zizmor', ['--offline', '.github/workflows/rampart.yml'], folder).status, 0);
});

test('what others wrote is pinned, and of Rampart it is this version', () => {
  const uses = [...Object.values(workflow.jobs).flatMap(({ steps }) => steps), ...action.runs.steps].flatMap(
    ({ uses: name }) => (name === undefined ? [] : [name]),
  );
  assert.ok(uses.length >= 5);
  for (const name of uses) assert.match(name, /^actions\/[a-z-]+@[0-9a-f]{40}$/);
  for (const file of [WORKFLOW, PIPELINE])
    assert.match(text(file), new RegExp(`RAMPART_VERSION: "${version}"`));
});

test('the job that runs what the pull request holds may only read', () => {
  assert.deepEqual(Object.keys(workflow.on).sort(), ['pull_request', 'push']);
  assert.deepEqual(workflow.permissions, {});
  assert.deepEqual(workflow.jobs['scan']!.permissions, { contents: 'read' });
  const { permissions, steps } = workflow.jobs['comment']!;
  assert.deepEqual(permissions, { 'pull-requests': 'write' });
  assert.ok(!steps.some(({ uses = '' }) => uses.startsWith('actions/checkout')));
});

/** A clone as CI has it: of a pull request that breaks a rule in a changed file, and switches policies off. */
function pullRequest(): Repository {
  const repo = repository({ 'old.yaml': PRIVILEGED.replace('bad', 'old') });
  repo.git('checkout', '-q', '-b', 'work');
  repo.commit({ 'deploy/new.yaml': PRIVILEGED, 'rampart.yaml': 'failOn: none\n' });
  const clone = folderWith({});
  execFileSync('git', ['clone', '-q', repo.folder, clone]);
  return { ...repo, folder: clone };
}

/** `rampart` on the path, as an installation puts it there. */
function installed(): string {
  const folder = folderWith({ rampart: `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n` });
  chmodSync(join(folder, 'rampart'), 0o755);
  return folder;
}

interface Shell {
  readonly shell: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

function sh(script: string, { shell, cwd, env }: Shell) {
  const temporary = folderWith({ script });
  const [program, ...args] = shell as [string, ...string[]];
  const ran = spawnSync(program, [...args, join(temporary, 'script')], {
    cwd,
    encoding: 'utf8',
    env: {
      HOME: temporary,
      XDG_CACHE_HOME: temporary,
      RUNNER_TEMP: temporary,
      ...env,
      PATH: [installed(), env['PATH'], dirname(process.execPath), process.env['PATH']]
        .filter(Boolean)
        .join(delimiter),
    },
  });
  return { code: ran.status, out: ran.stdout, err: ran.stderr, temporary };
}
/** What a step without `shell:` runs in, and what `shell: bash` means. */
const PLAIN = ['bash', '-e'];
const BASH = ['bash', '--noprofile', '--norc', '-eo', 'pipefail'];

test('GitHub: a pull request is judged by its target, and by what it changed', () => {
  const { folder } = pullRequest();
  const script = step(workflow.jobs['scan']!.steps, 'Scan').run!;
  const ran = sh(script, { shell: PLAIN, cwd: folder, env: { GITHUB_BASE_REF: 'main' } });
  assert.equal(ran.code, 1, ran.out + ran.err);
  assert.match(ran.out, /^::error [^\n]*file=deploy\/new\.yaml/m);
  assert.doesNotMatch(ran.out, /file=old\.yaml/);
  const comment = readFileSync(join(ran.temporary, 'rampart', 'comment.md'), 'utf8');
  assert.match(comment, /^<!-- rampart/, 'by which the next run finds it');
  assert.match(comment, /deploy\/new\.yaml/);

  execFileSync('git', ['checkout', '-q', 'main'], { cwd: folder });
  const pushed = sh(script, { shell: PLAIN, cwd: folder, env: { GITHUB_BASE_REF: '' } });
  assert.deepEqual([pushed.code, /file=old\.yaml/.test(pushed.out)], [1, true], pushed.out + pushed.err);
});

test('GitHub: the action passes paths and arguments on as they are', () => {
  const { folder } = pullRequest();
  const { run: script, env } = step(action.runs.steps, 'Scan');
  assert.deepEqual(Object.keys(env!).sort(), ['ARGS', 'COMMENT', 'PATHS', 'ROOT', 'SARIF']);
  const output = join(folderWith({}), 'output');
  writeFileSync(output, '');
  const given = { ROOT, GITHUB_BASE_REF: 'main', GITHUB_OUTPUT: output, COMMENT: 'c.md', SARIF: 's.sarif' };
  const ran = sh(script!, {
    shell: BASH,
    cwd: folder,
    env: { ...given, PATHS: 'deploy\n\n', ARGS: '--fail-on\ncritical\n--select\nid=pss-privileged' },
  });
  assert.deepEqual([ran.code, readFileSync(output, 'utf8')], [1, 'exit-code=1\n'], ran.out + ran.err);
  assert.ok(existsSync(join(folder, 'c.md')) && existsSync(join(folder, 's.sarif')));
  const hostile = sh(script!, {
    shell: BASH,
    cwd: folder,
    env: { ...given, PATHS: '$(touch proof)\n--policies=nothing', ARGS: '', COMMENT: '', SARIF: '' },
  });
  assert.deepEqual([hostile.code, existsSync(join(folder, 'proof'))], [2, false]);
});

test('GitHub: the comment is written once, and then anew', { skip: skipWithoutTools }, () => {
  const { run: script } = step(workflow.jobs['comment']!.steps, 'Write the comment, or write it anew');
  const state = folderWith({ 'comment.md': '<!-- rampart -->\nfirst' });
  const programs = folderWith({});
  cpSync(join(import.meta.dirname, 'gh.mjs'), join(programs, 'gh.mjs'));
  writeFileSync(
    join(programs, 'gh'),
    `#!/bin/sh\nexec '${process.execPath}' '${join(programs, 'gh.mjs')}' "$@"\n`,
  );
  chmodSync(join(programs, 'gh'), 0o755);
  const comments = join(state, 'comments.json');
  const strangers = [
    { id: 1, user: { login: 'mallory' }, body: '<!-- rampart --> mine' },
    { id: 2, user: { login: 'github-actions[bot]' }, body: 'coverage' },
  ];
  writeFileSync(comments, JSON.stringify(strangers));
  const env = {
    PATH: programs,
    GITHUB_REPOSITORY: 'shop/site',
    NUMBER: '7',
    COMMENTS: comments,
    GOJQ: pathOf('gojq'),
  };
  const all = () => JSON.parse(readFileSync(comments, 'utf8')) as { id: number; body: string }[];
  const post = () => sh(script!, { shell: PLAIN, cwd: state, env });
  assert.equal(post().code, 0);
  assert.deepEqual(all(), [
    ...strangers,
    { id: 3, user: { login: 'github-actions[bot]' }, body: '<!-- rampart -->\nfirst' },
  ]);
  writeFileSync(join(state, 'comment.md'), '<!-- rampart -->\nsecond');
  assert.equal(post().code, 0);
  assert.deepEqual(
    all().map(({ body }) => body),
    [...strangers.map(({ body }) => body), '<!-- rampart -->\nsecond'],
  );
});

test('GitLab: a merge request is judged by its target, and by what it changed', () => {
  const pipeline: { rampart: { script: string[] } } = yaml(PIPELINE);
  const { folder } = pullRequest();
  const script = pipeline.rampart.script.join('\n');
  const env = { CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main' };
  const ran = sh(script, { shell: ['sh', '-e'], cwd: folder, env });
  assert.equal(ran.code, 1, ran.out + ran.err);
  const report = JSON.parse(readFileSync(join(folder, 'gl-code-quality-report.json'), 'utf8')) as {
    location: { path: string };
  }[];
  assert.ok(report.length > 0);
  assert.ok(
    report.every(({ location }) => location.path === 'deploy/new.yaml' || location.path === 'rampart.yaml'),
  );
  assert.match(readFileSync(join(folder, 'rampart-junit.xml'), 'utf8'), /<testsuite/);
});

test('pre-commit: only manifests are named, and nothing to scan is no mistake', {
  skip: skipWithoutTools,
}, () => {
  const [hook] = yaml(HOOKS) as { id: string; entry: string; files: string; require_serial: boolean }[];
  const config = {
    repos: [{ repo: 'local', hooks: [{ ...hook, language: 'system' }] }],
  };
  const repo = repository({ '.pre-commit-config.yaml': JSON.stringify(config), 'a.txt': 'x' });
  mkdirSync(join(repo.folder, 'deploy'));
  const hooks = (files: Record<string, string>) => {
    repo.write(files);
    repo.git('add', '-A');
    return sh(`'${pathOf('pre-commit')}' run --color never`, { shell: PLAIN, cwd: repo.folder, env: {} });
  };
  const plainText = hooks({ 'a.txt': 'y' });
  assert.deepEqual([plainText.code, /no files to check/.test(plainText.out)], [0, true], plainText.out);
  assert.equal(hooks({ 'package.json': '{}' }).code, 0);
  const bad = hooks({ 'deploy/a.yaml': PRIVILEGED });
  assert.deepEqual([bad.code, /pss-privileged/.test(bad.out)], [1, true], bad.out);
});
