/** rampart.lock: what an upgrade brings is audit until it is accepted, and stages decide what fails. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderWith, PRIVILEGED, rampart, type Scanned } from './rampart.ts';
import { repository } from './repository.ts';

const ONLY = ['--select', 'id=pss-privileged,workload-cpu-unplanned,pss-host-namespaces'];
const LOCK = 'rampart.lock';

/** A folder with a bad Pod and a lock that accepts all it breaks. */
function locked(): { folder: string; edit: (from: RegExp, to: string) => void } {
  const folder = folderWith({ 'a.yaml': PRIVILEGED });
  const ran = rampart(['lock'], { cwd: folder });
  assert.equal(ran.code, 0, ran.err);
  const edit = (from: RegExp, to: string) => {
    const text = readFileSync(join(folder, LOCK), 'utf8');
    assert.match(text, from);
    writeFileSync(join(folder, LOCK), text.replace(from, to));
  };
  return { folder, edit };
}

function scanIn(folder: string, ...args: string[]) {
  const ran = rampart(['scan', '.', ...ONLY, '--format', 'json', ...args], { cwd: folder });
  assert.notEqual(ran.out, '', ran.err);
  const scanned = { ...ran, ...(JSON.parse(ran.out) as Pick<Scanned, 'results' | 'summary'>) };
  const stage = (id: string) => scanned.results.find(({ policy }) => policy === id)?.stage;
  return { ...scanned, privileged: stage('pss-privileged') };
}

test('what is accepted fails as ever; a check that is new or changed only reports, and says so', () => {
  const { folder, edit } = locked();
  assert.deepEqual(rampart(['lock', '--check'], { cwd: folder }).code, 0);
  const accepted = scanIn(folder);
  assert.deepEqual([accepted.code, accepted.privileged], [1, undefined]);
  edit(/("pss-privileged":\n {4}checks:\n {6}"[^"]*": )"[0-9a-f]+"/, '$1"00000000000000000000000000000000"');
  const changed = scanIn(folder, '--fail-on', 'high');
  assert.deepEqual(
    [changed.code, changed.privileged, changed.summary.staged],
    [0, 'audit', { audit: 1, warn: 0 }],
  );
  const { out } = rampart(['scan', '.', ...ONLY], { cwd: folder });
  assert.match(out, /not in rampart\.lock, so audit only: pss-privileged/);
  assert.match(out, /1 audit only/);
  const check = rampart(['lock', '--check'], { cwd: folder });
  assert.deepEqual([check.code, /^changed {2}pss-privileged\//m.test(check.out)], [1, true]);
  assert.equal(scanIn(folder, '--no-lock').code, 1);
});

test('policies diff says what an upgrade finds, and --accept takes one policy of it', () => {
  const { folder, edit } = locked();
  edit(/ {2}"pss-privileged":\n {4}checks:\n {6}.*\n/, '');
  edit(/ {2}"pss-host-namespaces":\n {4}checks:\n {6}.*\n/, '  "pss-host-namespaces":\n    checks:\n');
  const diff = rampart(['policies', 'diff', LOCK, 'builtin', '.'], { cwd: folder });
  assert.equal(diff.code, 1);
  assert.match(diff.out, /^added {4}pss-privileged \(critical\)$/m);
  assert.match(diff.out, /^changed {2}pss-host-namespaces: host-/m);
  assert.match(diff.out, /a\.yaml:8:\d+ critical \[pss-privileged\]/);
  assert.equal(rampart(['lock', '--accept', 'pss-privileged'], { cwd: folder }).code, 0);
  const rest = rampart(['lock', '--check'], { cwd: folder });
  assert.match(rest.out, /^added {4}pss-host-namespaces\/\S+\n.* 1 added, 0 changed, 0 gone\n$/);
  assert.deepEqual(rampart(['lock', '--accept', 'nobody'], { cwd: folder }).code, 2);
});

test('stages of the lock decide: audit reports, warn annotates, enforce fails whatever --fail-on says', () => {
  const { folder, edit } = locked();
  edit(/"pss-privileged":\n/, '"pss-privileged":\n    stage: warn\n');
  const warned = scanIn(folder, '--fail-on', 'high');
  assert.deepEqual([warned.code, warned.privileged, warned.summary.staged.warn], [0, 'warn', 1]);
  edit(/stage: warn/, 'stage: enforce');
  const enforced = scanIn(folder, '--fail-on', 'critical');
  assert.deepEqual([enforced.code, enforced.privileged, enforced.summary.failing], [1, 'enforce', 1]);
  assert.equal(scanIn(folder, '--fail-on', 'none').code, 0);
  rampart(['lock'], { cwd: folder });
  assert.match(
    readFileSync(join(folder, LOCK), 'utf8'),
    /stage: enforce/,
    'a stage is a decision, and stays',
  );
});

test('the Pod Security Standards stay at the version of the lock, unless the call says otherwise', () => {
  const { folder, edit } = locked();
  edit(/"v1\.37"/, '"v1.20"');
  const restricted = ['--select', 'framework=pss-restricted'];
  const ran = (...args: string[]) => {
    const { out } = rampart(['scan', '.', '--format', 'json', ...restricted, ...args], { cwd: folder });
    return (JSON.parse(out) as Scanned).results.some(
      ({ policy }) => policy === 'pss-capabilities-restricted',
    );
  };
  assert.deepEqual([ran(), ran('--set', 'pss.version=latest'), ran('--no-lock')], [false, true, true]);
});

test('a lock counts for folders below it, as the trusted commit has it', () => {
  const repo = repository({ 'deploy/a.yaml': PRIVILEGED });
  rampart(['lock'], { cwd: repo.folder });
  repo.commit({});
  const deploy = join(repo.folder, 'deploy');
  const text = readFileSync(join(repo.folder, LOCK), 'utf8');
  repo.write({ [LOCK]: text.replace('"pss-privileged":\n', '"pss-privileged":\n    stage: audit\n') });
  assert.equal(scanIn(deploy).privileged, 'audit');
  const trusted = scanIn(deploy, '--trust', 'main');
  assert.deepEqual([trusted.code, trusted.privileged], [1, undefined]);
  const gate = trusted.results.find(({ policy }) => policy === 'gate-changed')!;
  assert.deepEqual([gate.origin.file, gate.stage], ['../rampart.lock', undefined]);
});

test('a lock that cannot be read is an error with its place', () => {
  const { folder, edit } = locked();
  edit(/version: 1/, 'version: 2');
  const { code, err } = rampart(['scan', '.'], { cwd: folder });
  assert.deepEqual([code, /rampart\.lock:3:1: version must be 1/.test(err)], [2, true], err);
  edit(/version: 2/, 'version: 1\nversion: 1');
  assert.match(
    rampart(['scan', '.'], { cwd: folder }).err,
    /rampart\.lock:4:1: the key "version" is given twice/,
  );
  assert.match(rampart(['scan', '.', '--lock', 'none'], { cwd: folder }).err, /there is no file none/);
});
