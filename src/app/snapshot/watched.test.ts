import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resource, SnapshotContent } from '../../model/index.ts';
import { readManifest } from '../../sources/index.ts';
import { compileSnapshot } from './compile.ts';
import { contentText, documentOf } from './content.ts';
import { stagesOf } from './stages.ts';
import { type LastGood, withWatched, withWatchedAside } from './watched.ts';

const hardening = (name: string, expression: string, severity = 'high') => `apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: ${name}, resourceVersion: "12", managedFields: []}
spec:
  title: Something
  severity: ${severity}
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations: [{name: a, expression: "${expression}", message: No.}]
status: {seen: 3}
`;
const vap = (expression: string) => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: vap}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations: [{expression: "${expression}"}]
`;
const BINDING = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: vap}
spec: {policyName: vap, validationActions: [Deny]}
`;

function objects(...texts: readonly string[]): Resource[] {
  return texts.flatMap((text) => readManifest(text, { file: 'cluster' }).resources);
}

function given(...texts: readonly string[]): SnapshotContent {
  const resources = texts.flatMap((text, i) => readManifest(text, { file: `${i}.yaml` }).resources);
  return {
    format: 1,
    settings: { 'pss.version': 'v1.37', 'kubernetes.version': 'v1.37' },
    documents: resources.map((resource) => documentOf(resource, true)),
    policies: resources.map(({ ref }) => ref.name),
    severities: {},
    stages: {},
    tiers: { default: 'high', namespaces: {} },
    podPaths: [],
    namespace: 'default',
  };
}

const NONE: LastGood = new Map();
const options = {
  now: 1_800_000_000_000,
  stages: [{ select: ['severity=critical'], stage: 'enforce' as const }],
};

function outcome(content: SnapshotContent, watched: readonly Resource[], lastGood = NONE) {
  const result = withWatched(content, watched, lastGood, options);
  assert.deepEqual(result.compiled.problems, []);
  return {
    ...result,
    decides: result.compiled.set.policies.map(({ id }) => id),
    observes: result.compiled.observed.policies.map(({ id }) => id),
    refusals: result.refused.map(({ ref, stays }) => `${ref.kind}/${ref.name}${stays ? ' stays' : ''}`),
  };
}

test('policies of ours decide, with the stages of the configuration; those of others are observed', () => {
  const { decides, observes, content, refusals } = outcome(
    given(hardening('a', 'true')),
    objects(hardening('b', 'true', 'critical'), vap('true'), BINDING),
  );
  assert.deepEqual([decides, observes, refusals], [['a', 'b'], ['vap'], []]);
  assert.deepEqual(content.stages, { b: [{ stage: 'enforce' }] });
  const watched = content.documents.find(({ origin }) => origin.file.startsWith('cluster:'));
  assert.doesNotMatch(watched!.text, /resourceVersion|managedFields|status/);
});

test('an observed policy that nothing binds has no effect, and is no fault', () => {
  const unbound = vap('true').replace('spec:\n', 'spec:\n  paramKind: {apiVersion: v1, kind: ConfigMap}\n');
  assert.deepEqual(outcome(given(), objects(vap('true'))).observes, []);
  assert.deepEqual(outcome(given(), objects(unbound)).refusals, []);
});

test('what the configuration gives decides as it is there; of another engine it is observed instead', () => {
  const same = outcome(given(hardening('a', 'true')), objects(hardening('a', 'true')));
  assert.deepEqual([same.decides, same.refusals], [['a'], []]);
  const other = outcome(given(hardening('a', 'true')), objects(hardening('a', 'false')));
  assert.deepEqual([other.decides, other.refusals], [['a'], ['HardeningPolicy/a']]);
  assert.match(other.refused[0]!.detail, /0\.yaml:1/);
  const both = outcome(given(vap('true'), BINDING), objects(vap('true'), BINDING));
  assert.deepEqual([both.decides, both.observes], [[], ['vap']]);
  const taken = outcome(given(vap('true'), BINDING), objects(hardening('vap', 'true')));
  assert.deepEqual([taken.decides, taken.refusals], [['vap'], ['HardeningPolicy/vap']]);
  assert.equal(taken.compiled.set.policies[0]!.dialect, 'vap');
});

test('a bad one is refused alone, and its last good form stays', () => {
  const good = outcome(
    given(),
    objects(hardening('a', 'true'), hardening('b', 'true'), vap('true'), BINDING),
  );
  assert.deepEqual(good.decides, ['a', 'b']);
  const bad = outcome(
    given(),
    objects(hardening('a', 'tru'), hardening('b', 'false'), hardening('c', '1 +'), vap('nothing'), BINDING),
    good.lastGood,
  );
  assert.deepEqual(bad.decides, ['a', 'b']);
  assert.deepEqual(bad.observes, ['vap']);
  assert.deepEqual(bad.refusals.sort(), [
    'HardeningPolicy/a stays',
    'HardeningPolicy/c',
    'ValidatingAdmissionPolicy/vap stays',
  ]);
  assert.match(contentText(bad.content), /\\"expression\\":\\"false\\"/);
  const gone = outcome(given(), objects(hardening('b', 'false')), bad.lastGood);
  assert.deepEqual([gone.decides, gone.refusals], [['b'], []]);
});

