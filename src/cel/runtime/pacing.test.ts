import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEnvironment, type Library, type Pace, paced, types } from '../index.ts';
import { jsonpatch, KUBERNETES_LIBRARIES, kyvernoLibraries } from '../libraries/index.ts';
import { STANDARD_LIBRARY } from '../stdlib/index.ts';
import { stepTime, takesLong } from './pacing.ts';

const LIBRARIES: readonly Library[] = [
  STANDARD_LIBRARY,
  ...KUBERNETES_LIBRARIES.map(({ library }) => library),
  ...kyvernoLibraries(),
  ...kyvernoLibraries({ namespaced: true }),
  jsonpatch,
];

test('every function of something that can be long says how long it takes', () => {
  const long = LIBRARIES.flatMap(({ functions }) => functions).filter(({ overloads }) =>
    overloads.some(takesLong),
  );
  assert.ok(long.length > 100);
  const unknown = new Set(long.map(({ name }) => name).filter((name) => stepTime(name) === undefined));
  assert.deepEqual([...unknown], [], 'measure it on 3 MiB, and put it into pacing.ts');
});

const LENGTH = 3_000_000;
const words = Array.from({ length: 300_000 }, (_, i) => `word${i}`);
const wide = Object.fromEntries(words.map((word) => [word, word]));
const tree = (depth: number): object =>
  Object.fromEntries(words.slice(0, 10).map((word) => [word, depth === 0 ? word : tree(depth - 1)]));
const object = {
  text: 'a'.repeat(LENGTH),
  pairs: '\u{1f600}é'.repeat(LENGTH / 3),
  pattern: `${'a'.repeat(1_000_000)}b`,
  words,
  same: words.slice(),
  wide,
  copy: { ...wide },
  tree: tree(4),
  other: tree(4),
};

/** Of 100 ms. */
function watch(): Pace & { readonly expired: boolean; readonly at: number; now(): number } {
  const at = performance.now() + 100;
  let expired = false;
  return {
    at,
    now: () => performance.now(),
    mayTake: (nanoseconds) => {
      if (performance.now() + nanoseconds / 1e6 >= at) expired = true;
      return !expired;
    },
    get expired() {
      return expired;
    },
  };
}

/** Each would hold the thread for seconds, or minutes, though it costs little. */
const HOSTILE: readonly string[] = [
  'object.text.findAll("a")',
  'object.text.findAll("x*")',
  'object.text.matches("[a-z]*[a-y]x[0-9]$")',
  'object.text.matches(object.pattern)',
  'object.text.replace("a", "bbbbbbbbbbbbbbbbbbbb")',
  'object.words.all(w, size(object.wide) > 0)',
  'object.words.all(w, size(object.pairs) > 0)',
  'object.words.all(w, object.pairs.charAt(1) != "a")',
  'object.words.all(w, dyn(object.words) + dyn(object.words) != [])',
  'object.words.all(w, object.tree == object.other)',
  'object.words.all(w, object.wide == object.copy)',
  'object.words.all(w, {"n": "y"} in object.words || true)',
  'object.words.all(w, "none" in object.words || true)',
  'object.words.all(w, object.words.isSorted() || true)',
  'object.words.all(w, object.words.sort().size() > 0)',
  'object.words.all(w, bytes(object.text).size() > 0)',
  'object.words.all(w, object.text < object.text + "b")',
  'object.words.all(w, "%s".format([object.words]) != "")',
  'object.words.all(w, isURL(object.text) || true)',
  'sets.equivalent(object.words, object.same)',
  'object.words.distinct().size() > 0',
  'object.words.map(w, object.words).flatten().size() > 0',
];

for (const engine of ['interpret', 'generate'] as const)
  test(`what takes long ends in time, whatever it costs (${engine})`, () => {
    const environment = createEnvironment({
      variables: { object: types.DYN },
      libraries: KUBERNETES_LIBRARIES.filter(({ until }) => until === undefined).map(
        ({ library }) => library,
      ),
      engine,
    });
    for (const text of HOSTILE) {
      const compiled = environment.compile(text);
      assert.ok(compiled.ok, text);
      const deadline = watch();
      const start = performance.now();
      const outcome = paced(deadline, () => compiled.program.evaluate({ object }, undefined, deadline));
      const took = performance.now() - start;
      // Whoever shares the machine may take as long again, and longer.
      assert.ok(took < 2_000, `${text} took ${took} ms`);
      if (!outcome.ok) assert.match(outcome.error.$code, /^(deadline|cost)-exceeded$/, text);
    }
  });

test('without a pace nothing is refused', () => {
  const environment = createEnvironment({ variables: { object: types.DYN }, libraries: [] });
  const compiled = environment.compile('size(object.wide) == 300000 && object.wide == object.copy');
  assert.ok(compiled.ok);
  assert.deepEqual(compiled.program.evaluate({ object }), { ok: true, value: true, cost: 30_008 });
});

test('a step that costs more than is left is not taken, and costs what it would have', () => {
  const [regex] = KUBERNETES_LIBRARIES.filter(({ library }) => library.name === 'cel.sets');
  for (const engine of ['interpret', 'generate'] as const) {
    const environment = createEnvironment({
      variables: { object: types.DYN },
      libraries: [regex!.library],
      engine,
    });
    const compiled = environment.compile('sets.contains(object.words, object.same)');
    assert.ok(compiled.ok);
    const start = performance.now();
    const outcome = compiled.program.evaluate({ object });
    assert.ok(performance.now() - start < 200);
    assert.ok(!outcome.ok);
    assert.equal(outcome.error.$code, 'cost-exceeded');
    assert.equal(outcome.cost, 90_000_000_005);
  }
});
