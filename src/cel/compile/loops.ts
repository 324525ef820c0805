/** Loops over what a fold goes through. */
import type { FoldNode } from '../plan/nodes.ts';
import { type Block, blockCode, frameBlock, fresh, hold } from './block.ts';
import type { Code, Generator, Local } from './code.ts';
import { helper } from './linking.ts';

export interface Loop {
  /** What the fold goes through; the list of it. */
  readonly source: string;
  readonly list: string;
  readonly index: string;
  readonly body: Block;
}

/** @param listed `known`: of an open list, what is known of it. */
export function openLoop(
  node: FoldNode,
  block: Block,
  generator: Generator,
  accumulator: Pick<Local, 'accu' | 'grows' | 'consume'>,
  listed: 'iterate' | 'known' = 'iterate',
): Loop {
  const range = generator.node(node.range, block);
  const source = hold(block, range.js);
  let list = source;
  if (range.type !== 'list') {
    list = fresh(block);
    block.lines.push(
      `const ${list} = Array.isArray(${source}) ? ${source} : ${helper(block, listed)}(${source});`,
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
  generator.locals.set(node, { ...accumulator, iter, iter2 });
  return { source, list, index, body };
}

export function closeLoop({ list, index, body }: Loop, block: Block): void {
  block.lines.push(`for (let ${index} = 0; ${index} < ${list}.length; ${index}++) {`, blockCode(body), '}');
}
