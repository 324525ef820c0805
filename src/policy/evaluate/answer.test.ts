import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binding, discovery, documents, pod, policies, request, vap } from '../fixture.ts';
import { type Answer, answer, FAILURE_ANNOTATION } from './answer.ts';
import type { EvaluationContext } from './context.ts';
import { createEvaluator } from './evaluator.ts';

function answerTo(text: string, context: Partial<EvaluationContext> = {}): Answer {
  const set = policies(text);
  assert.deepEqual(set.problems, []);
  return answer(createEvaluator(set, { discovery, ...context }).review(request()));
}

const FALSE = '  validations: [{expression: "false", message: no}]';
const bound = (actions: string, name = 'b') => binding(`  validationActions: ${actions}`, name);

test('the first denial is told, with policy and binding; the others are not', () => {
  const spec =
    '  validations: [{expression: "true"}, {expression: "false", message: one}, {expression: "false", message: two}]';
  assert.deepEqual(answerTo(vap(spec) + bound('[Deny]')), {
    allowed: false,
    denial: {
      message: "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: one",
      reason: 'Invalid',
      code: 422,
    },
    warnings: [],
    auditAnnotations: {},
  });
});

test('reasons and their codes', () => {
  for (const [reason, code] of [
    ['Invalid', 422],
    ['Forbidden', 403],
    ['RequestEntityTooLarge', 413],
  ] as const) {
    const { denial } = answerTo(
      vap(`  validations: [{expression: "false", reason: ${reason}}]`) + bound('[Deny]'),
    );
    assert.deepEqual([denial!.reason, denial!.code], [reason, code]);
  }
  const error = answerTo(
    vap('  validations: [{expression: "object.x == 1", reason: Forbidden}]') + bound('[Deny]'),
  );
  assert.deepEqual([error.denial!.reason, error.denial!.code], ['Invalid', 422]);
});

test('Warn warns, Audit annotates, neither denies', () => {
  const warned = answerTo(vap(FALSE) + bound('[Warn, Audit]'));
  assert.equal(warned.allowed, true);
  assert.deepEqual(warned.warnings, [
    "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': no",
  ]);
  assert.equal(
    warned.auditAnnotations[FAILURE_ANNOTATION],
    '[{"message":"no","policy":"p","binding":"b","expressionIndex":0,"validationActions":["Warn","Audit"]}]',
  );
});

test('a runtime error goes through the actions under Fail and is ignored under Ignore', () => {
  const spec = '  validations: [{expression: "object.x == 1"}]';
  const audited = answerTo(vap(spec) + bound('[Audit]'));
  assert.equal(audited.allowed, true);
  assert.match(
    audited.auditAnnotations[FAILURE_ANNOTATION]!,
    /expression 'object\.x == 1' resulted in error: no such key: x/,
  );
  const denied = answerTo(vap(spec) + bound('[Deny]'));
  assert.match(
    denied.denial!.message,
    /denied request: expression 'object\.x == 1' resulted in error: no such key: x$/,
  );
  assert.equal(answerTo(vap(`${spec}\n  failurePolicy: Ignore`) + bound('[Deny]')).allowed, true);
});

test('50 failures at most in the annotation', () => {
  const spec = `  validations: [${Array.from({ length: 60 }, () => '{expression: "false"}')}]`;
  const { auditAnnotations } = answerTo(vap(spec) + bound('[Audit]'));
  assert.equal((JSON.parse(auditAnnotations[FAILURE_ANNOTATION]!) as unknown[]).length, 50);
});

test('audit annotations: policy/key, distinct values of several bindings joined', () => {
  const spec = `  paramKind: {apiVersion: v1, kind: ConfigMap}
  auditAnnotations: [{key: limit, valueExpression: "string(params.data.max)"}]`;
  const ref = (name: string) =>
    binding(
      `  validationActions: [Deny]\n  paramRef: {name: ${name}, parameterNotFoundAction: Deny}`,
      `b-${name}`,
    );
  const config = (name: string, max: string) =>
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}, namespace: shop}, data: {max: "${max}"}}\n---\n`;
  const objects = documents(config('a', '1') + config('b', '2') + config('c', '1'));
  const { auditAnnotations, allowed } = answerTo(vap(spec) + ref('a') + ref('b') + ref('c'), { objects });
  assert.equal(allowed, true);
  assert.deepEqual(auditAnnotations, { 'p/limit': '1, 2' });
});

test('audit annotation values are cut at 10 KiB, between characters', () => {
  const long = 'ü'.repeat(6000);
  const spec =
    '  auditAnnotations: [{key: long, valueExpression: "string(object.metadata.annotations.long)"}]';
  const set = policies(vap(spec) + bound('[Deny]'));
  const object = pod({ metadata: { annotations: { long: `x${long}` } } });
  const { auditAnnotations } = answer(createEvaluator(set, { discovery }).review(request({ object })));
  assert.equal(auditAnnotations['p/long'], `x${'ü'.repeat(5119)}`);
});

test('an audit annotation that errs denies under Fail whatever the actions say, and is left out under Ignore', () => {
  const spec = '  auditAnnotations: [{key: k, valueExpression: "string(object.x)"}]';
  const denied = answerTo(vap(spec) + bound('[Audit]'));
  assert.equal(denied.allowed, false);
  const ignored = answerTo(vap(`${spec}\n  failurePolicy: Ignore`) + bound('[Deny]'));
  assert.deepEqual(ignored, { allowed: true, warnings: [], auditAnnotations: {} });
});

test('messages and audit annotations run without the authorizer, as in the API server', () => {
  const spec = `  validations: [{expression: "variables.may", messageExpression: "'may: ' + string(variables.may)", message: fallback}]
  variables: [{name: may, expression: "authorizer.path('/x').check('get').allowed()"}]`;
  const context = { userInfo: {}, authorize: () => ({ allowed: false }) };
  const set = policies(vap(spec) + bound('[Deny]'));
  const evaluator = createEvaluator(set, { discovery, ...context });
  const { denial } = answer(evaluator.review(request({ userInfo: {} })));
  assert.match(denial!.message, /: fallback$/);
});

test('configuration errors name policy or binding', () => {
  const ref = '  validationActions: [Audit]\n  paramRef: {name: x, parameterNotFoundAction: Deny}';
  const text = vap(`${FALSE}\n  paramKind: {apiVersion: v1, kind: ConfigMap}`) + binding(ref);
  const { denial } = answerTo(text, { complete: true });
  assert.equal(
    denial!.message,
    "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction",
  );
});
