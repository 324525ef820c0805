/** Blocks of generated JavaScript: lines, the cost they share, and which fields were already read. */

/** A field that was read before: the variable that holds it, and whether it is known to be there. */
export interface Read {
  readonly name: string;
  readonly present: boolean;
}

/** What generated functions share. */
export interface Unit {
  /** Code of what the code refers to, by name: `k0`, `k1`, … */
  readonly links: Map<string, string>;
  /** Values that no code makes. */
  readonly values: unknown[];
  temporaries: number;
  /** Nodes still allowed: code may not grow beyond reason (a conditional's selections are generated per branch). */
  budget: number;
}

/** The part of the code that runs as often as each other part of it: the function, or the body of a loop. */
export interface Frame {
  /** Variables declared at its start, so that what an inner block read can serve a later one. */
  readonly declared: string[];
  /** Every field read anywhere in it: key → variable. */
  readonly reads: Map<string, string>;
}

export interface Block {
  readonly unit: Unit;
  readonly frame: Frame;
  /** Whether it opens the frame. */
  readonly opens: boolean;
  readonly outer: Block | undefined;
  readonly lines: string[];
  /** Known cost of everything in the block, added at its start: generated code is only right when nothing fails. */
  cost: number;
  readonly reads: Map<string, Read>;
  /** The statement that gives the evaluation up. */
  readonly bail: string;
}

/** Gives an evaluation up: the exact engine starts it anew. */
export const EXACT = 'return exact(vars, limit, deadline);';

/** Thrown while generating: this program stays interpreted. */
export class Unsupported extends Error {}

export function createUnit(): Unit {
  return { links: new Map(), values: [], temporaries: 0, budget: 4_000 };
}

function openFrame(): Frame {
  return { declared: [], reads: new Map() };
}

export function rootBlock(unit: Unit): Block {
  const frame = openFrame();
  return {
    unit,
    frame,
    opens: true,
    outer: undefined,
    lines: [],
    cost: 0,
    reads: new Map(),
    bail: EXACT,
  };
}

/** A block within another, run at most once each time that one is. */
export function childBlock(outer: Block): Block {
  const { unit, frame, bail } = outer;
  return { unit, frame, opens: false, outer, lines: [], cost: 0, reads: new Map(), bail };
}

/** A block that is run any number of times, or in a function of its own. */
export function frameBlock(outer: Block, bail = outer.bail): Block {
  const { unit } = outer;
  return { unit, frame: openFrame(), opens: true, outer, lines: [], cost: 0, reads: new Map(), bail };
}

/** The code of a block, its cost first. */
export function blockCode(block: Block): string {
  const { declared } = block.frame;
  const variables = block.opens && declared.length > 0 ? `let ${declared.join(', ')};\n` : '';
  const cost = block.cost === 0 ? '' : `cost += ${block.cost};\n`;
  return variables + cost + block.lines.join('\n');
}

export function fresh(block: Block): string {
  return `t${block.unit.temporaries++}`;
}

/** The name under which the code sees what other code makes, once: see links.ts. */
export function link(block: Block, code: string): string {
  const { links } = block.unit;
  let name = links.get(code);
  if (name === undefined) {
    name = `k${links.size}`;
    links.set(code, name);
  }
  return name;
}

/** The name of a value that no code makes. */
export function capture(block: Block, value: unknown): string {
  const { values } = block.unit;
  let index = values.indexOf(value);
  if (index < 0) index = values.push(value) - 1;
  return link(block, `values[${index}]`);
}

/** Puts an expression into a variable, unless it is one or a literal of a word. */
export function hold(block: Block, code: string): string {
  if (/^(?:[tk]\d+|true|false|null|\(-?\d+\))$/.test(code)) return code;
  const name = fresh(block);
  block.lines.push(`let ${name} = ${code};`);
  return name;
}

/** A variable of the frame, for a value read in this block. */
export function declare(block: Block): string {
  const name = fresh(block);
  block.frame.declared.push(name);
  return name;
}

export function findRead(block: Block, key: string): Read | undefined {
  for (let at: Block | undefined = block; at !== undefined; at = at.outer) {
    const read = at.reads.get(key);
    if (read !== undefined) return read;
  }
  return undefined;
}

export function spend(block: Block): void {
  if (--block.unit.budget < 0) throw new Unsupported('the expression is too large to generate code for');
}
