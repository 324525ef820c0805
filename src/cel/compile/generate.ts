/**
 * Plan → JavaScript. The code assumes that nothing fails: costs of straight-line code are added up beforehand, and
 * whatever is not plain (an error, even one that `||` would absorb, an exceeded limit, a type nobody expected) makes it
 * give up, and the exact engine evaluates anew. So there is one place that knows what errors do and cost, and the code
 * is only ever right or silent.
 *
 * Text of a policy reaches the code through {@link literal} alone; names in the code are made up here; all other values
 * are captured.
 */

import { add, divide, modulo, multiply, negate, subtract } from '../arithmetic.ts';
import { compare } from '../compare.ts';
import {
  equalCost,
  LIST_COST,
  MAP_COST,
  notEqualCost,
  PER_CALL_LIMIT,
  STRUCT_COST,
  stringEqualCost,
  stringSize,
  traversal,
} from '../cost.ts';
import { equals } from '../equality.ts';
import { CLOCK_INTERVAL, createStruct, putEntry, putField } from '../interpret/interpret.ts';
import { Optional } from '../optional.ts';
import type {
  Attribute,
  EqualityNode,
  FoldNode,
  LogicNode,
  Node,
  OperatorNode,
  Plan,
} from '../plan/nodes.ts';
import type { Deadline, Outcome } from '../program.ts';
import { inSet } from '../runtime/maps.ts';
import type { Type } from '../types.ts';
import { CelMap, type Value } from '../values.ts';
import { assumePresent, attributeCode, fieldRead, indexRead, optionalCode } from './attributes.ts';
import {
  type Block,
  blockCode,
  capture,
  childBlock,
  createUnit,
  EXACT,
  fresh,
  hold,
  rootBlock,
  spend,
  Unsupported,
} from './block.ts';
import { callCode } from './calls.ts';
import { appendCode, foldCode, type Locals, localCode } from './folds.ts';
import { BAIL, containsValue, equalCostOrBail, equalOrBail } from './helpers.ts';
import { literal } from './names.ts';

/** An expression and what its values are known to be; dyn: anything. */
export interface Code {
  readonly js: string;
  readonly type: CodeType;
  /** Declared result of the function that made the value. */
  readonly of?: Type | undefined;
}

export type CodeType = 'dyn' | 'bool' | 'string' | 'int' | 'list';

/** What the parts of the generator need of each other. */
export interface Generator {
  readonly plan: Plan;
  readonly locals: Locals;
  /** Code for a node; its statements go to the block. */
  node(node: Node, block: Block): Code;
  /** Code that is certainly true or false: gives up where the value is no boolean. */
  boolean(node: Node, block: Block): string;
  local(fold: FoldNode, name: string, block: Block): Code;
}

/** Runs a program's evaluation; the signature of `Program.evaluate`. */
export type Evaluate = (vars: object, limit?: number, deadline?: Deadline) => Outcome;

/** Code for a plan; it calls `exact` where it gives up. Undefined when no code is made for this plan. */
export function generate(plan: Plan, exact: Evaluate): Evaluate | undefined {
  const source = generateSource(plan);
  if (source === undefined) return undefined;
  return new Function('k', 'exact', 'nextStop', source.code)(source.captured, exact, nextStop) as Evaluate;
}

/** The cost at which code has to ask again, -1 when the evaluation has to end. */
function nextStop(cost: number, limit: number, deadline: Deadline | undefined): number {
  if (!(cost <= limit)) return -1;
  if (deadline === undefined) return limit;
  return deadline.now() >= deadline.at ? -1 : Math.min(limit, cost + CLOCK_INTERVAL);
}

