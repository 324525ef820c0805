import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admissionReview } from '../../test/fakes/review.ts';
import type { DecisionRecord, Exemption, JsonMap, StageEntry } from '../model/index.ts';
import {
  binding,
  discovery,
  mutating,
  mutatingBinding,
  pod,
  policies,
  schemas,
  vap,
} from '../policy/fixture.ts';
import { createEvaluator } from '../policy/index.ts';
import {
  type AdmissionGateOptions,
  type AskedElsewhere,
  createAdmissionGate,
  createTally,
  type GateReply,
} from './index.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');

const PRIVILEGED = vap(
  `  validations:
    - expression: "object.spec.containers.all(c, !has(c.securityContext) || c.securityContext.privileged != true)"
      message: privileged containers are forbidden`,
);

interface Given {
  readonly text?: string;
  readonly stages?: Record<string, readonly StageEntry[]>;
  readonly exemptions?: readonly Exemption[];
  readonly observed?: readonly string[];
  readonly unaccepted?: Record<string, readonly string[]>;
  readonly options?: Partial<AdmissionGateOptions>;
}

function gateOf({
  text = PRIVILEGED,
  stages = {},
  exemptions = [],
  observed = [],
  unaccepted = {},
  options = {},
}: Given = {}) {
  const set = policies(text);
  assert.deepEqual(set.problems, []);
  const records: DecisionRecord[] = [];
  const tally = createTally();
  const gate = createAdmissionGate({
    tally,
    snapshot: {
      digest: 'sha256:00',
      policies: set.policies,
      evaluator: createEvaluator(set, { discovery, schemas }),
      stages,
      tiers: { default: 'high', namespaces: { shop: 'low' } },
      exemptions,
      observed: new Set(observed),
      unaccepted,
      digests: new Map([['p', 'sha256:11']]),
    },
    parse: (body) => JSON.parse(body.toString()),
    namespaceLabels: () => ({}),
    record: (record) => records.push(record),
    elsewhere: NOBODY_ELSE,
    now: () => NOW,
    ...options,
  });
  return { gate, records, tally };
}

const NOBODY_ELSE: AskedElsewhere = { ask: async () => undefined, change: async () => undefined };

const CULPRIT = pod({
  spec: { containers: [{ name: 'app', image: 'a', securityContext: { privileged: true } }] },
});

function review(of: JsonMap = {}): JsonMap {
  return admissionReview({ object: CULPRIT, ...of });
}

interface Response {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
  readonly patch?: string;
}

async function ask(
  { gate }: ReturnType<typeof gateOf>,
  of: JsonMap = {},
  kind: 'validate' | 'mutate' = 'validate',
): Promise<Response> {
  const reply = await replyTo(gate, JSON.stringify(review(of)), kind);
  assert.equal(reply.status, 200, reply.body);
  const { apiVersion, kind: is, response } = JSON.parse(reply.body);
  assert.deepEqual([apiVersion, is, response.uid], ['admission.k8s.io/v1', 'AdmissionReview', 'u-1']);
  return response;
}

async function replyTo(
  gate: ReturnType<typeof gateOf>['gate'],
  body: string,
  kind: 'validate' | 'mutate' = 'validate',
): Promise<GateReply> {
  const job = gate.accept(kind, Buffer.from(body));
  return 'run' in job ? await job.run() : job;
}

const ENFORCED = { p: [{ stage: 'enforce' }] } as const;

test('a policy without a stage audits: it is allowed, recorded, and annotated', async () => {
  const given = gateOf();
  const { allowed, warnings, auditAnnotations } = await ask(given);
  assert.equal(allowed, true);
  assert.equal(warnings, undefined);
  assert.deepEqual(JSON.parse(auditAnnotations!['outcomes']!), [
    {
      policy: 'p',
      digest: 'sha256:11',
      validation: 'validations[0]',
      verdict: 'violation',
      stage: 'audit',
      effect: 'audit',
      reason: 'validation-failed',
    },
  ]);
  assert.equal(auditAnnotations!['snapshot'], 'sha256:00');
  assert.deepEqual(
    given.records.map(({ answer, user, tier, outcomes }) => [answer, user, tier, outcomes.length]),
    [['allow', 'alice', 'low', 1]],
  );
});

test('warned about, it would violate; enforced, it violates, and the denial says what to do', async () => {
  const warned = await ask(gateOf({ stages: { p: [{ stage: 'warn' }] } }));
  assert.equal(warned.allowed, true);
  assert.deepEqual(warned.warnings, [
    'would violate p at spec.containers[0].securityContext.privileged: privileged containers are forbidden',
  ]);
  const denied = await ask(gateOf({ stages: ENFORCED }));
  assert.equal(denied.allowed, false);
  assert.deepEqual([denied.status!.code, denied.status!.reason], [422, 'Invalid']);
  assert.equal(
    denied.status!.message,
    'violates p at spec.containers[0].securityContext.privileged: privileged containers are forbidden\n' +
      '  To be exempted: propose a PolicyExemption of p in namespace shop.',
  );
});

