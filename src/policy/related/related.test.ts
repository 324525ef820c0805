import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonMap } from '../../model/index.ts';
import { createEvaluator } from '../evaluate/evaluator.ts';
import { discovery, documents, policies, problemsOf } from '../fixture.ts';
import type { PolicySet } from '../load.ts';
import { isWanted, relativeOf, wantedBy } from './relative.ts';
import { type Coverage, createSurroundings } from './surroundings.ts';

const OPEN: Coverage = { kind: 'open', detail: 'there may be others' };

/** A policy on ConfigMaps with lookups; `spec` is YAML indented by two. */
function looking(spec: string, name = 'p'): string {
  return `
apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: ${name}}
spec:
  title: t
  severity: low
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: ["*"]}]
${spec}
`;
}

interface Options {
  readonly coverage?: Coverage;
  readonly order?: 'reversed';
}

/** `verdict: detail` of what the policies say of each ConfigMap. */
function verdicts(set: PolicySet, text: string, { coverage = OPEN, order }: Options = {}): string[] {
  assert.deepEqual(set.problems, []);
  const objects = documents(text, 'objects.yaml');
  const wanted = wantedBy(set.policies);
  const first = createEvaluator(set, { discovery });
  const begun = objects.map((object) => first.begin(object));
  const relatives = begun
    .map(({ resource, request }) => relativeOf(wanted, resource, request))
    .filter((relative) => isWanted(wanted, relative));
  const surroundings = createSurroundings(
    order === undefined ? relatives : relatives.reverse(),
    () => coverage,
  );
  const second = createEvaluator(set, { discovery, surroundings }, { passes: true, skips: true });
  return begun
    .filter(({ pending }) => pending)
    .flatMap((one) => second.complete(one))
    .map(({ verdict, detail }) => `${verdict}: ${detail}`);
}

const NAMED = policies(
  looking(`
  related:
    - {name: pods, kinds: [Pod], named: object.data.pod}
  validations:
    - {expression: "related.pods.exists(p, true)", message: no such pod}`),
);

const MAP = (data: string, namespace = 'shop') =>
  `{apiVersion: v1, kind: ConfigMap, metadata: {name: m, namespace: ${namespace}}, data: ${data}}`;
