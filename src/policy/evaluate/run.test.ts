/** Budgets and messages, on programs that cost what the test says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CelError } from '../../cel/errors.ts';
import type { Value } from '../../cel/values.ts';
import { discovery, policies, request, vap } from '../fixture.ts';
import type { CompiledPolicy, PolicyCode } from '../form.ts';
import { namespaceLabels } from '../match/namespaces.ts';
import type { Outcome, Program } from '../program.ts';
import { paramSource } from './params.ts';
import { prepare, type Run, run } from './run.ts';
import { RequestState } from './state.ts';

interface Fake {
  readonly value?: Value | ((vars: { variables: Record<string, Value> }) => Value);
  readonly error?: string;
  readonly cost?: number;
}

/** A program that yields a value at a cost; over the limit it errs as cel-go does, with the cost it had. */
function fake({ value = true, error, cost = 1 }: Fake, count = { runs: 0 }): Program {
  const evaluate = (vars: object, limit = Number.POSITIVE_INFINITY): Outcome => {
    count.runs++;
    if (cost > limit) {
      return {
        ok: false,
        cost,
        error: new CelError('cost-exceeded', 'operation cancelled: actual cost limit exceeded'),
      };
    }
    if (error !== undefined) return { ok: false, cost, error: new CelError('no-such-key', error) };
    try {
      return { ok: true, cost, value: typeof value === 'function' ? value(vars as never) : value };
    } catch (thrown) {
      return { ok: false, cost, error: thrown as CelError };
    }
  };
  return { evaluate } as unknown as Program;
}

interface Fakes {
  readonly conditions?: readonly Fake[];
  readonly variables?: Readonly<Record<string, Fake>>;
  readonly validations?: readonly Fake[];
  readonly messages?: readonly (Fake | null)[];
  readonly audit?: readonly Fake[];
}

/** Runs a policy whose expressions are fakes; texts are real enough to compile. */
function runFakes(of: Fakes, more = '', count = { runs: 0 }): Run {
  const { conditions = [], variables = {}, validations = [{}], messages = [], audit = [] } = of;
  const list = (name: string, items: readonly string[]) =>
    items.length === 0 ? '' : `  ${name}: [${items}]\n`;
  const text = vap(
    list(
      'validations',
      validations.map(
        (_, i) => `{expression: "${i} >= 0"${messages[i] ? ', messageExpression: "\'m\'"' : ''}}`,
      ),
    ) +
      list(
        'variables',
        Object.keys(variables).map((name) => `{name: ${name}, expression: "1"}`),
      ) +
      list(
        'matchConditions',
        conditions.map((_, i) => `{name: c${i}, expression: "true"}`),
      ) +
      list(
        'auditAnnotations',
        audit.map((_, i) => `{key: k${i}, valueExpression: "'v'"}`),
      ) +
      more,
  );
  const set = policies(text);
  assert.deepEqual(set.problems, []);
  const code: PolicyCode = {
    matchConditions: conditions.map((f) => fake(f, count)),
    variables: Object.values(variables).map((f) => fake(f, count)),
    validations: validations.map((f) => fake(f, count)),
    messages: validations.map((_, i) => (messages[i] ? fake(messages[i], count) : null)),
    places: validations.map(() => null),
    exceptions: [],
    auditAnnotations: audit.map((f) => fake(f, count)),
    mutations: [],
    targets: null,
    issues: [],
  };
  return runPolicy(set.policies[0]!, code);
}

function runPolicy(policy: CompiledPolicy, code: PolicyCode): Run {
  const namespaces = { objects: new Map(), complete: false };
  const context = {
    discovery,
    namespaces,
    namespaceLabels: namespaceLabels(namespaces),
    params: paramSource([], false),
  };
  const state = new RequestState(request(), context);
  const { resource, kind } = state.request;
  const vars = state.vars({ resource, kind, conversion: 'none' });
  return run(prepare(policy, code), vars, vars);
}

const MILLION = 1_000_000;
const OUT_OF_BUDGET =
  'validation failed due to running out of cost budget, no further validation rules will be run';

test('10,000,000 for all validations of a binding and param', () => {
  const ten = Array.from({ length: 10 }, () => ({ cost: MILLION }));
  assert.deepEqual(runFakes({ validations: ten }), { kind: 'pass' });
  const over = runFakes({ validations: [...ten, { cost: 1 }] });
  assert.equal(over.kind, 'decided');
  assert.deepEqual(over.kind === 'decided' && over.decisions.map(({ kind, message }) => [kind, message]), [
    ['error', OUT_OF_BUDGET],
  ]);
});

