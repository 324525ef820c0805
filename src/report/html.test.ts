/** The page as a parser reads it; what it does in a browser is tested in test/browser. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { parse } from 'parse5';
import { GATED_REPORT, HOSTILE, HOSTILE_REPORT, REPORT, SOURCES } from '../../test/fakes/report.ts';
import type { Report } from '../model/index.ts';
import { ancestors } from './ancestors.ts';
import { linesOf } from './excerpt.ts';
import { html } from './html.ts';
import { STYLE } from './html-style.ts';

interface Node {
  readonly nodeName: string;
  readonly value?: string;
  readonly attrs?: readonly { readonly name: string; readonly value: string }[];
  readonly childNodes?: readonly Node[];
}

const OPTIONS = { color: false, width: 80, version: '0.1.0', quiet: false, all: false };

function print(report: Report, source = (file: string): string | undefined => SOURCES[file]): string {
  return [...html(report, { ...OPTIONS, source })].join('');
}

/** Every node; what HTML calls a parse error fails the test. */
function nodesOf(page: string): Node[] {
  const nodes: Node[] = [];
  const walk = (node: Node): void => {
    nodes.push(node);
    for (const child of node.childNodes ?? []) walk(child);
  };
  walk(
    parse(page, {
      onParseError: ({ code, startLine }) => assert.fail(`${code}, line ${startLine}`),
    }) as unknown as Node,
  );
  return nodes;
}

const attributes = (node: Node) =>
  Object.fromEntries((node.attrs ?? []).map(({ name, value }) => [name, value]));
const named = (nodes: readonly Node[], name: string) => nodes.filter(({ nodeName }) => nodeName === name);
const textOf = (node: Node): string => node.value ?? (node.childNodes ?? []).map(textOf).join('');
const sha256 = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const REPORTS = [REPORT, GATED_REPORT, HOSTILE_REPORT, { ...REPORT, results: [], notices: [] }];

test('the page is HTML without an error, whatever is in a name', () => {
  for (const report of REPORTS) {
    const nodes = nodesOf(print(report, (file) => SOURCES[file] ?? `${HOSTILE}\n`));
    assert.equal(named(nodes, 'h1').length, 1);
  }
  assert.throws(() => nodesOf('<!doctype html><p id=a id=b>'), /duplicate-attribute/);
});

test('it may load nothing, and run nothing but what stands in it', () => {
  for (const report of REPORTS) {
    const nodes = nodesOf(print(report, () => HOSTILE));
    const policy = named(nodes, 'meta')
      .map(attributes)
      .find((one) => one['http-equiv'] === 'Content-Security-Policy');
    const [script, ...scripts] = named(nodes, 'script');
    const [style, ...styles] = named(nodes, 'style');
    assert.deepEqual([scripts.length, styles.length], [0, 0]);
    assert.equal(
      policy!['content'],
      `default-src 'none'; style-src ${sha256(textOf(style!))}; script-src ${sha256(textOf(script!))}; base-uri 'none'; form-action 'none'`,
    );
    for (const node of nodes) {
      for (const [name, value] of Object.entries(attributes(node))) {
        assert.ok(!name.startsWith('on') && name !== 'style' && name !== 'src', `${node.nodeName} ${name}`);
        if (name === 'href') assert.match(value, /^#policy-\d+$/);
      }
    }
    const ids = nodes.map((node) => attributes(node)['id']).filter((id) => id !== undefined);
    assert.equal(new Set(ids).size, ids.length, 'ids differ');
    for (const link of named(nodes, 'a')) assert.ok(ids.includes(attributes(link)['href']!.slice(1)));
  }
});

test('hostile text is shown letter by letter, and only as text', () => {
  const nodes = nodesOf(print(HOSTILE_REPORT, () => `${HOSTILE}\n`));
  const details = nodes.filter((node) => attributes(node)['class'] === 'detail').map(textOf);
  assert.ok(
    details.length > 0 &&
      details.every((detail) => detail.startsWith('<b onclick=x>&amp;</script><!--]]>`*_[x](http')),
  );
  assert.deepEqual(named(nodes, '#comment'), []);
});

test('every result is there, with what filters go by', () => {
  const articles = named(nodesOf(print(GATED_REPORT)), 'article')
    .map(attributes)
    .filter((one) => one['data-standing'] !== undefined);
  assert.deepEqual(
    articles.map((one) => `${one['data-severity']} ${one['data-standing']} ${one['data-policy']}`),
    ['medium warn 1', 'medium audit 1', 'low below 1', 'high failing 0', 'high known 0', 'high exempted 0'],
  );
});

test('the source is shown under the keys that lead to it', () => {
  const [pre] = named(nodesOf(print({ ...REPORT, results: REPORT.results.slice(2, 3) })), 'pre');
  assert.deepEqual(
    (pre!.childNodes ?? []).map((line) => `${attributes(line)['data-line']} ${textOf(line)}`),
    ['5 spec:', '6   containers:', '7     - name: app', '9       securityContext: {privileged: true}'],
  );
  assert.equal(textOf(named(pre!.childNodes!.at(-1)!.childNodes!, 'mark')[0]!), 'privileged: true');
});

test('keys that lead to a line: no values, no neighbours, not beyond the document', () => {
  const text = `kind: Secret
stringData:
  other: hidden
---
kind: Pod
metadata: {name: x}
spec:
  hostname: hidden
  containers:
  - name: first
    image: hidden
  - image: hidden
    name: second
    # comment:
    env:
    - value: hidden
      name: A
    - name: B
      "valueFrom": {
        secretKeyRef: x
`;
  const at = linesOf(text);
  const shown = (line: number) => ancestors(at, line).map((number) => at(number)!.trim());
  assert.deepEqual(shown(20), ['spec:', 'containers:', 'env:', '- name: B', '"valueFrom": {']);
  assert.deepEqual(shown(17), ['spec:', 'containers:', 'env:']);
  assert.deepEqual(shown(16), ['spec:', 'containers:', 'env:']);
  assert.deepEqual(shown(5), []);
  assert.deepEqual(
    ancestors(() => undefined, 3),
    [],
  );
});

test('a line that a concealing policy points at is concealed here too', () => {
  const [, , finding] = REPORT.results;
  const policies = new Map(
    [...REPORT.policies].map(([id, info]) => [id, { ...info, conceal: true }] as const),
  );
  const page = print({ ...REPORT, policies, results: [finding!] });
  assert.ok(
    page.includes('securityContext: {<mark>privileged: ***</mark>') && !page.includes('privileged: true'),
  );
});

test('text keeps its contrast in both themes', () => {
  const colors = new Map(
    [...STYLE.matchAll(/--([a-z]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
      ([, name, light, dark]) => [name!, [light!, dark!]],
    ),
  );
  const luminance = (color: string) => {
    const [red, green, blue] = [1, 3, 5]
      .map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  for (const text of ['text', 'quiet', 'accent', 'critical', 'high', 'medium', 'low', 'info', 'good'])
    for (const ground of ['ground', 'surface', 'raised'])
      for (const theme of [0, 1]) {
        const [light, dark] = [colors.get(text)![theme]!, colors.get(ground)![theme]!]
          .map(luminance)
          .sort((a, b) => b - a);
        assert.ok(
          (light! + 0.05) / (dark! + 0.05) >= 4.5,
          `${text} on ${ground}, ${theme === 0 ? 'light' : 'dark'}`,
        );
      }
});
