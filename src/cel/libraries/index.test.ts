import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  bindings,
  hasCrossTypeComparisons,
  KUBERNETES_LIBRARIES,
  kubernetesLibraries,
  libraryTable,
} from './index.ts';
import { jsonpatch } from './jsonpatch.ts';
import { evaluate, fails, holds } from './testing.ts';

describe('functions by Kubernetes version', () => {
  for (const [expression, since] of [
    ['url("https://h").getHost()', 0],
    ['"a".find("a")', 0],
    ['[1].isSorted()', 0],
    ['"a".charAt(0)', 0],
    ['optional.of(1)', 28],
    ['quantity("1")', 28],
    ['"%s".format([1])', 29],
    ['sets.contains([1], [1])', 29],
    ['ip("::1")', 30],
    ['cidr("::/0")', 30],
    ['format.uri()', 31],
    ['[1].all(i, v, true)', 32],
    ['semver("1.0.0")', 33],
    ['[1].sort()', 34],
    ['[1].includes(1)', 37],
  ] as const) {
    it(`${expression} from 1.${since} on`, () => {
      const compiles = (minor: number) =>
        'ok' in evaluate(expression, { libraries: kubernetesLibraries(minor) });
      assert.ok(compiles(since) && compiles(37) && compiles(99));
      if (since > 0) assert.ok(!compiles(since - 1));
    });
  }
  it('no version has one library twice', () => {
    for (let minor = 20; minor <= 40; minor++) {
      const names = kubernetesLibraries(minor).map(({ name }) => name);
      assert.deepEqual([...new Set(names)], names);
    }
  });
  it('cross-type comparison from 1.28 on', () => {
    assert.deepEqual([27, 28].map(hasCrossTypeComparisons), [false, true]);
  });
  it('what belongs to other dialects is not there', () => {
    for (const expression of [
      'cel.bind(x, 1, x)',
      'jsonpatch.escapeKey("a")',
      'base64.encode(b"a")',
      'math.abs(1)',
    ]) {
      assert.ok('issues' in evaluate(expression), expression);
    }
  });
});

it('libraries are frozen', () => {
  for (const { library } of KUBERNETES_LIBRARIES) {
    if (library.name.startsWith('kubernetes.homogeneous') || library.name.startsWith('kubernetes.literal'))
      continue;
    assert.ok(Object.isFrozen(library), library.name);
  }
});

it('no overload id is used twice', () => {
  const ids = kubernetesLibraries(37).flatMap((library) =>
    library.functions.flatMap((declared) => declared.overloads.map((overload) => overload.id)),
  );
  assert.deepEqual([...new Set(ids)].length, ids.length);
});

describe('the table for the reference page', () => {
  const rows = libraryTable(KUBERNETES_LIBRARIES);
  const row = (name: string, library?: string) =>
    rows.find(
      (candidate) => candidate.name === name && (library === undefined || candidate.library === library),
    );
  it('shows signatures', () => {
    assert.deepEqual(row('find')?.signatures, ['<string>.find(string) -> string']);
    assert.equal(row('isQuantity')?.signatures[0], 'isQuantity(string) -> bool');
  });
  it('shows the first version that has a function, not the library', () => {
    assert.equal(row('charAt')?.since, 0);
    assert.equal(row('format', 'cel.strings')?.since, 29);
    assert.equal(row('isSorted')?.since, 0);
    assert.equal(row('includes')?.since, 37);
  });
  it('shows macros, and nothing that cannot be written', () => {
    assert.equal(row('sortBy')?.kind, 'macro');
    assert.ok(rows.every(({ name }) => !name.includes('@') && !name.includes('_?')));
  });
});

describe('regular expressions', () => {
  holds([
    '"abc 123".find("[0-9]+") == "123" && "abc".find("x") == ""',
    '"1 22 333".findAll("[0-9]+") == ["1", "22", "333"] && "1 22 333".findAll("[0-9]+", 2) == ["1", "22"]',
    '"baaab".findAll("a*") == ["", "aaa", ""]',
  ]);
  fails({ '"a".find("[" + "a")': 'Illegal regex: error parsing regexp: missing closing ]: `[a`' });
});

describe('two-variable comprehensions', () => {
  holds([
    '[1, 2].all(i, v, v > i) && {"a": 1}.exists(k, v, k == "a" && v == 1)',
    '[1, 2, 3].existsOne(i, v, v > 2) && ![1, 2, 3].exists_one(i, v, v > 1)',
    '["a", "b"].transformList(i, v, i > 0, v) == ["b"]',
    '{"a": 1}.transformMap(k, v, v + 1) == {"a": 2}',
    '[1, 2].transformMapEntry(i, v, {string(v): i}) == {"1": 0, "2": 1}',
    // One map is built per evaluation of the inner macro.
    '[1, 2].map(x, [3].transformMap(i, v, v + x)) == [{0: 4}, {0: 5}]',
  ]);
  fails({ '[1, 1].transformMapEntry(i, v, {string(v): i})': 'insert failed: key 1 already exists' });
  it('refuse bad variables', () => {
    assert.deepEqual(evaluate('[1].all(i, i, true)'), { issues: ['duplicate variable name: i'] });
    assert.deepEqual(evaluate('[1].all(i, 1, true)'), { issues: ['argument must be a simple name'] });
  });
});

describe('libraries of other uses', () => {
  holds(['jsonpatch.escapeKey("k8s.io/my~label") == "k8s.io~1my~0label"'], { libraries: [jsonpatch] });
  holds(['cel.bind(x, 2, x * x) == 4', 'cel.bind(x, 1, cel.bind(y, x + 1, x + y)) == 3'], {
    libraries: [bindings],
  });
});
