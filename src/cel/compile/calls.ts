/** Code for calls of library functions. */

import { sameType } from '../check/types.ts';
import { isToldByArguments, REGEX_FACTOR, stringSize, traversal } from '../cost.ts';
import { CelError } from '../errors.ts';
import { UNGUARDED } from '../plan/functions.ts';
import type { CallNode, Node } from '../plan/nodes.ts';
import { compileRegex } from '../regex/index.ts';
import { invoke } from '../runtime/call.ts';
import type { Type } from '../types.ts';
import type { Value } from '../values.ts';
import { insertCode, isStream, streamCode } from './accumulate.ts';
import { optionalCode } from './attributes.ts';
import { type Block, declare, findRead, fresh, hold, link } from './block.ts';
import { type Code, type CodeType, checkCost, constantCode, type Generator, holdCode } from './code.ts';
import { callCostCode, calleeCode, callValue, dispatchCode, helper, implCode, regexCode } from './linking.ts';
import { literal } from './names.ts';

export function callCode(node: CallNode, block: Block, generator: Generator): Code {
  const constant = constantCall(node);
  if (constant !== undefined) {
    block.cost += constant.cost;
    const { value, args } = constant;
    const code =
      typeof value === 'object' && value !== null
        ? ({ js: callValue(block, node, args, value), type: Array.isArray(value) ? 'list' : 'dyn' } as const)
        : constantCode(value, block);
    return { ...code, of: node.overload?.result };
  }
  return (
    insertCode(node, block, generator) ??
    hasValueCode(node, block, generator) ??
    textCode(node, block, generator) ??
    matchesCode(node, block, generator) ??
    sizeCode(node, block, generator) ??
    textFunctionCode(node, block, generator) ??
    generalCode(node, block, generator)
  );
}

/** Functions of constants that are computed once, while generating. Nothing else of a call depends on anything. */
const PURE = new Set(
  'quantity isQuantity url isURL ip isIP ip.isCanonical cidr isCIDR semver isSemver format.named size'.split(
    ' ',
  ),
);

function constantCall(node: CallNode): { value: Value; cost: number; args: readonly Value[] } | undefined {
  if (!PURE.has(node.name) && !node.name.startsWith('format.')) return undefined;
  const args: Value[] = [];
  for (const arg of node.args) {
    if (arg.kind !== 'const') return undefined;
    args.push(arg.value);
  }
  try {
    const value = invoke(node, args);
    return { value, args, cost: node.cost === undefined ? 1 : node.cost(args, value) };
  } catch (error) {
    if (error instanceof CelError) return undefined;
    throw error;
  }
}

/** `a.?b.hasValue()` needs no optional. */
function hasValueCode(node: CallNode, block: Block, generator: Generator): Code | undefined {
  const [operand] = node.args;
  if (node.name !== 'hasValue' || operand?.kind !== 'attribute' || node.cost !== undefined) return undefined;
  const { attribute } = operand;
  if (attribute.root === 'conditional' || !attribute.qualifiers.some((q) => q.optional)) return undefined;
  block.cost += 2;
  return { js: `(${optionalCode(attribute, block, generator)} !== undefined)`, type: 'bool' };
}

const TEXT_TESTS: Readonly<Record<string, string>> = {
  starts_with_string: 'startsWith',
  ends_with_string: 'endsWith',
  contains_string: 'includes',
};

/** `startsWith`, `endsWith`, `contains`: JavaScript's own, and the cost without counting where a constant tells it. */
function textCode(node: CallNode, block: Block, generator: Generator): Code | undefined {
  const method = node.overload === undefined ? undefined : TEXT_TESTS[node.overload.id];
  if (method === undefined) return undefined;
  const text = stringCode(node.args[0]!, block, generator).js;
  const { js: part, constant } = stringCode(node.args[1]!, block, generator);
  const partCost = constant === undefined ? walkOf(part, 0, block) : String(traversal(stringSize(constant)));
  if (method === 'includes')
    block.lines.push(`cost += ${walkOf(text, 0, block)} * ${partCost};`, checkCost(block));
  else if (constant === undefined) block.lines.push(`cost += ${partCost};`);
  else block.cost += Number(partCost);
  return { js: `${text}.${method}(${part})`, type: 'bool' };
}

