/** Code for folds: `all`, `exists`, `map`, `filter`, `cel.bind` and whatever else has their form. */

import { LIST_COST } from '../cost.ts';
import type { Attribute, CallNode, FoldNode, Node, OperatorNode } from '../plan/nodes.ts';
import { CelMap } from '../values.ts';
import { type Block, blockCode, childBlock, frameBlock, fresh, hold } from './block.ts';
import { type Code, checkCost, type Generator, type Local, throwing } from './code.ts';
import { helper } from './linking.ts';

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

/** `all`: and, from true; `exists`: or, from false. */
interface Quantifier {
  readonly start: boolean;
  readonly predicate: Node;
}

function quantifierOf(node: FoldNode): Quantifier | undefined {
  const { init, condition, step, result } = node;
  if (init.kind !== 'const' || typeof init.value !== 'boolean' || !isAccu(result, node)) return undefined;
  if (condition.kind !== 'operator' || condition.operator !== '@not_strictly_false') return undefined;
  let going = condition.args[0]!;
  if (!init.value) {
    if (going.kind !== 'operator' || going.operator !== '!_') return undefined;
    going = going.args[0]!;
  }
  if (!isAccu(going, node) || step.kind !== (init.value ? 'and' : 'or') || !isAccu(step.left, node))
    return undefined;
  return { start: init.value, predicate: step.right };
}

function isAccu(node: Node, fold: FoldNode): boolean {
  return (
    node.kind === 'attribute' &&
    node.attribute.root === 'variable' &&
    node.attribute.local === fold &&
    node.attribute.name === fold.accuVar &&
    node.attribute.qualifiers.length === 0
  );
}

function quantifierCode(node: FoldNode, quantifier: Quantifier, block: Block, generator: Generator): Code {
  const { start, predicate } = quantifier;
  const loop = openLoop(node, block, generator, { code: { js: String(start), type: 'bool' } }, false);
  // Per element: the condition (reading the accumulator, `!` for exists) and the accumulator in the step.
  const conditionCost = start ? 2 : 3;
  loop.body.cost += conditionCost + 1;
  const holds = generator.boolean(predicate, loop.body);
  const result = fresh(block);
  loop.body.lines.push(
    `if (${start ? '!' : ''}${hold(loop.body, holds)}) {`,
    `${result} = ${!start};`,
    // The condition is evaluated once more when there is a next element.
    `if (${loop.index} + 1 < ${loop.list}.length) cost += ${conditionCost};`,
    'break;',
    '}',
    checkCost(loop.body),
  );
  block.lines.push(`let ${result} = ${start};`);
  closeLoop(loop, block);
  // The result reads the accumulator.
  block.cost += 1;
  return { js: result, type: 'bool' };
}

interface Loop {
  readonly list: string;
  readonly index: string;
  readonly body: Block;
}

function openLoop(
  node: FoldNode,
  block: Block,
  generator: Generator,
  accu: Local['accu'],
  grows: boolean,
): Loop {
  const range = generator.node(node.range, block);
  const source = hold(block, range.js);
  let list = source;
  if (range.type !== 'list') {
    list = fresh(block);
    block.lines.push(
      `const ${list} = Array.isArray(${source}) ? ${source} : ${helper(block, 'iterate')}(${source});`,
      `if (${list} === undefined) ${block.bail}`,
    );
  }
  const index = fresh(block);
  const body = frameBlock(block);
  const element = fresh(block);
  body.lines.push(`const ${element} = ${list}[${index}];`);
  let iter: Code = { js: element, type: 'dyn' };
  let iter2: Code | undefined;
  if (node.iterVar2 !== undefined) {
    const first = fresh(block);
    const second = fresh(block);
    const find = `${helper(block, 'mapFind')}(${source}, ${element})`;
    body.lines.push(
      `const ${first} = ${list} === ${source} ? ${index} : ${element};`,
      `const ${second} = ${list} === ${source} ? ${element} : ${find};`,
    );
    iter = { js: first, type: 'dyn' };
    iter2 = { js: second, type: 'dyn' };
  }
  generator.locals.set(node, { accu, iter, iter2, grows });
  return { list, index, body };
}

function closeLoop({ list, index, body }: Loop, block: Block): void {
  block.lines.push(`for (let ${index} = 0; ${index} < ${list}.length; ${index}++) {`, blockCode(body), '}');
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

/** Every other fold: an accumulator, assigned once per element. */
function loopCode(node: FoldNode, block: Block, generator: Generator): Code {
  const accu = fresh(block);
  const { init } = node;
  // An accumulator that starts empty is the code's own: it may grow in place.
  const list = init.kind === 'const' && Array.isArray(init.value) && init.value.length === 0;
  const map = init.kind === 'const' && init.value instanceof CelMap && init.value.$entries.size === 0;
  const start = list ? '[]' : map ? `new ${helper(block, 'CelMap')}(new Map())` : undefined;
  block.lines.push(`let ${accu} = ${start ?? generator.node(init, block).js};`);
  const loop = openLoop(node, block, generator, { code: { js: accu, type: 'dyn' } }, list || map);
  const going = generator.boolean(node.condition, loop.body);
  const step = childBlock(loop.body);
  const next = generator.node(node.step, step);
  if (next.js !== accu) step.lines.push(`${accu} = ${next.js};`);
  step.lines.push(checkCost(step));
  if (going !== 'true') loop.body.lines.push(`if (!${hold(loop.body, going)}) break;`);
  loop.body.lines.push('{', blockCode(step), '}');
  closeLoop(loop, block);
  const own = generator.locals.get(node)!;
  generator.locals.set(node, { ...own, iter: undefined, iter2: undefined, grows: false });
  return generator.node(node.result, block);
}

/** The accumulator, where the code made it and it may grow in place. */
function growingAccu(node: Node | undefined, generator: Generator): string | undefined {
  if (node?.kind !== 'attribute' || node.attribute.root !== 'variable') return undefined;
  const local = generator.locals.get(node.attribute.local!);
  return local?.grows === true && 'code' in local.accu ? local.accu.code.js : undefined;
}

/** `@result + [x]` in place; undefined where that may not be. */
export function appendCode(node: OperatorNode, block: Block, generator: Generator): Code | undefined {
  const accu = node.appends ? growingAccu(node.args[0], generator) : undefined;
  const more = node.args[1]!;
  if (accu === undefined) return undefined;
  // Reading the accumulator, and the addition.
  block.cost += 2;
  if (more.kind === 'list' && !more.optional.some(Boolean)) {
    block.cost += LIST_COST;
    for (const element of more.elements)
      block.lines.push(`${accu}.push(${generator.node(element, block).js});`);
  } else {
    const list = hold(block, generator.node(more, block).js);
    block.lines.push(
      `if (!Array.isArray(${list})) ${block.bail}`,
      `for (const e of ${list}) ${accu}.push(e);`,
    );
  }
  return { js: accu, type: 'list' };
}

/** `cel.@mapInsert(@result, …)` in place; undefined where that may not be. */
export function insertCode(node: CallNode, block: Block, generator: Generator): Code | undefined {
  const accu = node.inserts ? growingAccu(node.args[0], generator) : undefined;
  if (accu === undefined || node.cost !== undefined) return undefined;
  block.cost += 2;
  const more = node.args.slice(1).map((arg) => hold(block, generator.node(arg, block).js));
  block.lines.push(`${helper(block, 'insert')}([${[accu, ...more].join(', ')}]);`);
  return { js: accu, type: 'dyn' };
}
