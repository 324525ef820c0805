/** Code for lists, maps and messages. */
import { LIST_COST, MAP_COST, STRUCT_COST } from '../cost.ts';
import type { Node } from '../plan/nodes.ts';
import { type Block, fresh, hold } from './block.ts';
import type { Code, Generator } from './code.ts';
import { helper } from './linking.ts';
import { literal } from './names.ts';

export function listCode(node: Extract<Node, { kind: 'list' }>, block: Block, generator: Generator): Code {
  block.cost += LIST_COST;
  const elements = node.elements.map((element) => hold(block, generator.node(element, block).js));
  if (!node.optional.some(Boolean)) {
    const result = fresh(block);
    block.lines.push(`const ${result} = [${elements.join(', ')}];`);
    return { js: result, type: 'list' };
  }
  const result = fresh(block);
  block.lines.push(`const ${result} = [];`);
  for (const [index, element] of elements.entries()) {
    if (!node.optional[index]) {
      block.lines.push(`${result}.push(${element});`);
      continue;
    }
    block.lines.push(
      `if (!(${element} instanceof ${helper(block, 'Optional')})) ${block.bail}`,
      `if (${element}.$value !== undefined) ${result}.push(${element}.$value);`,
    );
  }
  return { js: result, type: 'list' };
}

export function mapCode(node: Extract<Node, { kind: 'map' }>, block: Block, generator: Generator): Code {
  block.cost += MAP_COST;
  const map = fresh(block);
  block.lines.push(`const ${map} = new Map();`);
  for (const entry of node.entries) {
    const key = hold(block, generator.node(entry.key, block).js);
    const value = hold(block, generator.node(entry.value, block).js);
    const put = `${helper(block, 'putEntry')}(${map}, ${key}, ${value}, ${entry.optional})`;
    block.lines.push(`if (${put} !== undefined) ${block.bail}`);
  }
  return { js: `new ${helper(block, 'CelMap')}(${map})`, type: 'dyn' };
}

export function structCode(
  node: Extract<Node, { kind: 'struct' }>,
  block: Block,
  generator: Generator,
): Code {
  block.cost += STRUCT_COST;
  const fields = fresh(block);
  block.lines.push(`const ${fields} = new Map();`);
  for (const field of node.fields) {
    const value = hold(block, generator.node(field.value, block).js);
    const put = `${helper(block, 'putField')}(${fields}, ${literal(field.name)}, ${value}, ${field.optional})`;
    block.lines.push(`if (${put} !== undefined) ${block.bail}`);
  }
  return {
    js: `${helper(block, 'createStruct')}(structs, ${literal(node.typeName)}, ${fields})`,
    type: 'dyn',
  };
}
