import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exemption, Reported } from '../model/index.ts';
import type { Said, Suppression } from '../sources/index.ts';
import { exemptionOf, type PlanInput, planExemptions } from './import-plan.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');

function finding(name: string, more: Partial<Reported> = {}): Reported {
  return {
    policy: 'host',
    validation: 'pid',
    severity: 'high',
    verdict: 'violation',
    action: 'deny',
    reason: 'validation-failed',
    detail: '',
    resource: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name },
    origin: { file: 'a.yaml', line: 1, column: 1 },
    fingerprint: '',
    suppressedBy: ['1'],
    ...more,
  };
}

const skip = (more: Partial<Suppression> = {}): Suppression => ({
  tool: 'checkov',
  form: 'id',
  check: 'CKV_K8S_17',
  comment: 'known',
  until: undefined,
  ...more,
});

function plan(results: readonly Reported[], said: readonly Said[] = [skip()], more: Partial<PlanInput> = {}) {
  return planExemptions({
    results,
    suppressions: said.map((one, i) => ({
      key: `${i + 1}`,
      origin: { file: 'a.yaml', line: i + 1, column: 1 },
      said: one,
    })),
    equivalents: new Map([
      [
        'host',
        {
          all: ['CKV_K8S_17', 'CKV_K8S_18', 'C-0038'],
          of: new Map([
            ['pid', ['CKV_K8S_17']],
            ['ipc', ['CKV_K8S_18']],
          ]),
          narrower: new Set(['CKV_K8S_18']),
        },
      ],
      ['other', { all: ['CKV_K8S_99'], of: new Map(), narrower: new Set<string>() }],
    ]),
    evaluated: new Set(['host']),
    exemptions: [],
    now: NOW,
    days: 90,
    ...more,
  });
}

const kinds = (notes: readonly { kind: string }[]) => notes.map(({ kind }) => kind);

test('a finding is exempted by name, and names of one reason share an object', () => {
  const { drafts, findings, notes } = plan([finding('web'), finding('db'), finding('web')]);
  assert.deepEqual(drafts, [
    {
      namespace: 'shop',
      policy: 'host',
      validations: ['pid'],
      kind: 'Pod',
      names: ['db', 'web'],
      reason: 'imported from checkov: known',
      created: '2026-11-26',
      expires: '2027-02-24',
    },
  ]);
  assert.equal(findings, 3);
  assert.deepEqual(notes, []);
});

test('a check of one validation excuses no other, one of all excuses each', () => {
  const ipc = finding('web', { validation: 'ipc' });
  assert.deepEqual(plan([ipc]).drafts, []);
  assert.deepEqual(kinds(plan([ipc]).notes), ['nothing']);
  const both = plan([ipc, finding('web')], [skip({ tool: 'kubescape', check: 'C-0038' })]);
  assert.deepEqual(
    both.drafts.map(({ validations }) => validations),
    [['ipc', 'pid']],
  );
});

test('what a narrower check excuses too much of is said once for each suppression', () => {
  const found = ['web', 'db'].map((name) => finding(name, { validation: 'ipc' }));
  const { drafts, notes } = plan(found, [skip({ check: 'CKV_K8S_18' })]);
  assert.equal(drafts.length, 1);
  assert.deepEqual(
    notes.map(({ kind, check, detail }) => [kind, check, detail]),
    [['narrower', 'CKV_K8S_18', 'host#ipc, 2 findings']],
  );
  const whole = skip({ tool: 'kubescape', check: 'C-0038' });
  const both = found.map((one) => ({ ...one, suppressedBy: ['1', '2'] }));
  assert.deepEqual(plan(both, [skip({ check: 'CKV_K8S_18' }), whole]).notes, []);
});

test('what ends earlier ends then, what has ended is not imported', () => {
  assert.equal(plan([finding('web')], [skip({ until: '2026-12-01' })]).drafts[0]?.expires, '2026-12-01');
  assert.equal(plan([finding('web')], [skip({ until: '2026-11-26' })]).drafts[0]?.expires, '2026-11-26');
  assert.equal(plan([finding('web')], [skip({ until: '2030-01-01' })]).drafts[0]?.expires, '2027-02-24');
  const ended = plan([finding('web')], [skip({ until: '2026-11-25' })]);
  assert.deepEqual([ended.drafts, kinds(ended.notes)], [[], ['expired']]);
});

test('of two the one that counts longer is written, and neither is said to be of no use', () => {
  const said = [skip({ until: '2026-12-01', comment: 'short' }), skip({ comment: 'long' })];
  const { drafts, notes } = plan([finding('web', { suppressedBy: ['1', '2'] })], said);
  assert.deepEqual(
    drafts.map(({ reason }) => reason),
    ['imported from checkov: long'],
  );
  assert.deepEqual(notes, []);
});

test('comments become one visible line', () => {
  const reason = (comment: string) => plan([finding('web')], [skip({ comment })]).drafts[0]!.reason;
  assert.equal(reason('a\n---\nb\u202e\x1b[31m\u200bc'), 'imported from checkov: a --- b [31m c');
  assert.equal(reason(' \n'), 'imported from checkov: no comment');
  assert.equal([...reason('😀'.repeat(500))].length, 'imported from checkov: '.length + 200);
});

test('objects: cluster-scoped, generated, without a name', () => {
  const of = (name: string, namespace = 'shop') =>
    plan([finding('', { resource: { apiVersion: 'v1', kind: 'Pod', namespace, name } })]);
  assert.equal(of('admin', '').drafts[0]?.namespace, 'rampart');
  assert.deepEqual(of('batch-*').drafts[0]?.names, ['batch-*']);
  for (const name of ['', '*', 'a*b', '**']) {
    assert.deepEqual(of(name).drafts, [], name);
    assert.deepEqual(kinds(of(name).notes), ['nameless'], name);
  }
});

test('each suppression that is not simply imported says why', () => {
  const said: Said[] = [
    skip({ check: 'CKV_K8S_1' }),
    skip({ check: 'CKV_K8S_99' }),
    skip({ check: 'CKV_K8S_18' }),
    { tool: 'trivy', fault: 'no' },
    { tool: 'kubescape', check: 'x', unplaceable: 'is far' },
    skip({ form: 'all' }),
  ];
  const { notes } = plan([finding('web', { suppressedBy: ['6'] })], said);
  assert.deepEqual(kinds(notes), ['unreadable', 'wide', 'unplaceable', 'nothing', 'not-selected', 'unknown']);
  assert.equal(notes[4]?.detail, 'other');
});

test('what is exempted stays, and what was is not renewed', () => {
  const exempted = plan([finding('web', { verdict: 'exempted' })]);
  assert.deepEqual([exempted.drafts, exempted.already, exempted.notes], [[], 1, []]);
  const old: Exemption = {
    name: 'old',
    namespace: 'shop',
    policy: 'host',
    validations: [],
    kinds: ['Pod'],
    names: ['web'],
    reason: 'r',
    ticket: undefined,
    expires: '2026-11-25',
    origin: { file: 'e.yaml', line: 1, column: 1 },
  };
  const ended = plan([finding('web')], undefined, { exemptions: [old] });
  assert.deepEqual([ended.drafts, kinds(ended.notes)], [[], ['not-renewed']]);
});

test('an object has a name of its own for its content', () => {
  const [a, b] = [plan([finding('web')]), plan([finding('db')])].map(
    ({ drafts }) => (exemptionOf(drafts[0]!) as { metadata: { name: string } }).metadata.name,
  );
  assert.match(a!, /^host-pod-[0-9a-f]{8}$/);
  assert.notEqual(a, b);
});