test('a binding that only audits denies nothing, whatever the stage', async () => {
  const given = gateOf({ text: PRIVILEGED + binding('  validationActions: [Audit]'), stages: ENFORCED });
  assert.equal((await ask(given)).allowed, true);
});

test('stages hold in their scope, the last that does', async () => {
  const stages = (scope: StageEntry['scope']) => ({
    p: [{ stage: 'audit' }, { stage: 'enforce', ...(scope === undefined ? {} : { scope }) }] as StageEntry[],
  });
  const allowed = async (scope: StageEntry['scope']) =>
    (await ask(gateOf({ stages: stages(scope) }))).allowed;
  assert.equal(await allowed({ tiers: ['low'] }), false);
  assert.equal(await allowed({ tiers: ['medium', 'high'] }), true);
  assert.equal(await allowed({ namespaces: ['sh*'] }), false);
  assert.equal(await allowed({ namespaces: ['*p*s'] }), true);
  assert.equal(await allowed({ percent: 100 }), false);
  assert.equal(await allowed({ percent: 0 }), true);
});

test('an object raises its own tier, and never lowers it', async () => {
  const given = gateOf({ stages: { p: [{ stage: 'enforce', scope: { tiers: ['low'] } }] } });
  const labelled = (tier: string) => ({
    ...CULPRIT,
    metadata: { name: 'web', labels: { 'rampart.dev/tier': tier } },
  });
  assert.equal((await ask(given, { object: labelled('high') })).allowed, true);
  const high = gateOf({ stages: { p: [{ stage: 'enforce', scope: { tiers: ['high'] } }] } });
  assert.equal((await ask(high, { object: labelled('low'), namespace: 'bank' })).allowed, false);
});

const EXEMPTION: Exemption = {
  name: 'e',
  namespace: 'shop',
  policy: 'p',
  validations: [],
  kinds: ['Pod'],
  names: ['web'],
  reason: 'r',
  ticket: undefined,
  expires: '2026-11-26',
  origin: { file: 'e.yaml', line: 1, column: 1 },
};

test('an exemption excuses what it names, is seen, ends, and does not reach into other namespaces or subresources', async () => {
  const given = (exemption: Partial<Exemption>) =>
    gateOf({ stages: ENFORCED, exemptions: [{ ...EXEMPTION, ...exemption }] });
  const excused = given({});
  assert.equal((await ask(excused)).allowed, true);
  assert.deepEqual(
    excused.records[0]!.outcomes.map(({ verdict, effect }) => [verdict, effect]),
    [['exempted', 'none']],
  );
  assert.equal((await ask(given({ expires: '2026-11-25' }))).allowed, false);
  assert.equal((await ask(given({ namespace: 'bank' }))).allowed, false);
  assert.equal((await ask(given({ names: ['we'] }))).allowed, false);
  const everywhere = vap(
    '  validations: [{expression: "false"}]',
    '{apiGroups: [""], apiVersions: [v1], resources: ["pods/*"], operations: ["*"]}',
  );
  const sub = gateOf({ text: everywhere, stages: ENFORCED, exemptions: [EXEMPTION] });
  assert.equal((await ask(sub, { subResource: 'ephemeralcontainers', operation: 'UPDATE' })).allowed, false);
});

test('what is only observed denies nothing', async () => {
  const given = gateOf({ stages: ENFORCED, observed: ['p'] });
  assert.equal((await ask(given)).allowed, true);
  assert.equal(given.records.length, 1);
});

test('a dry run is counted by itself and leaves no trace', async () => {
  const given = gateOf({ stages: ENFORCED });
  assert.equal((await ask(given, { dryRun: true })).allowed, false);
  const { dryRuns, requests, policies: counts } = given.tally.counts;
  assert.deepEqual([dryRuns, requests, given.records.length], [1, 0, 0]);
  assert.deepEqual(Object.keys(counts), []);
});

test('passes are counted, too', async () => {
  const given = gateOf();
  await ask(given, { object: pod() });
  await ask(given);
  assert.deepEqual(given.tally.counts.policies['p'], {
    pass: 1,
    violation: 1,
    error: 0,
    exempted: 0,
    denied: 0,
    warned: 0,
  });
});

test('an error follows the failure policy and the stage', async () => {
  const text = (rule: string) =>
    vap(`  failurePolicy: ${rule}\n  validations: [{expression: "object.spec.nothing == 1"}]`);
  assert.equal((await ask(gateOf({ text: text('Fail'), stages: ENFORCED }))).allowed, false);
  assert.equal((await ask(gateOf({ text: text('Ignore'), stages: ENFORCED }))).allowed, true);
  assert.equal((await ask(gateOf({ text: text('Fail') }))).allowed, true);
});

const PASSED = { findings: [], passed: ['p'], annotations: { 'p/seen': 'yes' } };