function constantText(node: Node): string | undefined {
  return node.kind === 'const' && typeof node.value === 'string' ? node.value : undefined;
}

interface StringCode {
  /** A variable that certainly holds a string, or a literal. */
  readonly js: string;
  readonly constant: string | undefined;
}

function stringCode(node: Node, block: Block, generator: Generator): StringCode {
  const code = generator.node(node, block);
  if (typeof code.constant === 'string') return { js: code.js, constant: code.constant };
  const value = hold(block, code.js);
  if (code.type !== 'string') block.lines.push(`if (typeof ${value} !== 'string') ${block.bail}`);
  return { js: value, constant: undefined };
}

function matchesCode(node: CallNode, block: Block, generator: Generator): Code | undefined {
  const pattern = node.args[1] === undefined ? undefined : constantText(node.args[1]);
  if (node.name !== 'matches' || node.overload === undefined || pattern === undefined) return undefined;
  const regex = compileRegex(pattern);
  if ('error' in regex) return undefined;
  const text = stringCode(node.args[0]!, block, generator).js;
  const patternCost = Math.ceil(stringSize(pattern) * REGEX_FACTOR);
  block.lines.push(`cost += ${walkOf(text, 1, block)} * ${patternCost};`, checkCost(block));
  return { js: `${regexCode(block, pattern, regex)}.test(${text})`, type: 'bool' };
}

function sizeCode(node: CallNode, block: Block, generator: Generator): Code | undefined {
  if (node.name !== 'size' || node.args.length !== 1) return undefined;
  block.cost += 1;
  const [operand] = node.args as [Node];
  const result = fresh(block);
  if (isStream(operand)) {
    block.lines.push(`let ${result} = 0;`);
    streamCode(operand, (_element, at) => at.lines.push(`${result}++;`), block, generator);
    return { js: result, type: 'int' };
  }
  const value = hold(block, generator.node(operand, block).js);
  block.lines.push(
    `const ${result} = Array.isArray(${value}) ? ${value}.length : ${helper(block, 'sizeValue')}(${value}, ${calleeCode(block, node)});`,
  );
  return { js: result, type: 'int' };
}

function walkKey(text: string, more: number): string {
  return `walk(${text}, ${more})`;
}

/** Cost of one walk over a text: worked out once for each text. */
function walkOf(text: string, more: number, block: Block): string {
  const key = walkKey(text, more);
  const known = findRead(block, key);
  if (known !== undefined) return known.name;
  const cost = declare(block);
  block.lines.push(`${cost} = ${helper(block, 'walkCost')}(${text}, ${more});`);
  block.reads.set(key, { name: cost, present: true });
  return cost;
}

/** Functions of one text that are worth remembering. */
const REMEMBERED = new Set('quantity isQuantity url isURL ip isIP cidr isCIDR semver isSemver'.split(' '));

/** Functions that are computed once where the same text is looked at twice: `x.lowerAscii()` in both sides of `||`. */
const REUSED = new Set([...REMEMBERED, 'lowerAscii', 'upperAscii', 'trim']);

/** What these make has as many code points as what they are given. */
const SAME_LENGTH = new Set(['lowerAscii', 'upperAscii']);

/** A function of one text: remembered, reused, and its cost told from the text alone. */
function textFunctionCode(node: CallNode, block: Block, generator: Generator): Code | undefined {
  const { overload } = node;
  if (!REUSED.has(node.name) || node.args.length !== 1 || overload?.args[0]?.kind !== 'string')
    return undefined;
  const text = stringCode(node.args[0]!, block, generator).js;
  const key = `${overload.id}(${text})`;
  const type = codeType(overload.result);
  let read = findRead(block, key)?.name;
  if (read === undefined) {
    const impl = implCode(block, node.name, overload.id);
    const called = REMEMBERED.has(node.name) ? link(block, `h.remembering(${impl})`) : impl;
    read = declare(block);
    block.lines.push(`${read} = ${called}(${text});`);
    block.reads.set(key, { name: read, present: true });
  }
  // All of them cost a walk over the text, but for isURL, whose cost upstream forgot.
  if (node.cost === undefined) {
    block.cost += 1;
  } else {
    const walk = walkOf(text, 0, block);
    block.lines.push(`cost += ${walk};`);
    if (SAME_LENGTH.has(node.name)) block.reads.set(walkKey(read, 0), { name: walk, present: true });
  }
  return { js: read, type, of: overload.result };
}