const POD = (name: string, labels = '{}', namespace = 'shop') =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, namespace: ${namespace}, labels: ${labels}}, spec: {containers: []}}`;

test('what is found is found, whatever else there may be', () => {
  assert.deepEqual(verdicts(NAMED, `${MAP('{pod: web}')}\n---\n${POD('web')}`), [
    'pass: all validations hold',
  ]);
});

test('what is not found is not known to be absent, and then it is neither a pass nor a violation', () => {
  assert.deepEqual(verdicts(NAMED, MAP('{pod: web}')), ['skip: there may be others']);
  const elsewhere = `${MAP('{pod: web}')}\n---\n${POD('web', '{}', 'other')}`;
  assert.deepEqual(verdicts(NAMED, elsewhere), ['skip: there may be others']);
});

test('where nothing else can be, it is absent', () => {
  assert.deepEqual(verdicts(NAMED, MAP('{pod: web}'), { coverage: { kind: 'whole' } }), [
    'violation: no such pod',
  ]);
});

test('a violation that rests on the files alone says so', () => {
  assert.deepEqual(verdicts(NAMED, MAP('{pod: web}'), { coverage: { kind: 'defined' } }), [
    'violation: no such pod (going by the files, which define the namespace)',
  ]);
});

test('one that stands whatever else there is does not', () => {
  const set = policies(
    looking(`
  related: [{name: pods, kinds: [Pod]}]
  validations:
    - {expression: "!related.pods.exists(p, p.metadata.name == 'bad')", message: a bad pod}`),
  );
  assert.deepEqual(verdicts(set, `${MAP('{}')}\n---\n${POD('bad')}`, { coverage: { kind: 'defined' } }), [
    'violation: a bad pod',
  ]);
});

test('an object whose file names no namespace may belong to any', () => {
  const unplaced = '{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: []}}';
  assert.deepEqual(
    verdicts(NAMED, `${MAP('{pod: web}')}\n---\n${unplaced}`, { coverage: { kind: 'defined' } }),
    ['skip: objects of the files that name no namespace may belong to it'],
  );
});

test('by labels, in both directions', () => {
  const set = policies(
    looking(`
  related:
    - {name: chosen, kinds: [Pod], selected: object.data.selector}
    - {name: choosers, kinds: [Pod], selecting: object.data.labels, selector: item.spec.selector}
  validations:
    - expression: "!related.chosen.exists(p, true) && !related.choosers.exists(p, true)"
      messageExpression: related.chosen.map(p, p.metadata.name).join(',') + ' ' + related.choosers.map(p, p.metadata.name).join(',')`),
  );
  const pod = (name: string, labels: string, selector: string) =>
    `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, namespace: shop, labels: ${labels}}, spec: {containers: [], selector: ${selector}}}`;
  const text = [
    MAP(
      '{labels: {app: web, tier: front}, selector: {matchLabels: {app: web}, matchExpressions: [{key: old, operator: DoesNotExist}]}}',
    ),
    pod('a', '{app: web}', '{matchLabels: {tier: front}}'),
    pod(
      'b',
      '{app: web, old: "1"}',
      '{matchExpressions: [{key: tier, operator: In, values: [back, front]}]}',
    ),
    pod('c', '{app: db}', '{}'),
    pod('d', '{app: web}', '{app: db}'),
  ].join('\n---\n');
  const expected = ['violation: a,d a,b,c'];
  assert.deepEqual(verdicts(set, text, { coverage: { kind: 'whole' } }), expected);
  assert.deepEqual(verdicts(set, text, { coverage: { kind: 'whole' }, order: 'reversed' }), expected);
});

test('by a key of their own, everywhere, and over lookups above', () => {
  const set = policies(
    looking(`
  related:
    - {name: all, kinds: [Pod], everywhere: true, shares: "[object.metadata.name]", key: "item.spec.?refs.orValue([])"}
    - {name: next, pods: true, everywhere: true, named: "related.all.map(p, p.metadata.name + 'x')"}
  validations:
    - {expression: "!related.next.exists(p, p.labels.?app.orValue('') == 'web')", message: reached}`),
  );
  const a =
    '{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: one}, spec: {containers: [], refs: [n, m]}}';
  assert.deepEqual(
    verdicts(set, [MAP('{}'), a, POD('ax', '{app: web}', 'two')].join('\n---\n'), {
      coverage: { kind: 'whole' },
    }),
    ['violation: reached'],
  );
});

test('a candidate that cannot be read leaves the answer open', () => {
  const set = policies(
    looking(`
  related: [{name: pods, kinds: [Pod], selecting: "{'app': 'web'}", selector: item.spec.selector}]
  validations: [{expression: "related.pods.exists(p, true)", message: none}]`),
  );
  assert.deepEqual(verdicts(set, `${MAP('{}')}\n---\n${POD('a')}`, { coverage: { kind: 'whole' } }), [
    'skip: Pod a cannot be read: no such key: selector',
  ]);
});

test('objects come and go, as in a cluster', () => {
  const set = NAMED;
  const [map, pod] = documents(`${MAP('{pod: web}')}\n---\n${POD('web')}`);
  const evaluatorFor = createEvaluator(set, { discovery });
  const wanted = wantedBy(set.policies);
  const relative = relativeOf(wanted, pod!, evaluatorFor.begin(pod!).request);
  const surroundings = createSurroundings([], () => ({ kind: 'whole' }));
  const evaluator = createEvaluator(set, { discovery, surroundings }, { passes: true });
  const verdict = () => evaluator.scan(map!).map((finding) => finding.verdict);
  assert.deepEqual(verdict(), ['violation']);
  surroundings.put(relative);
  surroundings.put(relative);
  assert.deepEqual(verdict(), ['pass']);
  surroundings.delete(relative);
  assert.deepEqual(verdict(), ['violation']);
});

test('lookups cost what was looked at', () => {
  const set = policies(
    looking(`
  related: [{name: pods, kinds: [Pod]}]
  validations: [{expression: "related.pods.all(p, p.metadata.name != 'x')", message: none}]`),
  );
  const [policy] = set.policies;
  const tight = { ...set, policies: [{ ...policy!, budget: { ...policy!.budget, evaluation: 20 } }] };
  const pods = Array.from({ length: 30 }, (_, i) => POD(`p${i}`)).join('\n---\n');
  assert.match(
    verdicts(tight, `${MAP('{}')}\n---\n${pods}`, { coverage: { kind: 'whole' } })[0]!,
    /^error: .*cost budget/,
  );
});

test('what is wrong with a lookup is refused at load', () => {
  const one = (lookup: string, expression = 'true') =>
    problemsOf(looking(`  related: [${lookup}]\n  validations: [{expression: "${expression}"}]`))[0];
  const wrong: [string, RegExp][] = [
    ['{name: x}', /Either "kinds" or "pods: true"/],
    ['{name: x, kinds: [Pod], pods: true}', /Either "kinds" or "pods: true"/],
    ['{name: x, kinds: [pods]}', /Expected a kind and its group/],
    ['{name: 1x, kinds: [Pod]}', /name "1x"/],
    ['{name: x, kinds: [Pod], named: "\'a\'", selected: "{}"}', /exclude each other/],
    ['{name: x, kinds: [Pod], selecting: "{}"}', /"selecting" needs "selector"/],
    ['{name: x, kinds: [Pod], key: "\'a\'"}', /"key" is given without "shares"/],
    ['{name: x, kinds: [Pod], namespace: "\'a\'", everywhere: true}', /exclude each other/],
    ['{name: x, kinds: [Pod], named: "1"}', /must evaluate to a string or a list of strings, got int/],
    ['{name: x, kinds: [Pod], selected: "\'a\'"}', /must evaluate to a map of labels, got string/],
    ['{name: x, kinds: [Pod], namespace: "1"}', /must evaluate to a string, got int/],
    [
      '{name: x, kinds: [Pod], shares: "\'a\'", key: object.metadata.name}',
      /undeclared reference to 'object'/,
    ],
    ['{name: x, kinds: [Pod], named: related.x}', /undefined field 'x'/],
    ['{name: x, named: "\'a\'"}, {name: x, pods: true}', /A second lookup named "x"|Either "kinds"/],
  ];
  for (const [lookup, message] of wrong) assert.match(one(lookup) ?? 'accepted', message, lookup);
  const pods = '{name: x, pods: true}';
  assert.match(one(pods, 'related.x.exists(p, p.label.size() > 0)') ?? 'accepted', /undefined field 'label'/);
  assert.match(one(pods, 'size(related.x) == 0') ?? 'accepted', /can only be gone through/);
  assert.match(one(pods, 'related.y.exists(p, true)') ?? 'accepted', /undefined field 'y'/);
  assert.equal(one(pods, 'related.x.exists(p, p.labels.size() > 0)'), undefined);
});

test('of objects unlike what expressions expect, an error names the field', () => {
  const data: JsonMap = { pod: 1 };
  assert.deepEqual(verdicts(NAMED, MAP(JSON.stringify(data))), [
    'error: related.pods: named is not a string or a list of strings',
  ]);
});
