import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEnvironment } from './environment.ts';
import { CelError } from './errors.ts';
import { OpenList } from './open-list.ts';
import type { Engine } from './program.ts';
import { DYN, listOf } from './types.ts';

const UNKNOWN = new CelError('needs-related', 'nobody knows');

function evaluate(text: string, known: readonly number[], engine: Engine): unknown {
  const environment = createEnvironment({ variables: { items: listOf(DYN) }, libraries: [], engine });
  const compiled = environment.compile(text);
  assert.ok(compiled.ok, text);
  const outcome = compiled.program.evaluate({ items: new OpenList(known, UNKNOWN) });
  return outcome.ok ? outcome.value : outcome.error;
}

for (const engine of ['interpret', 'generate'] as const) {
  test(`what the known elements decide is decided (${engine})`, () => {
    assert.equal(evaluate('items.exists(x, x == 1)', [1], engine), true);
    assert.equal(evaluate('items.all(x, x == 1)', [1, 2], engine), false);
    assert.equal(evaluate('items.all(x, x == 2) || true', [1], engine), true);
    assert.equal(evaluate('!items.exists(x, true)', [1], engine), false);
  });

  test(`everything else is not known, and says so (${engine})`, () => {
    for (const text of [
      'items.exists(x, x == 2)',
      'items.exists(x, false)',
      'items.all(x, x == 1)',
      'items.exists_one(x, x == 1)',
      'items.map(x, x) == [1]',
      'size(items.filter(x, x == 1)) > 0',
    ])
      assert.equal(evaluate(text, [1], engine), UNKNOWN, text);
    assert.equal(evaluate('items.exists(x, true)', [], engine), UNKNOWN);
    assert.equal(evaluate('items.exists(x, x == 2) || items.all(x, x == 1)', [1], engine), UNKNOWN);
  });
}
