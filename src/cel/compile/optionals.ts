/** Code for presence tests, and for `or` and `orValue` of optionals. */
import type { Node } from '../plan/nodes.ts';
import { attributeCode, optionalCode } from './attributes.ts';
import { type Block, blockCode, childBlock, fresh, hold, Unsupported } from './block.ts';
import type { Code, Generator } from './code.ts';
import { helper } from './linking.ts';

export function testCode(node: Extract<Node, { kind: 'test' }>, block: Block, generator: Generator): Code {
  const { attribute } = node;
  if (attribute.root === 'conditional') throw new Unsupported('has() of a conditional');
  if (!attribute.qualifiers.some((qualifier) => qualifier.optional)) {
    return attributeCode(attribute, block, generator);
  }
  return { js: `(${optionalCode(attribute, block, generator)} !== undefined)`, type: 'bool' };
}

export function optionalOrCode(
  node: Extract<Node, { kind: 'optional-or' }>,
  block: Block,
  generator: Generator,
): Code {
  const result = fresh(block);
  let empty = `${result} === undefined`;
  let unwrapped = true;
  const { left } = node;
  if (left.kind === 'attribute' && isOptionalChain(left)) {
    block.cost += 1;
    block.lines.push(`let ${result} = ${optionalCode(left.attribute, block, generator)};`);
  } else {
    const value = hold(block, generator.node(left, block).js);
    block.lines.push(`if (!(${value} instanceof ${helper(block, 'Optional')})) ${block.bail}`);
    if (node.unwraps) {
      block.lines.push(`let ${result} = ${value}.$value;`);
    } else {
      unwrapped = false;
      empty = `${result}.$value === undefined`;
      block.lines.push(`let ${result} = ${value};`);
    }
  }
  const otherwise = childBlock(block);
  const right = generator.node(node.right, otherwise);
  otherwise.lines.push(`${result} = ${right.js};`);
  block.lines.push(`if (${empty}) {`, blockCode(otherwise), '}');
  if (!node.unwraps && unwrapped) {
    // `a.?b.or(c)`: what was found goes back into an optional; `c` is one already.
    block.lines.push(`else ${result} = new ${helper(block, 'Optional')}(${result});`);
  }
  return { js: result, type: 'dyn' };
}

function isOptionalChain(node: Extract<Node, { kind: 'attribute' }>): boolean {
  const { attribute } = node;
  return (
    attribute.root !== 'conditional' &&
    attribute.qualifiers.some((qualifier) => qualifier.optional) &&
    !attribute.qualifiers.some((qualifier) => qualifier.test)
  );
}