test('who took too long is asked about elsewhere; without an answer the failure rule decides', async () => {
  const asked: string[][] = [];
  const options = (found: 'pass' | undefined): Partial<AdmissionGateOptions> => ({
    holdMs: 0,
    elsewhere: {
      ...NOBODY_ELSE,
      ask: async (_, ids) => {
        asked.push([...ids]);
        return found === 'pass' ? PASSED : undefined;
      },
    },
  });
  const dear = vap(
    '  validations: [{expression: "[1,2,3,4,5,6,7,8,9].all(a, [1,2,3,4,5,6,7,8,9].all(b, [1,2,3,4,5,6,7,8,9].all(c, [1,2,3,4,5,6,7,8,9].all(d, [1,2,3,4,5,6,7,8,9].all(e, a + b + c + d + e > 0)))))"}]',
  );
  const passing = gateOf({ text: dear, stages: ENFORCED, options: options('pass') });
  const passed = await ask(passing);
  assert.equal(passed.allowed, true);
  assert.equal(passed.auditAnnotations!['annotations'], '[["p/seen","yes"]]', 'what was published there');
  assert.equal(passing.tally.counts.policies['p']!.pass, 1, 'what passed there counts once');
  const denied = await ask(gateOf({ text: dear, stages: ENFORCED, options: options(undefined) }));
  assert.equal(denied.allowed, false);
  assert.match(denied.status!.message, /^cannot be checked by p: it took longer/);
  assert.deepEqual(asked, [['p'], ['p']]);
});

test('mutations are made where they are enforced, and nowhere else', async () => {
  const text =
    mutating(`  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration: {expression: 'Object{metadata: Object.metadata{labels: {"team": "shop"}}}'}`) +
    mutatingBinding();
  const audited = await ask(gateOf({ text }), { object: pod() }, 'mutate');
  assert.deepEqual([audited.allowed, audited.patch], [true, undefined]);
  const { patch } = await ask(
    gateOf({ text, stages: { m: [{ stage: 'enforce' }] } }),
    { object: pod() },
    'mutate',
  );
  assert.deepEqual(JSON.parse(Buffer.from(patch!, 'base64').toString()), [
    { op: 'add', path: '/metadata/labels', value: { team: 'shop' } },
  ]);
  const pending = { text, stages: { m: [{ stage: 'enforce' } as const] }, unaccepted: { m: ['mutation'] } };
  const held = await ask(gateOf(pending), { object: pod() }, 'mutate');
  assert.deepEqual([held.allowed, held.patch], [true, undefined], 'not accepted by the lock as it is');
});

test('a change that is made again each time is named', async () => {
  const text =
    mutating(`  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration: {expression: 'Object{metadata: Object.metadata{labels: {"n": object.metadata.?labels.?n.orValue("") + "x"}}}'}`) +
    mutatingBinding();
  const { allowed, warnings } = await ask(
    gateOf({ text, stages: { m: [{ stage: 'enforce' }] } }),
    { object: pod() },
    'mutate',
  );
  assert.equal(allowed, true);
  assert.match(warnings![0]!, /m: its change is not idempotent/);
});

test('what is no review is refused, never allowed', async () => {
  const { gate } = gateOf();
  const { request } = review() as { request: JsonMap };
  const bad: unknown[] = [
    null,
    [],
    {},
    { ...review(), apiVersion: 'admission.k8s.io/v1beta1' },
    { ...review(), kind: 'Pod' },
    { ...review(), request: null },
    ...[
      { uid: '' },
      { uid: 1 },
      { operation: 'create' },
      { kind: null },
      { resource: { group: '', version: 'v1' } },
      { object: [] },
      { object: null },
      { userInfo: null },
      { userInfo: { groups: 'system:masters' } },
      { userInfo: { extra: { a: 'b' } } },
      { dryRun: 'false' },
      { namespace: 7 },
      { subResource: {} },
    ].map((of) => ({ ...review(), request: { ...request, ...of } })),
  ];
  for (const value of bad) {
    const { status, body } = await replyTo(gate, JSON.stringify(value));
    assert.equal(status, 400, body);
    assert.match(JSON.parse(body).error, /expected/);
  }
  assert.equal((await replyTo(gate, '{')).status, 400);
});

test('hostile names stay text: no control character, no line of their own, no end to it', async () => {
  const text = vap(
    `  validations:
    - expression: "false"
      messageExpression: "'\\u001b[31mred\\u202e ' + object.metadata.name + ' ' + [1,2,3].map(i, object.metadata.name).join(' ')"`,
  );
  const object = { ...pod(), metadata: { name: 'x\u0007"'.repeat(2_000) } };
  const { status } = await ask(gateOf({ text, stages: ENFORCED }), { object });
  assert.ok(status!.message.length <= 4_096);
  assert.doesNotMatch(status!.message, /[\u0000-\u0009\u000b-\u001f\u202e]/);
});