function generalCode(node: CallNode, block: Block, generator: Generator): Code {
  const codes = node.args.map((arg) => generator.node(arg, block));
  const args = codes.map((code) => holdCode(block, code));
  const result = fresh(block);
  const toldBefore = isToldByArguments(node.cost);
  // What costs more than is left is not even begun.
  if (toldBefore) {
    const cost = `${callCostCode(block, node)}([${args.join(', ')}])`;
    block.lines.push(`cost += ${cost};`, checkCost(block));
  }
  if (isDispatched(node)) {
    block.lines.push(`const ${result} = ${dispatchCode(block, node)}(${args[0]});`);
  } else if (node.overload === undefined || node.singleton || node.inserts || UNGUARDED.has(node.name)) {
    block.lines.push(
      `const ${result} = ${helper(block, 'invoke')}(${calleeCode(block, node)}, [${args.join(', ')}]);`,
    );
  } else {
    const { overload } = node;
    for (const [index, arg] of args.entries()) checkType(overload.args[index]!, arg, codes[index]!, block);
    block.lines.push(`const ${result} = ${implCode(block, node.name, overload.id)}(${args.join(', ')});`);
  }
  if (node.cost === undefined) {
    block.cost += 1;
  } else if (!toldBefore) {
    block.lines.push(
      `cost += ${callCostCode(block, node)}([${args.join(', ')}], ${result});`,
      checkCost(block),
    );
  }
  if (node.overload === undefined) return { js: result, type: 'dyn' };
  return { js: result, type: codeType(node.overload.result), of: node.overload.result };
}

/** The type of the argument decides. */
function isDispatched(node: CallNode): boolean {
  const { args, overload, singleton, inserts } = node;
  return args.length === 1 && (overload === undefined || singleton) && !inserts && !UNGUARDED.has(node.name);
}

/** Whether values of one type may be passed where another is declared: parts are looked at of lists and maps alone. */
function isMadeOf(made: Type, declared: Type): boolean {
  if (declared.kind === 'list' || declared.kind === 'map') return false;
  if (declared.kind === 'opaque') return made.kind === 'opaque' && made.name === declared.name;
  return sameType(made, declared);
}

function codeType(type: Type): CodeType {
  return type.kind === 'bool' || type.kind === 'string' || type.kind === 'list' ? type.kind : 'dyn';
}

/** Gives up unless the value has the declared type. */
function checkType(type: Type, value: string, { type: known, of }: Code, block: Block): void {
  if ((type.kind === known && type.kind !== 'list') || (of !== undefined && isMadeOf(of, type))) return;
  const test = typeTest(type, value, known, block);
  if (test !== undefined) block.lines.push(`if (!(${test})) ${block.bail}`);
}

/** Undefined when every value has the type. */
function typeTest(type: Type, value: string, known: CodeType, block: Block): string | undefined {
  switch (type.kind) {
    case 'dyn':
    case 'any':
    case 'param':
      return undefined;
    case 'string':
      return `typeof ${value} === 'string'`;
    case 'bool':
      return `typeof ${value} === 'boolean'`;
    case 'int':
      return `typeof ${value} === 'number' || typeof ${value} === 'bigint'`;
    case 'list':
      if (type.element.kind === 'param' || type.element.kind === 'dyn') {
        return known === 'list' ? undefined : `Array.isArray(${value})`;
      }
  }
  return `${helper(block, 'isAssignable')}(${link(block, literal(type))}, ${value})`;
}