test('1,000,000 per expression: more is an error of that expression', () => {
  const result = runFakes({ validations: [{ cost: MILLION + 1 }, {}] });
  assert.deepEqual(
    result.kind === 'decided' && result.decisions.map(({ index, message }) => [index, message]),
    [[0, "expression '0 >= 0' resulted in error: operation cancelled: actual cost limit exceeded"]],
  );
});

test('variables are evaluated once for all validations, and charged', () => {
  const count = { runs: 0 };
  const reads = { value: (vars: { variables: Record<string, Value> }) => vars.variables['a'] === 7, cost: 2 };
  const result = runFakes(
    { variables: { a: { value: 7, cost: MILLION } }, validations: [reads, reads, reads] },
    '',
    count,
  );
  assert.deepEqual(result, { kind: 'pass' });
  assert.equal(count.runs, 4);
  const ten = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`v${i}`, { cost: MILLION }]));
  const all = {
    value: ({ variables }: { variables: Record<string, Value> }) => Object.values(variables).length > 0,
    cost: 1,
  };
  const over = runFakes({ variables: ten, validations: [all] });
  assert.equal(over.kind === 'decided' && over.decisions[0]!.message, OUT_OF_BUDGET);
});

test('variables nobody reads are not evaluated', () => {
  const count = { runs: 0 };
  runFakes({ variables: { a: { error: 'never seen' } } }, '', count);
  assert.equal(count.runs, 1);
});

test('a variable that fails names itself, and its error can be absorbed even when it ran out of budget', () => {
  const reads = { value: (vars: { variables: Record<string, Value> }) => vars.variables['a'] ?? false };
  const failed = runFakes({ variables: { a: { error: 'no such key: x' } }, validations: [reads] });
  assert.equal(
    failed.kind === 'decided' && failed.decisions[0]!.message,
    'expression \'0 >= 0\' resulted in error: composited variable "a" fails to evaluate: no such key: x',
  );
  const exceeded = runFakes({ variables: { a: { cost: MILLION + 1 } }, validations: [reads] });
  const [decision] = exceeded.kind === 'decided' ? exceeded.decisions : [];
  assert.equal(decision?.kind === 'error' && decision.error.$code, 'variable-cost-exceeded');
});

test('messages use what validations left', () => {
  const nine = Array.from({ length: 9 }, () => ({ cost: MILLION }));
  const failing = { value: false, cost: MILLION };
  const messages = (...of: Fake[]) => [...nine.map(() => null), ...of];
  const within = runFakes({
    validations: [...nine, { ...failing, cost: MILLION - 5 }],
    messages: messages({ value: 'why', cost: 5 }),
  });
  assert.equal(within.kind === 'decided' && within.decisions[0]!.message, 'why');
  const over = runFakes({ validations: [...nine, failing], messages: messages({ value: 'why', cost: 1 }) });
  assert.equal(
    over.kind === 'decided' && over.decisions[0]!.message,
    `failed messageExpression: ${OUT_OF_BUDGET}`,
  );
});

test('a message that runs out of budget fails validations that hold, as in the API server', () => {
  const validations = Array.from({ length: 12 }, () => ({ cost: MILLION / 2 }));
  const messages = validations.map(() => ({ value: 'm', cost: MILLION }));
  const result = runFakes({ validations, messages });
  assert.equal(result.kind === 'decided' && result.decisions.length, 12);
});

test('few messages of validations that hold are not even run', () => {
  const count = { runs: 0 };
  runFakes({ validations: [{}, {}], messages: [{ value: 'm' }, { value: 'm' }] }, '', count);
  assert.equal(count.runs, 2);
});

test('audit annotations get a fresh 10,000,000', () => {
  const nine = Array.from({ length: 9 }, () => ({ cost: MILLION }));
  const audit = Array.from({ length: 10 }, () => ({ value: 'v', cost: MILLION }));
  const result = runFakes({ validations: nine, audit });
  assert.equal(result.kind === 'decided' && result.audit.length, 10);
  const over = runFakes({ validations: nine, audit: [...audit, { value: 'v' }] });
  assert.deepEqual(over.kind === 'decided' && [over.decisions.map(({ message }) => message), over.audit], [
    [OUT_OF_BUDGET],
    [],
  ]);
});

