import assert from 'node:assert/strict';
import { test } from 'node:test';
import { substitution } from './substitute.ts';

/** `%` for the sign that would be a template's. */
const dollars = (text: string) => text.replaceAll('%', '$');
const edit = substitution(
  new Map([
    ['a', 'x'],
    ['empty', ''],
  ]),
);

for (const [text, becomes] of [
  ['k: %{a}', 'k: x'],
  ['k: %{b}', 'k: '],
  ['k: %{b:=y} %{b:-y} %{a:=y} %{empty:=y}', 'k: y y x y'],
  ['k: %%{a} %a', 'k: %{a} $a'],
] as const)
  test(`${text} becomes ${becomes}`, () => {
    assert.equal(edit(dollars(text)), dollars(becomes));
  });

for (const text of ['k: %{a^^}', 'k: %{a:0:1}', 'k: %{b:=%{a}}', 'k: %{}'])
  test(`${text} is a fault`, () => {
    assert.match((edit(dollars(text)) as { fault: string }).fault, /is a substitution that is not done here/);
  });

const pod = (metadata: string, spec = '') => dollars(`metadata:\n  ${metadata}\nspec:\n  a: %{a}\n${spec}`);

test('objects can be left out by their own label or annotation, and by nothing else', () => {
  const off = 'kustomize.toolkit.fluxcd.io/substitute: disabled';
  for (const name of ['labels', 'annotations']) {
    const document = pod(`${name}:\n    ${off}`);
    assert.equal(edit(dollars(`${document}---\nk: %{a}`)), `${document}---\nk: x`);
  }
  for (const document of [pod('name: x', `  b:\n    ${off}\n`), pod('name: x', `  b: |\n    ${off}\n`)])
    assert.equal(edit(document), document.replace(dollars('%{a}'), 'x'));
});
