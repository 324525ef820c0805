/** Code for variables and selections. */
import type { Attribute, ConditionalAttribute, Qualifier } from '../plan/nodes.ts';
import {
  type Block,
  blockCode,
  childBlock,
  declare,
  findRead,
  fresh,
  hold,
  spend,
  Unsupported,
} from './block.ts';
import { type Code, constantCode, type Generator, holdCode } from './code.ts';
import { helper } from './linking.ts';
import { isPlainName, literal } from './names.ts';

/** The value of an attribute, without the cost of the attribute itself. Gives up when it is not there. */
export function attributeCode(attribute: Attribute, block: Block, generator: Generator): Code {
  spend(block);
  if (attribute.root === 'conditional') return conditionalCode(attribute, block, generator);
  const { qualifiers } = attribute;
  const last = qualifiers[qualifiers.length - 1];
  if (qualifiers.some((qualifier) => qualifier.optional)) {
    return wrapOptional(optionalCode(attribute, block, generator), block);
  }
  let value = rootCode(attribute, block, generator);
  for (const qualifier of qualifiers) {
    value = {
      js:
        qualifier === last && qualifier.test
          ? presenceCode(value.js, qualifier, block)
          : selectCode(value.js, qualifier, block, generator),
      type: qualifier.test ? 'bool' : 'dyn',
    };
  }
  return value;
}

function rootCode(
  attribute: Exclude<Attribute, ConditionalAttribute>,
  block: Block,
  generator: Generator,
): Code {
  if (attribute.root === 'expression') {
    const operand = generator.node(attribute.operand, block);
    return { ...operand, js: hold(block, operand.js) };
  }
  if (attribute.local !== undefined) {
    const local = generator.local(attribute.local, attribute.name, block);
    return attribute.qualifiers.length === 0 ? local : { ...local, js: hold(block, local.js) };
  }
  return { js: variableCode(attribute.name, block), type: 'dyn' };
}

function variableCode(name: string, block: Block): string {
  const read = findRead(block, `:${name}`);
  if (read !== undefined) return read.name;
  const variable = declare(block);
  block.lines.push(`${variable} = vars[${literal(name)}];`, `if (${variable} === undefined) ${block.bail}`);
  block.reads.set(`:${name}`, { name: variable, present: true });
  block.frame.reads.set(`:${name}`, variable);
  return variable;
}

function indexKey(operand: string, key: string): string {
  return `${operand}[${key}]`;
}

/** The variable for what a key known only at run time selects; whoever asks for it assigns it. */
export function indexRead(operand: string, key: string, block: Block): string {
  const name = declare(block);
  block.reads.set(indexKey(operand, key), { name, present: false });
  return name;
}

/** As {@link indexRead}, for a key known beforehand. */
export function fieldRead(operand: string, field: string, block: Block): string {
  const name = declare(block);
  block.reads.set(readKey(operand, field), { name, present: false });
  return name;
}

function readKey(operand: string, field: string): string {
  return `${operand}.${field}`;
}

/** One selection that has to be there. */
function selectCode(operand: string, qualifier: Qualifier, block: Block, generator: Generator): string {
  spend(block);
  block.cost += 1;
  const keyed = keyCode(qualifier, block, generator);
  const field = keyed.constant;
  if (field === undefined) {
    const key = keyed.js;
    const known = findRead(block, indexKey(operand, key))?.name;
    const value = known ?? fresh(block);
    const read = `${helper(block, 'pickIndex')}(${operand}, ${key})`;
    block.lines.push(
      known === undefined ? `const ${value} = ${read};` : `if (${value} === undefined) ${value} = ${read};`,
      `if (${value} === undefined) ${block.bail}`,
    );
    return value;
  }
  if (typeof field !== 'string') {
    const value = fresh(block);
    block.lines.push(
      `const ${value} = ${helper(block, 'pickIndex')}(${operand}, ${keyed.js});`,
      `if (${value} === undefined) ${block.bail}`,
    );
    return value;
  }
  const read = readField(operand, field, block);
  if (!read.present) {
    // A read of a plain name that found nothing is not the last word: the operand may be no parsed JSON.
    const again = `(${read.name} = ${fallback(operand, field, block)}) === undefined`;
    block.lines.push(`if (${read.name} === undefined && ${again}) ${block.bail}`);
    block.reads.set(readKey(operand, field), { name: read.name, present: true });
  }
  return read.name;
}

/** Reads a field into a variable that is undefined when a direct read finds nothing; reuses an earlier read. */
function readField(operand: string, field: string, block: Block): { name: string; present: boolean } {
  const key = readKey(operand, field);
  const read = findRead(block, key);
  if (read !== undefined) return read;
  const name = declare(block);
  const direct = isPlainName(field)
    ? `${operand}?.[${literal(field)}]`
    : `${helper(block, 'pickIndex')}(${operand}, ${literal(field)})`;
  block.lines.push(`${name} = ${direct};`);
  const made = { name, present: false };
  block.reads.set(key, made);
  block.frame.reads.set(key, name);
  return made;
}

function fallback(operand: string, field: string, block: Block): string {
  // What a look-up of `in` left undefined may still be there, in a list or a map made by the expression.
  return `${helper(block, isPlainName(field) ? 'pickField' : 'pickIndex')}(${operand}, ${literal(field)})`;
}