test('validations that ran out of budget end the evaluation before its annotations', () => {
  const count = { runs: 0 };
  const validations = Array.from({ length: 11 }, () => ({ cost: MILLION }));
  const result = runFakes({ validations, audit: [{ value: 'v' }] }, '', count);
  assert.deepEqual(result.kind === 'decided' && [result.decisions.length, result.audit], [1, []]);
  assert.equal(count.runs, 11);
});

test('white space is what Go takes for it', () => {
  const messages = ['\u0085a\u0085', '\ufeffb\ufeff'].map((value) => ({ value }));
  const result = runFakes({ validations: messages.map(() => ({ value: false })), messages });
  assert.deepEqual(result.kind === 'decided' && result.decisions.map(({ message }) => message), [
    'a',
    '\ufeffb\ufeff',
  ]);
});

test('audit annotations: strings are trimmed, blanks and null left out, other types are wrong', () => {
  const result = runFakes({
    audit: [{ value: ' a ' }, { value: ' ' }, { value: null }, { value: 1 }, { error: 'e' }],
  });
  const audit = result.kind === 'decided' ? result.audit : [];
  assert.deepEqual(
    audit.map((a) => [a.kind, a.key]),
    [
      ['publish', 'k0'],
      ['wrong-type', 'k3'],
      ['error', 'k4'],
    ],
  );
  assert.equal(audit[0]!.kind === 'publish' && audit[0]!.value, 'a');
});

test('2,500,000 for match conditions; running out wins over a false one', () => {
  const within = [{ cost: MILLION }, { cost: MILLION }, { cost: MILLION / 2 }];
  assert.deepEqual(runFakes({ conditions: within }), { kind: 'pass' });
  const over = runFakes({ conditions: [...within, { value: false }] });
  assert.equal(over.kind === 'condition-error' && over.message, OUT_OF_BUDGET);
  const falseFirst = [{ value: false, cost: MILLION }, { cost: MILLION }, { cost: MILLION }, {}];
  assert.equal(runFakes({ conditions: falseFirst }).kind, 'condition-error');
});

test('a false condition ends the rest once they cannot matter', () => {
  const count = { runs: 0 };
  assert.equal(runFakes({ conditions: [{ value: false }, {}] }, '', count).kind, 'condition-false');
  assert.equal(count.runs, 1);
});

test('errors of several conditions are told together, equal ones once', () => {
  const result = runFakes({ conditions: [{ error: 'x' }, { error: 'x' }] });
  assert.equal(result.kind === 'condition-error' && result.message, "expression 'true' resulted in error: x");
});

test('messageExpression is trimmed; message and then the expression stand in for what cannot be used', () => {
  const said = (message: Fake | null, fallback = '') => {
    const result = runFakes({ validations: [{ value: false }], messages: [message] }, fallback);
    return result.kind === 'decided' ? result.decisions[0]!.message : '';
  };
  assert.equal(said({ value: '  why \n' }), 'why');
  assert.equal(said(null), 'failed expression: 0 >= 0');
  assert.equal(said({ error: 'x' }), 'failed expression: 0 >= 0');
  assert.equal(said({ value: 7 }), 'failed expression: 0 >= 0');
  assert.equal(said({ value: null }), 'failed expression: 0 >= 0');
  assert.equal(said({ value: ' ' }), 'failed expression: 0 >= 0');
  assert.equal(said({ value: 'two\nlines' }), 'failed expression: 0 >= 0');
  assert.equal(said({ value: 'x'.repeat(5 * 1024) }), 'x'.repeat(5 * 1024));
  assert.equal(said({ value: 'x'.repeat(5 * 1024 + 1) }), 'failed expression: 0 >= 0');
  assert.equal(said({ value: 'ü'.repeat(5 * 512 + 1) }), 'failed expression: 0 >= 0');
});

test('a message of a validation that holds is run where little of the budget is left', () => {
  const nearly = Array.from({ length: 9 }, () => ({ cost: MILLION }));
  const validations = [...nearly, { cost: MILLION - 1 }];
  const result = runFakes({ validations, messages: [{ value: 'm', cost: 2 }] });
  assert.equal(result.kind === 'decided' && result.decisions.length, 10);
});