export function generateSource(plan: Plan): { code: string; captured: readonly unknown[] } | undefined {
  const unit = createUnit();
  const block = rootBlock(unit);
  const generator = createGenerator(plan);
  try {
    const value = generator.node(plan.root, block);
    block.lines.push(checkCost(block), `return { ok: true, value: ${value.js}, cost };`);
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
  const captured = unit.captured.map((_, index) => `const k${index} = k[${index}];`);
  const lines = [
    '"use strict";',
    ...captured,
    `return function (vars, limit = ${PER_CALL_LIMIT}, deadline) {`,
    'let cost = 0;',
    // Without a deadline the budget is all there is to ask about.
    'let stop = deadline === undefined ? limit : 0;',
    'try {',
    blockCode(block),
    // An error of the expression, or a defect: the exact engine tells which.
    '} catch {',
    EXACT,
    '}',
    '};',
  ];
  return { code: lines.join('\n'), captured: unit.captured };
}

/** Statement that gives up when the budget or the time is used up. */
export function checkCost(block: Block): string {
  // Written so that a cost that is no number stops too.
  return `if (!(cost <= stop) && (stop = nextStop(cost, limit, deadline)) < 0) ${block.bail}`;
}

function createGenerator(plan: Plan): Generator {
  const generator: Generator = {
    plan,
    locals: new Map(),
    node: (node, block) => nodeCode(node, block, generator),
    boolean: (node, block) => booleanCode(generator.node(node, block), block),
    local: (fold, name, block) => localCode(fold, name, block, generator),
  };
  return generator;
}

function booleanCode(code: Code, block: Block): string {
  if (code.type === 'bool') return code.js;
  const value = hold(block, code.js);
  block.lines.push(`if (${value} !== true && ${value} !== false) ${block.bail}`);
  return value;
}

function nodeCode(node: Node, block: Block, generator: Generator): Code {
  spend(block);
  switch (node.kind) {
    case 'const':
      return constantCode(node.value, block);
    case 'attribute':
      if (node.attribute.root !== 'conditional') block.cost += 1;
      return attributeCode(node.attribute, block, generator);
    case 'test':
      return testCode(node, block, generator);
    case 'and':
    case 'or':
      return logicCode(node, block, generator);
    case 'equal':
    case 'not-equal':
      return equalityCode(node, block, generator);
    case 'operator':
      return operatorCode(node, block, generator);
    case 'call':
      return callCode(node, block, generator);
    case 'optional-or':
      return optionalOrCode(node, block, generator);
    case 'in-set':
      return inSetCode(node, block, generator);
    case 'list':
      return listCode(node, block, generator);
    case 'map':
      return mapCode(node, block, generator);
    case 'struct':
      return structCode(node, block, generator);
    case 'fold':
      return foldCode(node, block, generator);
  }
}

export function constantCode(value: Value, block: Block): Code {
  if (value === null) return { js: 'null', type: 'dyn' };
  switch (typeof value) {
    case 'boolean':
      return { js: String(value), type: 'bool' };
    case 'string':
      return { js: literal(value), type: 'string' };
    case 'number':
      // In parentheses, so that a point may follow.
      return { js: `(${value})`, type: 'int' };
    default:
      return { js: capture(block, value), type: Array.isArray(value) ? 'list' : 'dyn' };
  }
}

function testCode(node: Extract<Node, { kind: 'test' }>, block: Block, generator: Generator): Code {
  const { attribute } = node;
  if (attribute.root === 'conditional') throw new Unsupported('has() of a conditional');
  if (!attribute.qualifiers.some((qualifier) => qualifier.optional)) {
    return attributeCode(attribute, block, generator);
  }
  return { js: `(${optionalCode(attribute, block, generator)} !== undefined)`, type: 'bool' };
}

function logicCode(node: LogicNode, block: Block, generator: Generator): Code {
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

function equalityCode(node: EqualityNode, block: Block, generator: Generator): Code {
  const not = node.kind === 'not-equal';
  const left = hold(block, generator.node(node.left, block).js);
  const right = hold(block, generator.node(node.right, block).js);
  const constant =
    node.right.kind === 'const' ? node.right : node.left.kind === 'const' ? node.left : undefined;
  const other = constant === node.right ? left : right;
  if (constant !== undefined && isPrimitive(constant.value)) {
    return primitiveEquality(constant.value, other, constant === node.left, not, block);
  }
  const result = fresh(block);
  block.lines.push(
    `let ${result};`,
    `if (typeof ${left} === 'boolean' && typeof ${right} === 'boolean') { ${result} = ${left} ${not ? '!==' : '==='} ${right}; cost += 1; }`,
    `else { ${result} = ${not ? '!' : ''}${capture(block, equalOrBail)}(${left}, ${right}); cost += ${capture(block, not ? notEqualCost : equalCost)}(${left}, ${right}); }`,
  );
  return { js: result, type: 'bool' };
}

function isPrimitive(value: Value): value is null | boolean | string | number {
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
  const costOf = capture(block, not ? notEqualCost : equalCostOrBail);
  const anyCost = constantFirst ? `${costOf}(${js}, ${other})` : `${costOf}(${other}, ${js})`;
  const bang = not ? '!==' : '===';
  if (typeof value === 'string') return textEquality(value, js, other, anyCost, bang, block);
  if (typeof value === 'number') {
    block.lines.push(`cost += typeof ${other} === 'number' ? 1 : ${anyCost};`);
    const same = `(${other} === ${js} || (typeof ${other} === 'object' && ${capture(block, equals)}(${other}, ${js})))`;
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
  const short = `(${other} === '' ? 0 : 1)`;
  const result = fresh(block);
  block.lines.push(`const ${result} = ${other} ${sign} ${js};`);
  let ofText = short;
  if (size === 0) ofText = '0';
  else if (whole > 1) {
    const long = `${other}.length <= 10 ? ${short} : ${capture(block, stringEqualCost)}(${other}, ${size})`;
    ofText = `(${sign === '===' ? result : `!${result}`} ? ${whole} : ${long})`;
  }
  block.lines.push(`cost += typeof ${other} === 'string' ? ${ofText} : ${anyCost};`);
  return { js: result, type: 'bool' };
}

const ARITHMETIC: Readonly<Record<string, (a: Value, b: Value) => Value>> = {
  '_+_': add,
  '_-_': subtract,
  '_*_': multiply,
  '_/_': divide,
  '_%_': modulo,
};

const COMPARISON: Readonly<Record<string, string>> = { '_<_': '<', '_<=_': '<=', '_>_': '>', '_>=_': '>=' };

function operatorCode(node: OperatorNode, block: Block, generator: Generator): Code {
  if (node.operator === '!_') {
    block.cost += 1;
    return { js: `!${hold(block, generator.boolean(node.args[0]!, block))}`, type: 'bool' };
  }
  const appended = appendCode(node, block, generator);
  if (appended !== undefined) return appended;
  const args = node.args.map((arg) => generator.node(arg, block));
  const [a, b] = args.map((arg) => hold(block, arg.js)) as [string, string];
  const result = fresh(block);
  let type: CodeType = 'dyn';
  if (node.operator === '@in') {
    type = 'bool';
    const [member] = node.args;
    const constant =
      member!.kind === 'const' && typeof member!.value === 'string' ? member!.value : undefined;
    const read = constant === undefined ? indexRead(b, a, block) : fieldRead(b, constant, block);
    const key = constant === undefined ? a : literal(constant);
    const isText = constant === undefined ? ` && typeof ${a} === 'string'` : '';
    const own = `${capture(block, Object.hasOwn)}(${b}, ${key}) ? ${b}[${key}] : undefined`;
    // In a plain object the look-up also reads the value, for a selection `container[key]` that may follow.
    block.lines.push(
      `let ${result};`,
      `if (${b}?.constructor === Object${isText}) { ${read} = ${own}; ${result} = ${read} !== undefined; }`,
      `else { ${read} = undefined; ${result} = ${capture(block, containsValue)}(${b}, ${key}); }`,
    );
  } else if (node.operator === '@not_strictly_false') {
    type = 'bool';
    block.lines.push(`const ${result} = ${a} !== false;`);
  } else if (node.operator === '-_') {
    block.lines.push(`const ${result} = ${capture(block, negate)}(${a});`);
  } else if (node.operator in COMPARISON) {
    type = 'bool';
    const sign = COMPARISON[node.operator]!;
    const slow = `${capture(block, compare)}(${a}, ${b}, ${literal(node.operator)}) ${sign} 0`;
    block.lines.push(`const ${result} = ${bothNumbers(args, a, b)} ? ${a} ${sign} ${b} : ${slow};`);
  } else {
    block.lines.push(`const ${result} = ${capture(block, ARITHMETIC[node.operator]!)}(${a}, ${b});`);
  }
  if (node.cost === undefined) {
    block.cost += 1;
  } else {
    block.lines.push(`cost += ${capture(block, node.cost)}([${a}, ${b}], ${result});`, checkCost(block));
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

function optionalOrCode(
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
    block.lines.push(`if (!(${value} instanceof ${capture(block, Optional)})) ${block.bail}`);
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
    block.lines.push(`else ${result} = new ${capture(block, Optional)}(${result});`);
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

/** Up to this many strings are compared one by one. */
const MAX_COMPARED = 4;

function inSetCode(node: Extract<Node, { kind: 'in-set' }>, block: Block, generator: Generator): Code {
  const value = hold(block, generator.node(node.operand, block).js);
  const members = [...node.members];
  if (members.length <= MAX_COMPARED && members.every((member) => typeof member === 'string')) {
    return { js: `(${members.map((m) => `${value} === ${literal(m)}`).join(' || ')})`, type: 'bool' };
  }
  const set = capture(block, node.members);
  const rounded = node.rounded === undefined ? 'undefined' : capture(block, node.rounded);
  const slow = `${capture(block, inSet)}(${value}, ${set}, ${rounded})`;
  return { js: `(typeof ${value} === 'object' ? ${slow} : ${set}.has(${value}))`, type: 'bool' };
}

function listCode(node: Extract<Node, { kind: 'list' }>, block: Block, generator: Generator): Code {
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

function mapCode(node: Extract<Node, { kind: 'map' }>, block: Block, generator: Generator): Code {
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

function structCode(node: Extract<Node, { kind: 'struct' }>, block: Block, generator: Generator): Code {
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

/** Leaves a nested function: there the evaluation is given up by throwing. */
export function throwing(block: Block): string {
  return `throw ${capture(block, BAIL)};`;
}
