/** Code for `in`. */
import type { Node, OperatorNode } from '../plan/nodes.ts';
import { fieldRead, indexRead } from './attributes.ts';
import { type Block, fresh, hold } from './block.ts';
import { type Code, checkCost, type Generator, holdCode } from './code.ts';
import { helper, operatorCostCode, setCode } from './linking.ts';
import { isPlainName, literal } from './names.ts';

/** `value in container`: texts in lists and keys in parsed JSON are looked for here, everything else by a helper. */
export function inCode(node: OperatorNode, block: Block, generator: Generator): Code {
  const wanted = generator.node(node.args[0]!, block);
  const value = holdCode(block, wanted);
  const range = generator.node(node.args[1]!, block);
  const container = hold(block, range.js);
  const result = fresh(block);
  const isText = wanted.type === 'string' ? '' : ` && typeof ${value} === 'string'`;
  block.lines.push(
    `let ${result} = false;`,
    `if (Array.isArray(${container})${isText}) {`,
    ...searchCode(container, value, result, block),
    '} else {',
    ...keyCode(container, wanted, value, isText, result, block),
    '}',
  );
  if (node.cost === undefined) block.cost += 1;
  else block.lines.push(costCode(node, container, value, result, block), checkCost(block));
  return { js: result, type: 'bool' };
}

/** A loop of the code's own beats `includes` on the short lists of manifests. */
function searchCode(list: string, text: string, result: string, block: Block): string[] {
  const index = fresh(block);
  return [
    `if (${list}.length > 1000) ${helper(block, 'expectTime')}(${list}.length * 10);`,
    `for (let ${index} = 0; ${index} < ${list}.length; ${index}++) {`,
    `if (${list}[${index}] === ${text}) { ${result} = true; break; }`,
    '}',
  ];
}

/** Also reads the value, for a selection `container[key]` that may follow. */
function keyCode(
  container: string,
  { constant }: Code,
  key: string,
  isText: string,
  result: string,
  block: Block,
): string[] {
  const contains = `${helper(block, 'containsValue')}(${container}, ${key})`;
  if (typeof constant === 'string' && isPlainName(constant)) {
    const read = fieldRead(container, constant, block);
    return [
      `${read} = ${container}?.[${literal(constant)}];`,
      `${result} = ${read} !== undefined || (${container}?.constructor !== Object && ${contains});`,
    ];
  }
  const read =
    typeof constant === 'string' ? fieldRead(container, constant, block) : indexRead(container, key, block);
  const own = `${helper(block, 'hasOwn')}(${container}, ${key}) ? ${container}[${key}] : undefined`;
  return [
    `if (${container}?.constructor === Object${isText}) { ${read} = ${own}; ${result} = ${read} !== undefined; }`,
    `else ${result} = ${contains};`,
  ];
}

/** What a search costs whose overload is known: that in a list, or as for any operator. */
function costCode(
  node: OperatorNode,
  container: string,
  value: string,
  result: string,
  block: Block,
): string {
  const cost = `${operatorCostCode(block, node)}([${value}, ${container}], ${result})`;
  if (node.overload !== 'in_list') return `cost += ${cost};`;
  return `cost += Array.isArray(${container}) ? ${container}.length : ${cost};`;
}

/** Up to this many strings are compared one by one. */
const MAX_COMPARED = 4;

export function inSetCode(node: Extract<Node, { kind: 'in-set' }>, block: Block, generator: Generator): Code {
  const value = hold(block, generator.node(node.operand, block).js);
  const members = [...node.members];
  if (members.length <= MAX_COMPARED && members.every((member) => typeof member === 'string')) {
    return { js: `(${members.map((m) => `${value} === ${literal(m)}`).join(' || ')})`, type: 'bool' };
  }
  const set = setCode(block, node.members);
  const rounded = node.rounded === undefined ? 'undefined' : setCode(block, node.rounded);
  const slow = `${helper(block, 'inSet')}(${value}, ${set}, ${rounded})`;
  return { js: `(typeof ${value} === 'object' ? ${slow} : ${set}.has(${value}))`, type: 'bool' };
}
