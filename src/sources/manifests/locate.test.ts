import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLocator, locate } from './locate.ts';
import { readManifest } from './read.ts';

/** The text from the place found to the end of its line, and whether the field exists. */
function found(text: string, pointer: string, document = 0): string {
  const { line, column, exists } = locate(text, document, pointer);
  return `${text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    [line - 1]!.slice(column - 1)}${exists ? '' : ' (absent)'}`;
}

const POD = `# a comment
apiVersion: v1
kind: Pod
metadata:
  labels: {a/b: x, "q~r": y}
spec:
  containers:
    - name: web
      securityContext:
        privileged: true
    - &side
      name: side
      args: [ --one, "--two" ]
      command:
        - |
          echo
        -
        - last
  initContainers:
    - *side
    - <<: *side
      image: x
`;

test('a field is at its key, an item at its first token, the root at the first token', () => {
  assert.equal(found(POD, ''), 'apiVersion: v1');
  assert.equal(found(POD, '/kind'), 'kind: Pod');
  assert.equal(found(POD, '/spec/containers/0/securityContext/privileged'), 'privileged: true');
  assert.equal(found(POD, '/spec/containers/0'), 'name: web');
  assert.equal(found(POD, '/spec/containers/1'), '&side');
  assert.equal(found(POD, '/spec/containers/1/args/1'), '"--two" ]');
  assert.equal(found(POD, '/spec/containers/1/command/0'), '|');
  assert.equal(found(POD, '/spec/containers/1/command/2'), 'last');
});

test('an item without any token is at its list', () => {
  assert.equal(found(POD, '/spec/containers/1/command/1'), 'command:');
});

test('escaped names', () => {
  assert.equal(found(POD, '/metadata/labels/a~1b'), 'a/b: x, "q~r": y}');
  assert.equal(found(POD, '/metadata/labels/q~0r'), '"q~r": y}');
});

test('an absent field is at its nearest existing parent', () => {
  assert.equal(found(POD, '/spec/containers/0/securityContext/runAsNonRoot'), 'securityContext: (absent)');
  assert.equal(found(POD, '/spec/containers/0/resources/limits/cpu'), 'name: web (absent)');
  assert.equal(found(POD, '/spec/containers/7/name'), 'containers: (absent)');
  assert.equal(found(POD, '/spec/containers/x'), 'containers: (absent)');
  assert.equal(found(POD, '/kind/sub'), 'kind: Pod (absent)');
  assert.equal(found(POD, '/constructor'), 'apiVersion: v1 (absent)');
});

test('through aliases and merge keys to where it is written', () => {
  assert.equal(found(POD, '/spec/initContainers/0'), '*side');
  assert.equal(found(POD, '/spec/initContainers/0/name'), 'name: side');
  assert.equal(found(POD, '/spec/initContainers/1/args/0'), '--one, "--two" ]');
  assert.equal(found(POD, '/spec/initContainers/1/image'), 'image: x');
});

test('of two merged mappings the first wins, and a later merge wins over an earlier key', () => {
  const text = 'a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc: {x: 0, <<: [*a, *b]}\n';
  assert.equal(found(text, '/c/x'), 'x: 1, y: 1}');
  assert.equal(found(text, '/c/z'), 'z: 2}');
});

test('keys are compared as they are read', () => {
  const text = 'true: a\n010: b\n? "x y"\n: c\n!!str 5: d\n';
  assert.equal(found(text, '/true'), 'true: a');
  assert.equal(found(text, '/8'), '010: b');
  assert.equal(found(text, '/x y'), '"x y"');
  assert.equal(found(text, '/5'), '!!str 5: d');
});

test('the document counts, empty ones too', () => {
  const text = '---\na: 1\n---\n---\n# nothing\n---\nb: 2\n';
  assert.equal(found(text, '/a', 0), 'a: 1');
  assert.equal(found(text, '/b', 2), 'b: 2');
  assert.deepEqual(locate(text, 9, '/b'), { line: 1, column: 1, exists: false });
});

test('JSON, JSON streams and lists', () => {
  const text = '{"kind": "List", "items": [\n  {"a": 1},\n\t{"b\\/c": {"d": []}}\n]}\n{"e": 1}\n';
  assert.equal(found(text, '/items/1'), '{"b\\/c": {"d": []}}');
  assert.equal(found(text, '/items/1/b~1c/d'), '"d": []}}');
  assert.equal(found(text, '/e', 1), '"e": 1}');
});

test('byte order mark, CRLF, characters of two units', () => {
  assert.equal(found('\ufeffa: 1\r\nb:\r\n  - "😀": x\r\n', '/b/0/😀'), '"😀": x');
  assert.deepEqual(locate('\ufeffa: 1', 0, '/a'), { line: 1, column: 1, exists: true });
  assert.deepEqual(locate('{"😀": 1, "b": 2}', 0, '/b'), { line: 1, column: 11, exists: true });
});

test('a document that cannot be parsed is at its start', () => {
  assert.deepEqual(locate('a: 1\n---\nb: [\n', 1, '/b'), { line: 3, column: 1, exists: false });
});

test('many places in a long list cost one parse', () => {
  const count = 20_000;
  const text = `items:\n${'- {a: 1}\n'.repeat(count)}`;
  const find = createLocator(text);
  for (let index = 0; index < count; index++) {
    assert.deepEqual(find(0, `/items/${index}/a`), { line: index + 2, column: 4, exists: true });
  }
});

test('what was read or located in between changes nothing', () => {
  const text = `${POD}---\nkind: "Other"\n`;
  const places = (file: string) => {
    const locator = createLocator(file);
    return () => [locator(0, '/spec/containers/1/args/1'), locator(1, '/kind')];
  };
  const alone = places(text)();
  // The last document, of another file, a broken one, and the same text as JSON are read before and between.
  for (const other of [text, 'kind: "A"', 'kind: [', '{"kind": "B"}']) {
    readManifest(other, { file: 'other.yaml' });
    const twice = places(text);
    assert.deepEqual(twice(), alone);
    readManifest(other, { file: 'other.yaml' });
    assert.deepEqual(twice(), alone);
  }
  assert.deepEqual(
    readManifest(text, { file: 'a.yaml' }).resources,
    readManifest(text, { file: 'a.yaml' }).resources,
  );
});
