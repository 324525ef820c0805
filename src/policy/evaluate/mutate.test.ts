import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonMap } from '../../model/index.ts';
import {
  CHANGES,
  discovery,
  documents,
  mutating,
  mutatingBinding,
  pod,
  policies,
  request,
  schemas,
} from '../fixture.ts';
import { keepSet, reviveSet } from '../kept.ts';
import type { AdmissionRequest } from '../request.ts';
import type { EvaluationContext } from './context.ts';
import { createEvaluator } from './evaluator.ts';
import type { MutationAnswer } from './mutation-answer.ts';

function run(
  text: string,
  of: Partial<AdmissionRequest> = {},
  context: Partial<EvaluationContext> = {},
): MutationAnswer {
  const set = policies(text);
  assert.deepEqual(set.problems, []);
  return createEvaluator(set, { discovery, schemas, ...context }).mutate(request(of));
}

function jsonPatch(expression: string): string {
  return `{patchType: JSONPatch, jsonPatch: {expression: ${JSON.stringify(expression)}}}`;
}

function apply(expression: string): string {
  return `{patchType: ApplyConfiguration, applyConfiguration: {expression: ${JSON.stringify(expression)}}}`;
}

function policy(name: string, mutations: readonly string[], more = ''): string {
  return (
    mutating(`  mutations: [${mutations.join(', ')}]\n${more}`, CHANGES, name) +
    mutatingBinding('', `b-${name}`, name)
  );
}

/** Adds to a label, so that the order of what happened can be read from it. */
function appends(letter: string): string {
  return apply(
    `Object{metadata: Object.metadata{labels: {'seen': object.metadata.?labels.?seen.orValue('') + '${letter}'}}}`,
  );
}

function seen({ object }: MutationAnswer): unknown {
  const { labels } = object!['metadata'] as { readonly labels?: JsonMap };
  return labels?.['seen'];
}

test('configurations are merged, patches applied, the request itself untouched', () => {
  const original = pod({ metadata: { labels: { a: 'b' } } });
  const answer = run(
    policy('m', [
      apply(`Object{metadata: Object.metadata{labels: {'c': 'd'}}, spec: Object.spec{hostNetwork: false}}`),
      jsonPatch(
        `[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('x/y'), value: object.metadata.labels.c}]`,
      ),
    ]),
    { object: original },
  );
  assert.deepEqual(answer.object, {
    ...original,
    metadata: { ...(original['metadata'] as JsonMap), labels: { a: 'b', c: 'd', 'x/y': 'd' } },
    spec: { ...(original['spec'] as JsonMap), hostNetwork: false },
  });
  assert.deepEqual(original, pod({ metadata: { labels: { a: 'b' } } }));
  assert.deepEqual(
    answer.applied.map(({ mutation, changed, reinvoked }) => [mutation, changed, reinvoked]),
    [
      [0, true, false],
      [1, true, false],
    ],
  );
});

test('a set that was kept mutates as the one it was made of', () => {
  const set = policies(policy('m', [appends('a'), jsonPatch(`[JSONPatch{op: 'test', path: '/x/y'}]`)]));
  const { set: kept, programs } = keepSet(set);
  const revived = reviveSet(JSON.parse(JSON.stringify(kept)), (number) => ({
    packed: () => programs[number]!.packed,
    code: undefined,
  }));
  const [answer, again] = [set, revived].map((each) =>
    createEvaluator(each, { discovery, schemas }).mutate(request()),
  );
  assert.equal(answer!.errors.length, 1);
  assert.deepEqual(again, answer);
});

test('policies go by name, mutations in order, and each sees what those before it made', () => {
  const text =
    policy('c', [appends('c')]) + policy('a', [appends('a'), appends('A')]) + policy('b', [appends('b')]);
  assert.equal(seen(run(text)), 'aAbc');
});

test('variables are evaluated anew for each mutation', () => {
  const label = `object.metadata.?labels.?seen.orValue('')`;
  const text = policy(
    'm',
    [appends('a'), apply(`Object{metadata: Object.metadata{labels: {'seen': variables.seen + '!'}}}`)],
    `  variables: [{name: seen, expression: "${label}"}]`,
  );
  assert.equal(seen(run(text)), 'a!');
});

test('a second round asks those that want it and were asked before the last change, once', () => {
  const again = '  reinvocationPolicy: IfNeeded';
  const text = (name: string, letter: string, more = '') =>
    more === ''
      ? policy(name, [appends(letter)])
      : policy(name, [appends(letter)]).replace('  reinvocationPolicy: Never', more);
  assert.equal(seen(run(text('a', 'a') + text('b', 'b'))), 'ab');
  assert.equal(seen(run(text('a', 'a', again) + text('b', 'b'))), 'aba');
  assert.equal(seen(run(text('a', 'a') + text('b', 'b', again))), 'abb');
  const { applied } = run(text('a', 'a', again));
  assert.deepEqual(
    applied.map(({ reinvoked }) => reinvoked),
    [false, true],
  );
});

test('the second round matches the object as it is by then', () => {
  const text = policy('a', [apply(`Object{metadata: Object.metadata{labels: {'stop': 'x', 'seen': 'a'}}}`)])
    .replace('  reinvocationPolicy: Never', '  reinvocationPolicy: IfNeeded')
    .replace(
      '  matchConstraints:\n',
      '  matchConstraints:\n    objectSelector: {matchExpressions: [{key: stop, operator: DoesNotExist}]}\n',
    );
  assert.equal(run(text).applied.length, 1);
});