test('a constraint is not blamed for its template', () => {
  const template = (expression: string) => `apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: needslabel}
spec:
  crd: {spec: {names: {kind: NeedsLabel}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      code:
        - engine: K8sNativeValidation
          source: {validations: [{expression: "${expression}", message: No.}]}
`;
  const constraint = `apiVersion: constraints.gatekeeper.sh/v1beta1
kind: NeedsLabel
metadata: {name: pods}
spec: {match: {kinds: [{apiGroups: [""], kinds: [Pod]}]}}
`;
  const good = outcome(given(), objects(template('true'), constraint));
  assert.equal(good.observes.length, 1);
  const bad = outcome(given(), objects(template('nothing'), constraint), good.lastGood);
  assert.equal(bad.observes.length, 1);
  assert.deepEqual(bad.refusals, ['ConstraintTemplate/needslabel stays']);
  const first = outcome(given(), objects(template('nothing'), constraint));
  assert.deepEqual(first.observes, []);
});

test('exemptions of the cluster, and what cannot be run, are refused', () => {
  const exemption = `apiVersion: rampart.dev/v1
kind: PolicyExemption
metadata: {name: x, namespace: shop}
spec: {policy: a, match: {kinds: [Pod], names: [web]}, reason: r, expires: "2999-01-01"}
`;
  const mutation = `apiVersion: mutations.gatekeeper.sh/v1
kind: Assign
metadata: {name: assign}
spec: {}
`;
  const { refusals, compiled } = outcome(given(), objects(exemption, mutation));
  assert.deepEqual([refusals, compiled.exemptions], [['PolicyExemption/x', 'Assign/assign'], []]);
});

test('added aside it is the same', async () => {
  const watched = objects(hardening('a', 'true'), hardening('b', 'tru'), vap('true'), BINDING);
  const aside = await withWatchedAside(given(), watched, NONE, options);
  assert.equal(contentText(aside.content), contentText(outcome(given(), watched).content));
});

test('a stage may name a policy that only the cluster has; without a cluster that is a mistake', () => {
  const rules = [{ select: ['id=b'], stage: 'enforce' as const }];
  const own = given(hardening('a', 'true'));
  const { set } = compileSnapshot(own, { now: options.now });
  const says = (inside: readonly string[]) => `stages.${inside.join('.')}`;
  assert.throws(() => stagesOf(rules, set, says), /stages\.0\.select\.0/);
  const awaited: string[] = [];
  assert.deepEqual(stagesOf(rules, set, says, awaited), {});
  assert.match(awaited.join('\n'), /^stages\.0\.select\.0.*It counts once the cluster has such a policy\.$/);
  const watched = objects(hardening('b', 'true'));
  const { content } = withWatched(own, watched, NONE, { ...options, stages: rules });
  assert.deepEqual(content.stages, { b: [{ stage: 'enforce' }] });
  // What names none by id may be misspelt, and is refused anywhere.
  const misspelt = [{ select: ['severity=info'], stage: 'enforce' as const }];
  assert.throws(() => stagesOf(misspelt, set, says, []), /stages\.0\.select/);
});

test('a stage that names policies of both has each of them, whatever else it asks of them', () => {
  const says = (inside: readonly string[]) => `stages.${inside.join('.')}`;
  const own = given(hardening('a', 'true'), hardening('low', 'true', 'low'));
  const { set } = compileSnapshot(own, { now: options.now });
  const watched = objects(hardening('b', 'true'), hardening('c', 'true', 'critical'));
  const staged = (...select: string[]) => {
    const stages = [{ select, stage: 'enforce' as const }];
    const awaited: string[] = [];
    const local = stagesOf(stages, set, says, awaited);
    const { content } = withWatched({ ...own, stages: local }, watched, NONE, { ...options, stages });
    return { local: Object.keys(local), all: Object.keys(content.stages), awaited };
  };
  const both = staged('id=a, b');
  assert.deepEqual([both.local, both.all], [['a'], ['a', 'b']]);
  assert.deepEqual(both.awaited, [
    'stages.0.select.0 id=b: no policy has id "b". Did you mean "a"? It counts once the cluster has such a policy.',
  ]);
  assert.deepEqual(staged('severity=high,critical').all, ['a', 'b', 'c']);
  assert.deepEqual(staged('id=a,b,c', 'severity=critical').all, ['c']);
  assert.deepEqual(staged('id=low,c', 'severity=low').all, ['low']);
  assert.throws(() => staged('id=a,'), /no policy has id ""/);
  assert.throws(() => staged('id=a,b', 'severity=hihg'), /no policy has severity "hihg"/);
  assert.throws(() => stagesOf([{ select: ['id=a,b'], stage: 'warn' }], set, says), /no policy has id "b"/);
});
