import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Expr } from '../../cel/ast.ts';
import { parse } from '../../cel/parser.ts';
import { podViewText } from '../pod-view.ts';
import { templateOf } from './pod-view.ts';
import { canonicalText } from './text.ts';

function parsed(text: string): Expr {
  const read = parse(text);
  assert.ok('ast' in read, text);
  return read.ast.expr;
}

const VIEW = podViewText('object.spec.template');

test('the view of a template is known by its text, whatever the template', () => {
  assert.equal(canonicalText(templateOf(parsed(VIEW))!), 'object.spec.template');
  assert.equal(canonicalText(templateOf(parsed(podViewText('object')))!), 'object');
});

test('what differs anywhere is no view', () => {
  const others = [
    'object.spec.template',
    VIEW.replace('has(object.spec.template.metadata)', 'has(object.metadata)'),
    VIEW.replace("'metadata': object.spec", "'metadata': object.other"),
    VIEW.replace('metadata.orValue({})', "metadata.orValue({'labels': {}})"),
  ];
  for (const other of others) {
    assert.notEqual(other, VIEW);
    assert.equal(templateOf(parsed(other)), undefined, other);
  }
});
