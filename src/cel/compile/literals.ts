/** Code for lists, maps and messages. */
import { LIST_COST, MAP_COST, STRUCT_COST } from '../cost.ts';
import { Optional } from '../optional.ts';
import type { Node } from '../plan/nodes.ts';
import { createStruct, putEntry, putField } from '../runtime/build.ts';
import { CelMap } from '../values.ts';
import { type Block, capture, fresh, hold } from './block.ts';
import type { Code, Generator } from './code.ts';
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
      `if (!(${element} instanceof ${capture(block, Optional)})) ${block.bail}`,
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
    const put = `${capture(block, putEntry)}(${map}, ${key}, ${value}, ${entry.optional})`;
    block.lines.push(`if (${put} !== undefined) ${block.bail}`);
  }
  return { js: `new ${capture(block, CelMap)}(${map})`, type: 'dyn' };
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
    const put = `${capture(block, putField)}(${fields}, ${literal(field.name)}, ${value}, ${field.optional})`;
    block.lines.push(`if (${put} !== undefined) ${block.bail}`);
  }
  const structs = capture(block, generator.plan.structs);
  return {
    js: `${capture(block, createStruct)}(${structs}, ${literal(node.typeName)}, ${fields})`,
    type: 'dyn',
  };
}