test('what fails denies under Fail and is passed over under Ignore; the mutations after it are applied', () => {
  const text = policy('m', [jsonPatch(`[JSONPatch{op: 'remove', path: '/x'}]`), appends('b')]);
  const denied = run(text);
  assert.equal(denied.allowed, false);
  assert.deepEqual(denied.denial, {
    message: `policy 'm' with binding 'b-m' denied request: JSON Patch: error in remove for path: '/x': Unable to remove nonexistent key: x: missing value`,
    reason: 'Invalid',
    code: 403,
  });
  assert.equal(seen(denied), undefined);
  const ignored = run(text.replace('  mutations', '  failurePolicy: Ignore\n  mutations'));
  assert.equal(ignored.allowed, true);
  assert.deepEqual([ignored.errors.length, ignored.errors[0]!.denies, seen(ignored)], [1, false, 'b']);
});

test('an expression that fails says so as the API server does', () => {
  const { denial, errors } = run(policy('m', [apply('Object{metadata: object.nowhere}')]));
  assert.match(
    denial!.message,
    /^policy 'm' with binding 'b-m' denied request: expression 'Object\{metadata: object\.nowhere\}' resulted in error: no such key: nowhere$/,
  );
  assert.deepEqual([errors[0]!.mutation, errors[0]!.reason], [0, 'evaluation-failed']);
  const dear = `Object{metadata: Object.metadata{labels: {'a': string(${'[1,2,3,4,5,6,7,8,9,0].map(a, '.repeat(7)}a${')'.repeat(7)}.size())}}}`;
  assert.equal(run(policy('m', [apply(dear)])).errors[0]!.reason, 'budget-exceeded');
});

test('types of objects must be called after their fields', () => {
  assert.match(
    run(policy('m', [apply('Object{spec: Object.wrong{}}')])).denial!.message,
    /type mismatch: unexpected type name "Object\.wrong", expected "Object\.spec"/,
  );
  assert.match(
    run(policy('m', [jsonPatch(`[JSONPatch{op: 'add', path: '/spec', value: Object.spec{a: Object.b{}}}]`)]))
      .denial!.message,
    /type mismatch: unexpected type name "Object\.b", expected "Object\.spec\.a"/,
  );
});

test('what a Go struct has no place for ends the request, whatever the failure policy', () => {
  const text = policy(
    'm',
    [jsonPatch(`[JSONPatch{op: 'add', path: '/spec/nmae', value: 1}]`), appends('b')],
    '  failurePolicy: Ignore',
  );
  const { allowed, denial, applied } = run(text);
  assert.deepEqual([allowed, applied.length], [false, 0]);
  assert.deepEqual(denial, {
    message: 'Internal error occurred: strict decoding error: unknown field "spec.nmae"',
    reason: 'InternalError',
    code: 500,
  });
});

test('match conditions choose, and their errors deny under Fail', () => {
  const text = (condition: string, more = '') =>
    policy('m', [appends('a')], `  matchConditions: [{name: c, expression: "${condition}"}]${more}`);
  assert.equal(seen(run(text(`object.metadata.name == 'web'`))), 'a');
  assert.equal(seen(run(text('false'))), undefined);
  assert.equal(run(text('object.x == 1')).denial!.reason, 'Invalid');
  const ignored = run(text('object.x == 1', '\n  failurePolicy: Ignore'));
  assert.deepEqual([ignored.allowed, ignored.errors, seen(ignored)], [true, [], undefined]);
});

test('parameters: one run for each, and a configuration error where there must be some', () => {
  const text =
    mutating(
      `  paramKind: {apiVersion: v1, kind: ConfigMap}
  mutations: [${apply(`Object{metadata: Object.metadata{labels: {'seen': object.metadata.?labels.?seen.orValue('') + params.data.letter}}}`)}]`,
    ) + mutatingBinding('  paramRef: {selector: {}, parameterNotFoundAction: Deny}');
  const maps = documents(`
{apiVersion: v1, kind: ConfigMap, metadata: {name: y, namespace: shop}, data: {letter: y}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: shop}, data: {letter: x}}`);
  assert.equal(seen(run(text, {}, { objects: maps })), 'xy');
  const { denial } = run(text, {}, { complete: true });
  assert.deepEqual(denial, {
    message: `policy 'm' with binding 'b' denied request: failed to configure binding: no params found for policy binding with \`Deny\` parameterNotFoundAction`,
    reason: 'Forbidden',
    code: 403,
  });
});

test('without a schema a configuration cannot be merged, and a patch can be applied', () => {
  const none = { schemas: { ofKind: () => undefined } };
  assert.match(run(policy('m', [appends('a')]), {}, none).denial!.message, /nothing describes v1 Pod/);
  const patch = jsonPatch(`[JSONPatch{op: 'add', path: '/metadata/labels', value: {'seen': 'p'}}]`);
  assert.equal(seen(run(policy('m', [patch]), {}, none)), 'p');
});

test('there is nothing to change in a DELETE, or in a policy', () => {
  const text = policy('m', [appends('a')]).replace(
    CHANGES,
    '{apiGroups: ["*"], apiVersions: ["*"], resources: ["*"], operations: ["*"]}',
  );
  assert.deepEqual(run(text, { operation: 'DELETE', object: null, oldObject: pod() }).applied, []);
  const resource = {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    resource: 'mutatingadmissionpolicies',
  };
  assert.deepEqual(run(text, { resource }).applied, []);
  assert.equal(seen(run(text)), 'a');
});
