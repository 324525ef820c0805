import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyJsonPatch, type PatchOperation } from './json-patch.ts';

const DOCUMENT = { a: 1, list: ['x', 'y'], map: { 'b/c': { 'd~e': true } }, nothing: null };

function patch(...operations: Partial<PatchOperation>[]): unknown {
  const filled = operations.map((operation) => ({
    op: '',
    path: '',
    from: '',
    value: undefined,
    ...operation,
  }));
  const result = applyJsonPatch(DOCUMENT, filled);
  if (result.kind === 'patched') return result.document;
  return result.kind === 'failed' ? result.message : result.kind;
}

test('the operations of RFC 6902', () => {
  assert.deepEqual(patch({ op: 'add', path: '/b', value: [1] }), { ...DOCUMENT, b: [1] });
  assert.deepEqual(patch({ op: 'add', path: '/list/1', value: 'z' }), { ...DOCUMENT, list: ['x', 'z', 'y'] });
  assert.deepEqual(patch({ op: 'add', path: '/list/-', value: 'z' }), { ...DOCUMENT, list: ['x', 'y', 'z'] });
  assert.deepEqual(patch({ op: 'remove', path: '/list/0' }), { ...DOCUMENT, list: ['y'] });
  assert.deepEqual(patch({ op: 'replace', path: '/a', value: { b: 2 } }), { ...DOCUMENT, a: { b: 2 } });
  assert.deepEqual(patch({ op: 'replace', path: '', value: {} }), {});
  assert.deepEqual(patch({ op: 'copy', from: '/list', path: '/b' }), { ...DOCUMENT, b: ['x', 'y'] });
  const { a, ...rest } = DOCUMENT;
  assert.deepEqual(patch({ op: 'move', from: '/a', path: '/b' }), { ...rest, b: a });
  assert.deepEqual(patch({ op: 'test', path: '/list', value: ['x', 'y'] }), DOCUMENT);
});

test('keys are escaped, and none reaches the prototype', () => {
  assert.deepEqual(patch({ op: 'replace', path: '/map/b~1c/d~0e', value: 2 }), {
    ...DOCUMENT,
    map: { 'b/c': { 'd~e': 2 } },
  });
  // As strings.NewReplacer does: `~01` is `~1`, never a slash.
  assert.deepEqual(patch({ op: 'add', path: '/map/~01', value: 2 }), {
    ...DOCUMENT,
    map: { ...DOCUMENT.map, '~1': 2 },
  });
  const spoilt = patch({ op: 'add', path: '/__proto__', value: { polluted: true } }) as object;
  assert.equal(Object.hasOwn(spoilt, '__proto__'), true);
  assert.equal(Object.getPrototypeOf(spoilt), Object.prototype);
  assert.match(String(patch({ op: 'add', path: '/constructor/prototype/x', value: 1 })), /missing path/);
});

test('what the API server is lenient about', () => {
  assert.deepEqual(patch({ op: 'replace', path: '/new', value: 1 }), { ...DOCUMENT, new: 1 });
  assert.deepEqual(patch({ op: 'add', path: '/b' }), { ...DOCUMENT, b: null });
  assert.deepEqual(patch({ op: 'remove', path: '/list/-1' }), { ...DOCUMENT, list: ['x'] });
  assert.deepEqual(patch({ op: 'add', path: '/list/-1', value: 'z' }), {
    ...DOCUMENT,
    list: ['x', 'y', 'z'],
  });
  assert.deepEqual(patch({ op: 'copy', from: '/none', path: '/b' }), { ...DOCUMENT, b: null });
  assert.deepEqual(patch({ op: 'test', path: '/none' }), DOCUMENT);
  assert.deepEqual(patch({ op: 'test', path: '/a', value: Object(1) }), DOCUMENT);
});

test('a test that fails takes everything back', () => {
  assert.equal(patch({ op: 'remove', path: '/a' }, { op: 'test', path: '/a', value: 1 }), 'test-failed');
  assert.equal(patch({ op: 'test', path: '/nothing', value: null }), 'test-failed');
  assert.equal(patch({ op: 'test', path: '/a' }), 'test-failed');
  assert.equal(patch({ op: 'test', path: '', value: {} }), 'test-failed');
});

test('what does not apply says why in the words of the API server', () => {
  const cases: [operation: Partial<PatchOperation>, said: string][] = [
    [{ op: 'add', path: '/x/y' }, 'add operation does not apply: doc is missing path: "/x/y": missing value'],
    [{ op: 'add' }, 'add operation does not apply: doc is missing path: "": missing value'],
    [
      { op: 'add', path: '/list/3' },
      "error in add for path: '/list/3': Unable to access invalid index: 3: invalid index referenced",
    ],
    [
      { op: 'add', path: '/list/a' },
      `error in add for path: '/list/a': value was not a proper array index: 'a': strconv.Atoi: parsing "a": invalid syntax`,
    ],
    [
      { op: 'remove', path: '/x' },
      "error in remove for path: '/x': Unable to remove nonexistent key: x: missing value",
    ],
    [
      { op: 'replace', path: '/list/7' },
      'replace operation does not apply: doc is missing key: /list/7: missing value',
    ],
    [
      { op: 'move', path: '/b' },
      'move operation failed to decode from: operation, missing from field: missing value',
    ],
    [
      { op: 'move', from: '/x', path: '/b' },
      "error in move for path: 'x': Unable to remove nonexistent key: x: missing value",
    ],
    [
      { op: 'copy', from: '/a', path: '/x/y' },
      'copy operation does not apply: doc is missing destination path: /x/y: missing value',
    ],
    [{ op: 'test', path: '/x/y' }, 'test operation does not apply: is missing path: /x/y: missing value'],
    [{ op: 'merge', path: '/a' }, 'Unexpected kind: merge'],
  ];
  for (const [operation, said] of cases) assert.equal(patch(operation), said);
});

test('the document is not touched, and shares nothing with the patch', () => {
  const value = { inner: [1] };
  const document = { list: [1] };
  const result = applyJsonPatch(document, [
    { op: 'add', path: '/x', from: '', value },
    { op: 'add', path: '/x/inner/-', from: '', value: 2 },
    { op: 'add', path: '/list/-', from: '', value: 2 },
  ]);
  assert.deepEqual(result, { kind: 'patched', document: { list: [1, 2], x: { inner: [1, 2] } } });
  assert.deepEqual([document, value], [{ list: [1] }, { inner: [1] }]);
});
