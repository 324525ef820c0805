/** Code for `all` and `exists`. */
import type { FoldNode, Node } from '../plan/nodes.ts';
import type { Value } from '../values.ts';
import { isAccu, isStream, streamCode } from './accumulate.ts';
import { type Block, blockCode, childBlock, fresh, hold } from './block.ts';
import { type Code, checkCost, constantCode, type Generator, type Local } from './code.ts';
import { helper } from './linking.ts';
import { closeLoop, openLoop } from './loops.ts';
import { isBrief, sizeOfSimple } from './weight.ts';

/** `all`: and, from true; `exists`: or, from false. */
export interface Quantifier {
  readonly start: boolean;
  readonly predicate: Node;
}

export function quantifierOf(node: FoldNode): Quantifier | undefined {
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

export function quantifierCode(
  node: FoldNode,
  quantifier: Quantifier,
  block: Block,
  generator: Generator,
): Code {
  const { start, predicate } = quantifier;
  // The result reads the accumulator.
  block.cost += 1;
  const elements = fewElements(node, predicate, block);
  if (elements !== undefined) return unrolledCode(node, elements, quantifier, block, generator);
  if (node.iterVar2 === undefined && isStream(node.range)) {
    return streamedCode(node, node.range, quantifier, block, generator);
  }
  // The index of a second variable tells lists from maps; of an open list the exact engine sees to it.
  const mayBeOpen = node.iterVar2 === undefined && node.range.kind === 'attribute';
  const listed = mayBeOpen ? 'known' : 'iterate';
  const loop = openLoop(node, block, generator, accumulatorOf(quantifier), listed);
  const conditionCost = conditionCostOf(quantifier);
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
  );
  // What comes after a loop that makes no detours looks at the clock soon enough.
  if (!isBrief(predicate)) loop.body.lines.push(checkCost(loop.body));
  block.lines.push(`let ${result} = ${start};`);
  closeLoop(loop, block);
  if (mayBeOpen) {
    const open = `${loop.list} !== ${loop.source} && ${loop.source} instanceof ${helper(block, 'OpenList')}`;
    block.lines.push(`if (${result} === ${start} && ${open}) ${block.bail}`);
  }
  return { js: result, type: 'bool' };
}

/** Per element: the condition (reading the accumulator, `!` for exists); the accumulator in the step costs 1 more. */
function conditionCostOf({ start }: Quantifier): number {
  return start ? 2 : 3;
}

/** Where the accumulator is read, it still has its first value. */
function accumulatorOf({ start }: Quantifier): Pick<Local, 'accu' | 'grows'> {
  return { accu: { code: { js: String(start), type: 'bool' } }, grows: false };
}

/** Nodes of all the code that takes the place of one loop. */
const MAX_UNROLLED = 100;
/** Nodes left for the rest of the expression. */
const ROOM = 2_000;

/** The elements of a constant list that is not worth a loop. */
function fewElements(node: FoldNode, predicate: Node, block: Block): readonly Value[] | undefined {
  const { range } = node;
  if (range.kind !== 'const' || !Array.isArray(range.value) || range.value.length === 0) return undefined;
  const elements = range.value as readonly Value[];
  const size = sizeOfSimple(predicate);
  if (size === undefined || size * elements.length > MAX_UNROLLED || block.unit.budget < ROOM)
    return undefined;
  return elements;
}

/**
 * One element after the other: each is a constant in its code, so that its fields are read by name, and what one has
 * read serves the next.
 */
function unrolledCode(
  node: FoldNode,
  elements: readonly Value[],
  quantifier: Quantifier,
  block: Block,
  generator: Generator,
): Code {
  const { start, predicate } = quantifier;
  const conditionCost = conditionCostOf(quantifier);
  const result = fresh(block);
  block.lines.push(`let ${result} = ${start};`);
  const unroll = (index: number, at: Block): void => {
    const element = constantCode(elements[index]!, at);
    const [iter, iter2] =
      node.iterVar2 === undefined ? [element, undefined] : [constantCode(index, at), element];
    generator.locals.set(node, { ...accumulatorOf(quantifier), iter, iter2 });
    at.cost += conditionCost + 1;
    const holds = generator.boolean(predicate, at);
    if (index === elements.length - 1) {
      at.lines.push(`${result} = ${holds};`);
      return;
    }
    const next = childBlock(at);
    const condition = hold(at, holds);
    unroll(index + 1, next);
    at.lines.push(
      `if (${start ? '' : '!'}${condition}) {`,
      blockCode(next),
      '} else {',
      `${result} = ${!start};`,
      // The condition is evaluated once more, since there is a next element.
      `cost += ${conditionCost};`,
      '}',
    );
  };
  unroll(0, block);
  return { js: result, type: 'bool' };
}

/** `list.filter(…).all(…)` in one loop. All of the list is gone through, even when the answer is known. */
function streamedCode(
  node: FoldNode,
  range: FoldNode,
  quantifier: Quantifier,
  block: Block,
  generator: Generator,
): Code {
  const { start, predicate } = quantifier;
  const conditionCost = conditionCostOf(quantifier);
  const result = fresh(block);
  const ended = fresh(block);
  block.lines.push(`let ${result} = ${start}, ${ended} = false;`);
  const consume = (element: Code, at: Block): void => {
    generator.locals.set(node, { ...accumulatorOf(quantifier), iter: element, iter2: undefined });
    const body = childBlock(at);
    body.cost += conditionCost + 1;
    body.lines.push(`${result} = ${generator.boolean(predicate, body)};`);
    at.lines.push(
      `if (${start ? '' : '!'}${result}) {`,
      blockCode(body),
      // The condition is evaluated once more when there is a next element.
      `} else if (!${ended}) { ${ended} = true; cost += ${conditionCost}; }`,
    );
  };
  streamCode(range, consume, block, generator);
  return { js: result, type: 'bool' };
}
