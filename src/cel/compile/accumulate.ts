/** Code for folds that build lists and maps: `map`, `filter`, and whatever has no form of its own. */
import { LIST_COST } from '../cost.ts';
import type { Attribute, CallNode, FoldNode, Node, OperatorNode } from '../plan/nodes.ts';
import { CelMap } from '../values.ts';
import { type Block, blockCode, childBlock, fresh, hold } from './block.ts';
import { type Code, checkCost, type Generator, holdCode, type Local } from './code.ts';
import { helper } from './linking.ts';
import { closeLoop, openLoop } from './loops.ts';

/** A fold in general: an accumulator, assigned once per element. */
export function loopCode(node: FoldNode, block: Block, generator: Generator): Code {
  const accu = fresh(block);
  const { init } = node;
  // An accumulator that starts empty is the code's own: it may grow in place.
  const list = isEmptyList(init);
  const map = init.kind === 'const' && init.value instanceof CelMap && init.value.$entries.size === 0;
  const start = list ? '[]' : map ? `new ${helper(block, 'CelMap')}(new Map())` : undefined;
  block.lines.push(`let ${accu} = ${start ?? generator.node(init, block).js};`);
  const loop = openLoop(node, block, generator, {
    accu: { code: { js: accu, type: 'dyn' } },
    grows: list || map,
  });
  const going = generator.boolean(node.condition, loop.body);
  const step = childBlock(loop.body);
  const next = generator.node(node.step, step);
  const inPlace = next.js === accu;
  if (!inPlace) step.lines.push(`${accu} = ${next.js};`);
  step.lines.push(checkCost(step));
  if (going !== 'true') loop.body.lines.push(`if (!${hold(loop.body, going)}) break;`);
  loop.body.lines.push('{', blockCode(step), '}');
  closeLoop(loop, block);
  const own = generator.locals.get(node)!;
  const complete: Code = { js: accu, type: list && inPlace ? 'list' : 'dyn' };
  generator.locals.set(node, {
    ...own,
    accu: { code: complete },
    iter: undefined,
    iter2: undefined,
    grows: false,
  });
  return generator.node(node.result, block);
}

/**
 * The elements that `filter` or `map` make, one after the other, where no list of them is needed: `consume` writes
 * what is done with one.
 */
export function streamCode(
  node: FoldNode,
  consume: (element: Code, block: Block) => void,
  block: Block,
  generator: Generator,
): void {
  // Reads of the accumulator, of which nothing comes.
  const nothing: Code = { js: 'null', type: 'dyn' };
  const loop = openLoop(node, block, generator, { accu: { code: nothing }, grows: true, consume });
  const step = childBlock(loop.body);
  generator.node(node.step, step);
  step.lines.push(checkCost(step));
  loop.body.lines.push('{', blockCode(step), '}');
  closeLoop(loop, block);
  // The result reads the accumulator.
  block.cost += 1;
}

/** Whether a fold appends one element per step to an empty list, or, on a condition, none. */
export function isStream(node: Node): node is FoldNode {
  if (node.kind !== 'fold' || !isEmptyList(node.init) || !isAccu(node.result, node)) return false;
  const { condition, step } = node;
  if (condition.kind !== 'const' || condition.value !== true) return false;
  if (appendsOne(step)) return true;
  if (step.kind !== 'attribute' || step.attribute.root !== 'conditional') return false;
  const { truthy, falsy } = step.attribute;
  return (
    truthy.root === 'expression' &&
    truthy.qualifiers.length === 0 &&
    appendsOne(truthy.operand) &&
    isAccuAttribute(falsy, node)
  );
}

function appendsOne(node: Node): boolean {
  if (node.kind !== 'operator' || !node.appends) return false;
  const more = node.args[1]!;
  return more.kind === 'list' && more.elements.length === 1 && more.optional[0] !== true;
}

function isEmptyList(node: Node): boolean {
  return node.kind === 'const' && Array.isArray(node.value) && node.value.length === 0;
}

/** Whether a node reads the accumulator of a fold, and nothing else. */
export function isAccu(node: Node, fold: FoldNode): boolean {
  return node.kind === 'attribute' && isAccuAttribute(node.attribute, fold);
}

function isAccuAttribute(attribute: Attribute, fold: FoldNode): boolean {
  return (
    attribute.root === 'variable' &&
    attribute.local === fold &&
    attribute.name === fold.accuVar &&
    attribute.qualifiers.length === 0
  );
}

/** The accumulator, where the code made it and it may grow in place. */
function growing(node: Node | undefined, generator: Generator): Growing | undefined {
  if (node?.kind !== 'attribute' || node.attribute.root !== 'variable') return undefined;
  const local = generator.locals.get(node.attribute.local!);
  if (local?.grows !== true || !('code' in local.accu)) return undefined;
  return { accu: local.accu.code.js, consume: local.consume };
}

interface Growing {
  readonly accu: string;
  readonly consume: Local['consume'];
}

/** `@result + [x]` in place; undefined where that may not be. */
export function appendCode(node: OperatorNode, block: Block, generator: Generator): Code | undefined {
  const target = node.appends ? growing(node.args[0], generator) : undefined;
  if (target === undefined) return undefined;
  const { accu, consume } = target;
  const more = node.args[1]!;
  // Reading the accumulator, and the addition.
  block.cost += 2;
  if (more.kind === 'list' && !more.optional.some(Boolean)) {
    block.cost += LIST_COST;
    for (const element of more.elements) {
      const code = generator.node(element, block);
      if (consume === undefined) block.lines.push(`${accu}.push(${code.js});`);
      else consume({ ...code, js: holdCode(block, code) }, block);
    }
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
  const target = node.inserts ? growing(node.args[0], generator) : undefined;
  if (target === undefined || node.cost !== undefined) return undefined;
  const { accu } = target;
  block.cost += 2;
  const more = node.args.slice(1).map((arg) => hold(block, generator.node(arg, block).js));
  block.lines.push(`${helper(block, 'insert')}([${[accu, ...more].join(', ')}]);`);
  return { js: accu, type: 'dyn' };
}
