/** The built-in library: its own cases, its metadata, its README; and the story that examples/shop tells. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { readFrameworks } from '../src/app/frameworks.ts';
import { testPolicies } from '../src/app/index.ts';
import type { Result } from '../src/model/index.ts';
import { type CompiledPolicy, compilePolicies } from '../src/policy/index.ts';
import { FORMAT_NAMES } from '../src/report/index.ts';
import { readManifest } from '../src/sources/index.ts';

const ROOT = join(import.meta.dirname, '..');
/** Names of checks; test/interop compares them with those of k8s.io/pod-security-admission. */
const PSS = ['pss-baseline', 'pss-restricted'];
const EQUIVALENT = /^(CKV2?_K8S_\d+|KSV-\d{4,5}|C-\d{4}|kube-linter\/[a-z0-9-]+)$/;

let files: string[];
let policies: readonly CompiledPolicy[];

before(() => {
  files = yamlBelow('library/policies').filter((file) => basename(file) === 'policy.yaml');
  policies = compilePolicies(files.flatMap(objectsOf)).policies;
});

test('every folder of the library passes its own cases, and every validation is made to fail by one', () => {
  const { summary, coverage, results } = testPolicies(['library'], { cwd: ROOT, answers: undefined });
  assert.deepEqual(
    results.filter(({ result }) => result !== 'pass').map(({ suite, detail }) => `${suite}: ${detail}`),
    [],
  );
  assert.equal(coverage.failed, coverage.validations);
  assert.deepEqual(coverage.untested, []);
  assert.ok(summary.passed > 300);
});

describe('metadata', () => {
  test('an id is the name of the folder', () => {
    const folders = files.map((file) => basename(dirname(file))).sort();
    assert.deepEqual(policies.map(({ id }) => id).sort(), folders);
  });

  test('every policy says what it forbids, what it allows, whose it is and what to change', () => {
    for (const { id, info } of policies) {
      assert.match(info.description ?? '', /^(Forbidden|Required|Since)/, id);
      assert.match(info.description ?? '', /\b(Allowed|Forbidden|exempt|Not looked at)\b/, id);
      assert.ok((info.remediation ?? '').length > 40, id);
      assert.equal(info.owner, 'platform-security', id);
      assert.equal(info.layer, 'kubernetes', id);
    }
  });

  test('every validation has a name and a message that does not hang on the object', () => {
    for (const { id, validations } of policies) {
      for (const { named, message } of validations) {
        assert.ok(named && message !== '', id);
      }
    }
  });

  test('every control that a policy names is known by its title and what counts under it, and no other is', () => {
    const frameworks = readFrameworks();
    const named = new Set<string>();
    for (const { id, info } of policies) {
      for (const [framework, ids] of Object.entries(info.frameworks ?? {})) {
        if (PSS.includes(framework)) continue;
        assert.equal(new Set(ids).size, ids.length, `${id}: ${framework}`);
        for (const control of ids) {
          named.add(`${framework} ${control}`);
          const known = frameworks[framework]?.controls[control];
          assert.ok(known, `${id}: ${framework} ${control} is not in library/frameworks.json`);
          assert.match(known.title, /\S/);
          assert.match(known.counts, /^It .+\.$/, control);
        }
      }
    }
    const known = Object.entries(frameworks).flatMap(([framework, { controls }]) =>
      Object.keys(controls).map((control) => `${framework} ${control}`),
    );
    assert.deepEqual(known.sort(), [...named].sort());
  });

  test('equivalents are spelled as the README says', () => {
    for (const { id, info } of policies) {
      const equivalents = info.equivalents ?? [];
      for (const equivalent of equivalents) assert.match(equivalent, EQUIVALENT, id);
      assert.equal(new Set(equivalents).size, equivalents.length, id);
    }
  });
});

test('the shop has between 20 and 45 findings worth an interruption, and none where care was taken', () => {
  const args = [join(ROOT, 'bin/rampart.cjs'), 'scan', 'examples/shop', '--format', 'json'];
  const { stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  const findings = (JSON.parse(stdout) as { results: Result[] }).results;
  assert.deepEqual(
    findings.filter(({ verdict }) => verdict !== 'violation'),
    [],
  );
  assert.ok(findings.length >= 20 && findings.length <= 45, String(findings.length));
  assert.deepEqual([...new Set(findings.map(({ severity }) => severity))].sort(), [
    'critical',
    'high',
    'low',
    'medium',
  ]);
  const names = new Set(findings.map(({ resource }) => resource?.name));
  for (const clean of [
    'storefront',
    'cart',
    'sessions',
    'price-sync',
    'default-deny',
    'databases-from-the-shop',
  ]) {
    assert.ok(!names.has(clean), clean);
  }
});

test('no report shows a secret of the shop', () => {
  const secrets = ['fc-example', 'whs-example', 'backup-example'];
  for (const format of FORMAT_NAMES) {
    const args = [
      join(ROOT, 'bin/rampart.cjs'),
      'scan',
      'examples/shop',
      '--fail-on',
      'none',
      '--format',
      format,
    ];
    const { stdout, status } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    assert.equal(status, 0);
    assert.match(stdout, /workload-secret-in-env/);
    for (const secret of secrets) assert.ok(!stdout.includes(secret), `${secret} in ${format}`);
  }
});

function yamlBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name))
    .sort();
}

function objectsOf(file: string) {
  return readManifest(readFileSync(join(ROOT, file)), { file, named: true }).resources;
}
