/** Code for folds: what kind each is, and `cel.bind`. */

import type { Attribute, FoldNode, Node } from '../plan/nodes.ts';
import { loopCode } from './accumulate.ts';
import { type Block, blockCode, frameBlock, fresh, hold } from './block.ts';
import { type Code, type Generator, throwing } from './code.ts';
import { quantifierCode, quantifierOf } from './quantifiers.ts';

export function localCode(fold: FoldNode, name: string, block: Block, generator: Generator): Code {
  const local = generator.locals.get(fold)!;
  // The inner of equal names wins: the second variable, the first, the accumulator.
  if (name === fold.iterVar2 && local.iter2 !== undefined) return local.iter2;
  if (name === fold.iterVar && local.iter !== undefined) return local.iter;
  return 'code' in local.accu ? local.accu.code : { js: hold(block, `${local.accu.lazy}()`), type: 'dyn' };
}

export function foldCode(node: FoldNode, block: Block, generator: Generator): Code {
  const quantifier = quantifierOf(node);
  if (quantifier !== undefined) return quantifierCode(node, quantifier, block, generator);
  if (isBinding(node)) return bindingCode(node, block, generator);
  return loopCode(node, block, generator);
}

/** What `cel.bind` and `optMap` expand to: no loop, only a name for a value. */
function isBinding(node: FoldNode): boolean {
  return (
    node.range.kind === 'const' &&
    Array.isArray(node.range.value) &&
    node.range.value.length === 0 &&
    node.condition.kind === 'const' &&
    node.condition.value === false
  );
}

/** A value is bound lazily: it is neither computed nor counted when nothing reads it. */
function bindingCode(node: FoldNode, block: Block, generator: Generator): Code {
  if (alwaysReads(node.result, node)) {
    const init = generator.node(node.init, block);
    const code = { js: hold(block, init.js), type: init.type };
    generator.locals.set(node, { accu: { code }, iter: undefined, iter2: undefined, grows: false });
  } else {
    const inner = frameBlock(block, throwing(block));
    const init = generator.node(node.init, inner);
    const value = fresh(block);
    const lazy = fresh(block);
    inner.lines.push(`${value} = ${init.js};`);
    block.lines.push(
      `let ${value};`,
      `const ${lazy} = () => {`,
      `if (${value} === undefined) {`,
      blockCode(inner),
      '}',
      `return ${value};`,
      '};',
    );
    generator.locals.set(node, { accu: { lazy }, iter: undefined, iter2: undefined, grows: false });
  }
  return generator.node(node.result, block);
}

/** Whether evaluating a node without error certainly reads the accumulator of a fold. */
function alwaysReads(node: Node, fold: FoldNode): boolean {
  const reads = (child: Node): boolean => alwaysReads(child, fold);
  switch (node.kind) {
    case 'const':
      return false;
    case 'attribute':
    case 'test':
      return attributeReads(node.attribute, fold);
    case 'and':
    case 'or':
    case 'optional-or':
      return reads(node.left);
    case 'equal':
    case 'not-equal':
      return reads(node.left) || reads(node.right);
    case 'operator':
    case 'call':
      return node.args.some(reads);
    case 'in-set':
      return reads(node.operand);
    case 'list':
      return node.elements.some(reads);
    case 'map':
      return node.entries.some((entry) => reads(entry.key) || reads(entry.value));
    case 'struct':
      return node.fields.some((field) => reads(field.value));
    case 'fold':
      return reads(node.range);
  }
}

function attributeReads(attribute: Attribute, fold: FoldNode): boolean {
  switch (attribute.root) {
    case 'variable':
      return attribute.local === fold && attribute.name === fold.accuVar;
    case 'expression':
      return alwaysReads(attribute.operand, fold);
    case 'conditional':
      return alwaysReads(attribute.condition, fold);
  }
}
