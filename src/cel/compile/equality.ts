/** Code for `==` and `!=`. */
import { stringSize, traversal } from '../cost.ts';
import type { EqualityNode } from '../plan/nodes.ts';
import type { Value } from '../values.ts';
import { type Block, fresh, hold } from './block.ts';
import { type Code, constantCode, type Generator, holdCode } from './code.ts';
import { helper } from './linking.ts';

export function equalityCode(node: EqualityNode, block: Block, generator: Generator): Code {
  const not = node.kind === 'not-equal';
  const leftCode = generator.node(node.left, block);
  const left = holdCode(block, leftCode);
  const rightCode = generator.node(node.right, block);
  const right = holdCode(block, rightCode);
  if (isPrimitive(rightCode.constant)) {
    return primitiveEquality(rightCode.constant, hold(block, left), false, not, block);
  }
  if (isPrimitive(leftCode.constant)) return primitiveEquality(leftCode.constant, right, true, not, block);
  const result = fresh(block);
  block.lines.push(
    `let ${result};`,
    `if (typeof ${left} === 'boolean' && typeof ${right} === 'boolean') { ${result} = ${left} ${not ? '!==' : '==='} ${right}; cost += 1; }`,
    `else { ${result} = ${not ? '!' : ''}${helper(block, 'equalOrBail')}(${left}, ${right}); cost += ${helper(block, not ? 'notEqualCost' : 'equalCost')}(${left}, ${right}); }`,
  );
  return { js: result, type: 'bool' };
}

function isPrimitive(value: Value | undefined): value is null | boolean | string | number {
  return value === null || ['boolean', 'string', 'number'].includes(typeof value);
}

/** Equality with a constant: one comparison, and the cost in closed form where the other side has its type. */
function primitiveEquality(
  value: null | boolean | string | number,
  other: string,
  constantFirst: boolean,
  not: boolean,
  block: Block,
): Code {
  const js = constantCode(value, block).js;
  const costOf = helper(block, not ? 'notEqualCost' : 'equalCostOrBail');
  const anyCost = constantFirst ? `${costOf}(${js}, ${other})` : `${costOf}(${other}, ${js})`;
  const bang = not ? '!==' : '===';
  if (typeof value === 'string') return textEquality(value, js, other, anyCost, bang, block);
  if (typeof value === 'number') {
    block.lines.push(`cost += typeof ${other} === 'number' ? 1 : ${anyCost};`);
    const same = `(${other} === ${js} || (typeof ${other} === 'object' && ${helper(block, 'equals')}(${other}, ${js})))`;
    return { js: not ? `!${same}` : same, type: 'bool' };
  }
  block.lines.push(`cost += typeof ${other} === 'boolean' || ${other} === null ? 1 : ${anyCost};`);
  return { js: `(${other} ${bang} ${js})`, type: 'bool' };
}

/** Equality with a text: what it costs is known when both are equal, and mostly when the other is short. */
function textEquality(
  value: string,
  js: string,
  other: string,
  anyCost: string,
  sign: '===' | '!==',
  block: Block,
): Code {
  const size = stringSize(value);
  const whole = traversal(size);
  const short = `(${other}.length === 0 ? 0 : 1)`;
  const result = fresh(block);
  block.lines.push(`const ${result} = ${other} ${sign} ${js};`);
  let ofText = short;
  if (size === 0) ofText = '0';
  else if (whole > 1) {
    const long = `${other}.length <= 10 ? ${short} : ${helper(block, 'stringEqualCost')}(${other}, ${size})`;
    ofText = `(${sign === '===' ? result : `!${result}`} ? ${whole} : ${long})`;
  }
  block.lines.push(`cost += typeof ${other} === 'string' ? ${ofText} : ${anyCost};`);
  return { js: result, type: 'bool' };
}
