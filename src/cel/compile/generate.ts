/**
 * Plan → JavaScript. The code assumes that nothing fails: costs of straight-line code are added up beforehand, and
 * whatever is not plain (an error, even one that `||` would absorb, an exceeded limit, a type nobody expected) makes it
 * give up, and the exact engine evaluates anew. So there is one place that knows what errors do and cost, and the code
 * is only ever right or silent.
 *
 * Text of a policy reaches the code through {@link literal} alone; names in the code are made up here; what it refers to
 * besides is linked to it (links.ts).
 */
import { PER_CALL_LIMIT } from '../cost.ts';
import type { Evaluate } from '../outcome.ts';
import type { Node, Plan } from '../plan/nodes.ts';
import { attributeCode } from './attributes.ts';
import { type Block, blockCode, createUnit, EXACT, hold, rootBlock, spend, Unsupported } from './block.ts';
import { callCode } from './calls.ts';
import { type Code, checkCost, constantCode, type Generator } from './code.ts';
import { equalityCode } from './equality.ts';
import { foldCode, localCode } from './folds.ts';
import { type Linkable, linkCode, PARAMETERS } from './links.ts';
import { listCode, mapCode, structCode } from './literals.ts';
import { inSetCode } from './membership.ts';
import { logicCode, operatorCode } from './operators.ts';
import { optionalOrCode, testCode } from './optionals.ts';

/** Code for a plan; it calls `exact` where it gives up. Undefined when no code is made for this plan. */
export function generate(plan: Plan, exact: Evaluate): Evaluate | undefined {
  const source = generateSource(plan);
  if (source === undefined) return undefined;
  const code = new Function(...PARAMETERS, source.code) as Linkable;
  return linkCode(code, plan, exact, source.values);
}

export interface GeneratedSource {
  /** Body of a {@link Linkable}. */
  readonly code: string;
  /** Constants that no code makes: code with any cannot be kept. */
  readonly values: readonly unknown[];
}

export function generateSource(plan: Plan): GeneratedSource | undefined {
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
  const links = [...unit.links].map(([code, name]) => `const ${name} = ${code};`);
  const lines = [
    '"use strict";',
    ...links,
    // To call with fewer arguments than there are parameters takes V8 longer than a short expression does.
    'return function (vars) {',
    `let limit = ${PER_CALL_LIMIT}, deadline;`,
    'if (arguments.length > 1) {',
    'if (arguments[1] !== undefined) limit = arguments[1];',
    'if (arguments.length > 2) deadline = arguments[2];',
    '}',
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
  return { code: lines.join('\n'), values: unit.values };
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
