/** For the tests of this folder: evaluates expressions with the libraries of the newest Kubernetes. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { inspect } from 'node:util';
import { createEnvironment } from '../environment.ts';
import type { Library } from '../library.ts';
import type { Outcome } from '../program.ts';
import type { Type } from '../types.ts';
import type { Value } from '../values.ts';
import { kubernetesLibraries, LATEST_MINOR } from './kubernetes.ts';

export interface EvaluateOptions {
  readonly variables?: Readonly<Record<string, readonly [type: Type, value: Value]>>;
  readonly libraries?: readonly Library[];
}

/** The outcome, or the messages of the checker. */
export function evaluate(expression: string, options: EvaluateOptions = {}): Outcome | { issues: string[] } {
  const entries = Object.entries(options.variables ?? {});
  const environment = createEnvironment({
    variables: Object.fromEntries(entries.map(([name, [type]]) => [name, type])),
    libraries: options.libraries ?? kubernetesLibraries(LATEST_MINOR),
  });
  const compiled = environment.compile(expression);
  if (!compiled.ok) return { issues: compiled.issues.map((issue) => issue.message) };
  return compiled.program.evaluate(Object.fromEntries(entries.map(([name, [, value]]) => [name, value])));
}

/** One test for each expression that must be true. */
export function holds(expressions: readonly string[], options?: EvaluateOptions): void {
  for (const expression of expressions) {
    it(expression, () => {
      const outcome = evaluate(expression, options);
      assert.ok('ok' in outcome && outcome.ok, inspect(outcome));
      assert.equal(outcome.value, true);
    });
  }
}

/** One test for each expression that must fail at run time with a message. */
export function fails(cases: Readonly<Record<string, string>>, options?: EvaluateOptions): void {
  for (const [expression, message] of Object.entries(cases)) {
    it(`${expression} → ${message}`, () => {
      const outcome = evaluate(expression, options);
      assert.ok('ok' in outcome && !outcome.ok, inspect(outcome));
      assert.equal(outcome.error.$message, message);
    });
  }
}

/** One test for each expression with what its evaluation must cost. */
export function costs(cases: Readonly<Record<string, number>>, options?: EvaluateOptions): void {
  for (const [expression, cost] of Object.entries(cases)) {
    it(`${expression} costs ${cost}`, () => {
      const outcome = evaluate(expression, options);
      assert.ok('ok' in outcome, inspect(outcome));
      assert.equal(outcome.cost, cost);
    });
  }
}
