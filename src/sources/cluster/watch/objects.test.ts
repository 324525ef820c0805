import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resource } from '../../../model/index.ts';
import { createObjects, type WatchedObjects } from './objects.ts';

const at = (name: string, version: number | string, more = {}): Resource => ({
  ref: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name },
  object: { metadata: { name, resourceVersion: String(version) }, ...more },
  origin: { file: 'x', document: 0, line: 1, pointer: '' },
});

function follow(): { objects: WatchedObjects; said: string[] } {
  const said: string[] = [];
  const objects = createObjects((change) => {
    const again = change.type === 'put' && change.before !== undefined ? ' again' : '';
    said.push(`${change.type} ${change.resource.ref.name}${again}`);
  });
  return { objects, said };
}

/** As a list at a version. */
function list(objects: WatchedObjects, version: string, items: readonly Resource[], startsOver = false) {
  const comparison = objects.compare(startsOver);
  for (const item of items) comparison.put(item);
  return comparison.finish(version);
}

test('events up to the version of a list are in the list, whenever they come', () => {
  const { objects, said } = follow();
  list(objects, '10', [at('a', 5)]);
  assert.equal(objects.put(at('b', 8)), false, 'b was gone when the list was read');
  assert.equal(objects.remove(at('a', 10)), false, 'a was there when the list was read');
  assert.equal(objects.put(at('b', 11)), true);
  assert.deepEqual(said, ['put a', 'put b']);
});

test('what events tell while a list is read goes before the list', () => {
  const { objects, said } = follow();
  list(objects, '10', [at('a', 5), at('b', 6)]);
  const comparison = objects.compare(false);
  objects.remove(at('a', 12));
  objects.put(at('new', 13));
  objects.put(at('b', 14));
  for (const item of [at('a', 5), at('b', 6)]) comparison.put(item);
  assert.equal(comparison.finish('11'), 0);
  assert.deepEqual([...objects.known.keys()].sort(), ['shop/b', 'shop/new']);
  assert.deepEqual(said, ['put a', 'put b', 'delete a', 'put new', 'put b again']);
});

test('of two lists that are read at a time the one that began later counts', () => {
  const { objects, said } = follow();
  const first = objects.compare(false);
  first.put(at('a', 5));
  list(objects, '20', [at('a', 5), at('b', 15)]);
  first.put(at('c', 6));
  assert.equal(first.finish('10'), undefined);
  assert.deepEqual([...objects.known.keys()], ['shop/a', 'shop/b']);
  assert.deepEqual(said, ['put a', 'put b']);
});

test('a list of another history replaces everything, and what was deleted in the old one may be there', () => {
  const { objects, said } = follow();
  list(objects, '50', [at('same', 5), at('other', 6), at('gone', 40)]);
  objects.remove(at('back', 60));
  assert.equal(list(objects, '20', [at('same', 5), at('other', 6, { data: {} })], true), 2);
  assert.deepEqual(said.slice(3), ['put other again', 'delete gone']);
  assert.equal(objects.put(at('back', 21)), true);
  assert.equal(objects.put(at('late', 20)), false);
});

test('versions that are no numbers are only the same or not', () => {
  const { objects, said } = follow();
  list(objects, 'x9', [at('a', 'x7')]);
  assert.equal(objects.put(at('a', 'x7')), false);
  assert.equal(objects.put(at('a', 'x3')), true);
  assert.equal(objects.remove(at('a', 'x1')), true);
  assert.equal(objects.put(at('a', 'x0')), true);
  assert.deepEqual(said, ['put a', 'put a again', 'delete a', 'put a']);
});
