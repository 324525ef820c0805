/** Code for the logical operators, arithmetic and order. */
import type { Attribute, LogicNode, Node, OperatorNode } from '../plan/nodes.ts';
import { appendCode } from './accumulate.ts';
import { assumePresent } from './attributes.ts';
import { type Block, blockCode, childBlock, fresh, hold } from './block.ts';
import { type Code, type CodeType, checkCost, type Generator } from './code.ts';

import { helper, operatorCostCode } from './linking.ts';
import type { HelperName } from './links.ts';
import { inCode } from './membership.ts';
import { literal } from './names.ts';

export function logicCode(node: LogicNode, block: Block, generator: Generator): Code {
  const left = generator.boolean(node.left, block);
  const right = childBlock(block);
  assumePresent(positiveTests(node.left, node.kind === 'and'), right, generator);
  const code = generator.boolean(node.right, right);
  const operator = node.kind === 'and' ? '&&' : '||';
  if (right.lines.length === 0 && right.cost === 0)
    return { js: `(${left} ${operator} ${code})`, type: 'bool' };
  const result = fresh(block);
  right.lines.push(`${result} = ${code};`);
  block.lines.push(
    `let ${result} = ${left};`,
    `if (${node.kind === 'and' ? '' : '!'}${result}) {`,
    blockCode(right),
    '}',
  );
  return { js: result, type: 'bool' };
}

/** The `has()` that are certainly true when a node is of this truth. */
function positiveTests(node: Node, truth: boolean): Attribute[] {
  switch (node.kind) {
    case 'test':
      return truth ? [node.attribute] : [];
    case 'operator':
      return node.operator === '!_' ? positiveTests(node.args[0]!, !truth) : [];
    case 'and':
    case 'or':
      return (node.kind === 'and') === truth
        ? [...positiveTests(node.left, truth), ...positiveTests(node.right, truth)]
        : [];
    default:
      return [];
  }
}

const ARITHMETIC: Readonly<Record<string, HelperName>> = {
  '_+_': 'add',
  '_-_': 'subtract',
  '_*_': 'multiply',
  '_/_': 'divide',
  '_%_': 'modulo',
};

const COMPARISON: Readonly<Record<string, string>> = { '_<_': '<', '_<=_': '<=', '_>_': '>', '_>=_': '>=' };

export function operatorCode(node: OperatorNode, block: Block, generator: Generator): Code {
  if (node.operator === '!_') {
    block.cost += 1;
    return { js: `!${hold(block, generator.boolean(node.args[0]!, block))}`, type: 'bool' };
  }
  const appended = appendCode(node, block, generator);
  if (appended !== undefined) return appended;
  if (node.operator === '@in') return inCode(node, block, generator);
  const args = node.args.map((arg) => generator.node(arg, block));
  const [a, b] = args.map((arg) => hold(block, arg.js)) as [string, string];
  const result = fresh(block);
  let type: CodeType = 'dyn';
  if (node.operator === '@not_strictly_false') {
    type = 'bool';
    block.lines.push(`const ${result} = ${a} !== false;`);
  } else if (node.operator === '-_') {
    block.lines.push(`const ${result} = ${helper(block, 'negate')}(${a});`);
  } else if (node.operator in COMPARISON) {
    type = 'bool';
    const sign = COMPARISON[node.operator]!;
    const slow = `${helper(block, 'compare')}(${a}, ${b}, ${literal(node.operator)}) ${sign} 0`;
    block.lines.push(`const ${result} = ${bothNumbers(args, a, b)} ? ${a} ${sign} ${b} : ${slow};`);
  } else {
    block.lines.push(`const ${result} = ${helper(block, ARITHMETIC[node.operator]!)}(${a}, ${b});`);
  }
  if (node.cost === undefined) {
    block.cost += 1;
  } else {
    block.lines.push(`cost += ${operatorCostCode(block, node)}([${a}, ${b}], ${result});`, checkCost(block));
  }
  return { js: result, type };
}

function bothNumbers(args: readonly Code[], a: string, b: string): string {
  const checks = [
    args[0]!.js.match(/^\(-?\d+\)$/) ? '' : `typeof ${a} === 'number'`,
    args[1]!.js.match(/^\(-?\d+\)$/) ? '' : `typeof ${b} === 'number'`,
  ].filter((check) => check !== '');
  return checks.length === 0 ? 'true' : `(${checks.join(' && ')})`;
}
