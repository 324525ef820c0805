/** `rampart init` in repositories as they come. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { PRIVILEGED, ROOT, rampart, type Scanned } from './rampart.ts';
import { type Repository, repository } from './repository.ts';

const POLICY = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: NAME}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations: [{expression: "object.metadata.name != 'x'"}]
`;
const CHART = {
  'charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'charts/web/values.yaml': '',
  'charts/web/values-prod.yaml': '',
  'charts/web/templates/a.yaml': 'kind: ConfigMap\n',
};

const init = ({ folder }: Repository, ...args: string[]) => rampart(['init', ...args], { cwd: folder });
const text = ({ folder }: Repository, file: string) => readFileSync(join(folder, file), 'utf8');
const version = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;

test('a repository of GitHub: what it holds is in rampart.yaml, and the workflow guards its branch', () => {
  const repo = repository({
    ...CHART,
    'deploy/a.yaml': PRIVILEGED,
    'policies/one.yaml': POLICY.replace('NAME', 'one'),
    'policies/two/policy.yaml': POLICY.replace('NAME', 'two'),
  });
  repo.git('remote', 'add', 'origin', 'git@github.example:shop/site.git');
  repo.git('checkout', '-q', '-b', 'trunk');
  const ran = init(repo);
  assert.equal(ran.code, 0, ran.err);
  assert.match(ran.out, /1 Kubernetes object, 1 chart, 0 kustomizations, policies in\s+policies\n/);
  assert.match(ran.out, /Rulesets/, 'and says how it becomes a gate');
  assert.deepEqual(load(text(repo, 'rampart.yaml')), {
    policies: ['builtin', 'policies'],
    environments: { prod: { helm: { 'charts/web': { values: ['charts/web/values-prod.yaml'] } } } },
  });
  const workflow = text(repo, '.github/workflows/rampart.yml');
  assert.match(workflow, /branches: \["trunk"\]/);
  assert.match(workflow, new RegExp(`RAMPART_VERSION: "${version}"`));
  assert.match(text(repo, '.pre-commit-config.yaml'), new RegExp(`@rampart-dev/rampart@${version}`));
  const scanned = rampart(['scan', 'deploy', '--select', 'id=pss-privileged,one'], { cwd: repo.folder });
  assert.deepEqual([scanned.code, /pss-privileged/.test(scanned.out)], [1, true], scanned.err);
});

test('what exists is kept, entries are added, and a second time nothing changes', () => {
  const hooks = 'repos:\n  - repo: https://hooks.example/x\n    rev: v1\n    hooks: [{id: a}] # ours\n';
  const pipeline = 'include: [{local: other.yml}]\n';
  const own = 'failOn: high\n';
  const repo = repository({
    'a.yaml': PRIVILEGED,
    'rampart.yaml': own,
    '.pre-commit-config.yaml': hooks,
    '.gitlab-ci.yml': pipeline,
  });
  const { out, code } = init(repo);
  assert.equal(code, 0);
  assert.equal(text(repo, 'rampart.yaml'), own);
  assert.ok(text(repo, '.pre-commit-config.yaml').startsWith(hooks));
  assert.match(out, /added to \.pre-commit-config\.yaml/);
  assert.equal(text(repo, '.gitlab-ci.yml'), pipeline, 'a list on one line is for a person to change');
  assert.match(
    out,
    /add by hand to \.gitlab-ci\.yml\n {4}include:\n {6}- local: \.gitlab\/rampart\.gitlab-ci\.yml/,
  );
  repo.commit({});
  init(repo);
  assert.equal(repo.git('status', '--short'), '');
});

test('--dry-run writes nothing; --ci none leaves pipelines alone; --baseline knows what is there', () => {
  const repo = repository({ 'a.yaml': PRIVILEGED });
  const dry = init(repo, '--dry-run', '--ci', 'github');
  assert.match(dry.out, /would write \.github\/workflows\/rampart\.yml/);
  assert.equal(repo.git('status', '--short'), '');
  const known = init(repo, '--ci', 'none', '--baseline');
  assert.equal(known.code, 0, known.err + known.out);
  assert.doesNotMatch(known.out, /no effect/, 'of the rampart.yaml that it wrote');
  assert.deepEqual(
    ['.github', '.gitlab', '.gitlab-ci.yml'].filter((name) => existsSync(join(repo.folder, name))),
    [],
  );
  assert.match(text(repo, 'rampart-baseline.yaml'), /policy: "pss-privileged"/);
  assert.equal(rampart(['scan', '.'], { cwd: repo.folder }).code, 0);
});

test('--baseline beside a rampart.yaml that is there knows what that asks for', () => {
  const repo = repository({
    'a.yaml': PRIVILEGED,
    'rampart.yaml': 'select: [id=workload-default-namespace]\n',
  });
  assert.equal(init(repo, '--ci', 'none', '--baseline').code, 0);
  const known = text(repo, 'rampart-baseline.yaml');
  assert.deepEqual(
    [...known.matchAll(/policy: "([^"]*)"/g)].map(([, id]) => id),
    ['workload-default-namespace'],
  );
});

test('--import-suppressions makes exemptions of what other tools skip, and rampart.yaml names them', () => {
  const pod = PRIVILEGED.replace(
    'metadata: {name: bad}',
    'metadata: {name: bad, namespace: shop, annotations: {checkov.io/skip1: CKV_K8S_16=the vendor asks for it}}',
  );
  const repo = repository({ 'a.yaml': pod });
  const ran = init(repo, '--ci', 'none', '--import-suppressions');
  assert.equal(ran.code, 0, ran.err + ran.out);
  assert.match(text(repo, 'rampart-exemptions.yaml'), /policy: pss-privileged/);
  assert.deepEqual((load(text(repo, 'rampart.yaml')) as { policies: string[] }).policies, [
    'builtin',
    'rampart-exemptions.yaml',
  ]);
  const { out } = rampart(['scan', 'a.yaml', '--format', 'json', '--select', 'id=pss-privileged'], {
    cwd: repo.folder,
  });
  const [result] = (JSON.parse(out) as Scanned).results;
  assert.deepEqual([result!.verdict, /the vendor asks for it/.test(result!.detail)], ['exempted', true]);
  assert.equal(init(repository({ 'a.yaml': pod }), '--dry-run', '--import-suppressions').code, 0);
});