/** The last selection of `has()`. */
function presenceCode(operand: string, qualifier: Qualifier, block: Block): string {
  spend(block);
  block.cost += 1;
  if (!('value' in qualifier.key) || typeof qualifier.key.value !== 'string') throw new Unsupported('has()');
  const field = qualifier.key.value;
  const read = readField(operand, field, block);
  if (read.present) return 'true';
  if (isPlainName(field)) {
    // A plain object is not asked again. One with a key `constructor` merely looks less plain than it is.
    const again = `(${read.name} = ${fallback(operand, field, block)}) !== undefined`;
    return `(${read.name} !== undefined || (${operand}?.constructor !== Object && ${again}))`;
  }
  return `(${read.name} !== undefined || (${read.name} = ${fallback(operand, field, block)}) !== undefined)`;
}

/**
 * Notes in a block that presence tests were positive: what they read is there. Their variables hold it, since every
 * test that counts was evaluated on the way into the block.
 */
export function assumePresent(tests: readonly Attribute[], block: Block, generator: Generator): void {
  for (const test of tests) {
    if (test.root !== 'variable' || test.qualifiers.some((qualifier) => qualifier.optional)) continue;
    let operand =
      test.local === undefined
        ? lookUp(`:${test.name}`, block)
        : generator.local(test.local, test.name, block).js;
    for (const qualifier of test.qualifiers) {
      const field = 'value' in qualifier.key ? qualifier.key.value : undefined;
      if (operand === undefined || typeof field !== 'string') break;
      const key: string = readKey(operand, field);
      operand = lookUp(key, block);
      if (operand !== undefined) block.reads.set(key, { name: operand, present: true });
    }
  }
}

/** The variable of a read that was made in this frame or around the block. */
function lookUp(key: string, block: Block): string | undefined {
  return findRead(block, key)?.name ?? block.frame.reads.get(key);
}

function keyCode(qualifier: Qualifier, block: Block, generator: Generator): Code {
  if ('value' in qualifier.key) return constantCode(qualifier.key.value, block);
  const key =
    'attribute' in qualifier.key
      ? attributeCode(qualifier.key.attribute, block, generator)
      : generator.node(qualifier.key.node, block);
  return { ...key, js: holdCode(block, key) };
}

/**
 * The value of an attribute with optional selections: a variable, undefined when the optional is empty. Everything
 * after the first absent step is neither evaluated nor counted.
 */
export function optionalCode(attribute: Attribute, block: Block, generator: Generator): string {
  if (attribute.root === 'conditional') throw new Unsupported('optional selection from a conditional');
  const { qualifiers } = attribute;
  const start = qualifiers.findIndex((qualifier) => qualifier.optional);
  let value = rootCode(attribute, block, generator).js;
  for (const qualifier of qualifiers.slice(0, start)) value = selectCode(value, qualifier, block, generator);
  const result = fresh(block);
  block.lines.push(`let ${result};`);
  const steps = qualifiers.slice(start);
  if (start === 0 && mayBeOptional(attribute)) {
    const inner = fresh(block);
    const there = childBlock(block);
    optionalSteps(inner, steps, result, there, generator);
    block.lines.push(
      `const ${inner} = ${value} instanceof ${helper(block, 'Optional')} ? ${value}.$value : ${value};`,
      `if (${inner} !== undefined) {`,
      blockCode(there),
      '}',
    );
  } else optionalSteps(value, steps, result, block, generator);
  return result;
}

/** What comes from outside is none; an element of a list, or the value of an expression, may be. */
function mayBeOptional(attribute: Exclude<Attribute, ConditionalAttribute>): boolean {
  return attribute.root === 'expression' || attribute.local !== undefined;
}

function optionalSteps(
  operand: string,
  qualifiers: readonly Qualifier[],
  result: string,
  block: Block,
  generator: Generator,
): void {
  spend(block);
  const [qualifier, ...rest] = qualifiers as [Qualifier, ...Qualifier[]];
  const key = keyCode(qualifier, block, generator);
  const field = key.constant;
  const value = fresh(block);
  if (typeof field === 'string' && isPlainName(field)) {
    block.lines.push(
      `let ${value} = ${operand}?.[${literal(field)}];`,
      `if (${value} === undefined) ${value} = ${helper(block, 'pickField')}(${operand}, ${literal(field)});`,
    );
  } else {
    block.lines.push(`const ${value} = ${helper(block, 'pick')}(${operand}, ${key.js});`);
  }
  const inner = childBlock(block);
  inner.cost += 1;
  if (rest.length === 0) inner.lines.push(`${result} = ${value};`);
  else optionalSteps(value, rest, result, inner, generator);
  block.lines.push(`if (${value} !== undefined) {`, blockCode(inner), '}');
}

function wrapOptional(value: string, block: Block): Code {
  const none = helper(block, 'NONE');
  return {
    js: `(${value} === undefined ? ${none} : new ${helper(block, 'Optional')}(${value}))`,
    type: 'dyn',
  };
}

function conditionalCode(attribute: ConditionalAttribute, block: Block, generator: Generator): Code {
  const condition = generator.boolean(attribute.condition, block);
  const truthy = childBlock(block);
  const whenTrue = attributeCode(attribute.truthy, truthy, generator);
  const falsy = childBlock(block);
  const whenFalse = attributeCode(attribute.falsy, falsy, generator);
  const type = whenTrue.type === whenFalse.type ? whenTrue.type : 'dyn';
  // As in the step of `filter`: the accumulator, appended to or not.
  const same = whenTrue.js === whenFalse.js;
  const result = same ? whenTrue.js : fresh(block);
  if (!same) {
    truthy.lines.push(`${result} = ${whenTrue.js};`);
    falsy.lines.push(`${result} = ${whenFalse.js};`);
    block.lines.push(`let ${result};`);
  }
  block.lines.push(`if (${condition}) {`, blockCode(truthy), '}');
  const otherwise = blockCode(falsy);
  if (otherwise !== '') block.lines.push('else {', otherwise, '}');
  return { js: result, type };
}
