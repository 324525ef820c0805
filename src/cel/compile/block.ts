/** Blocks of generated JavaScript: lines, the cost they share, and which fields were already read. */

/** A field that was read before: the variable that holds it, and whether it is known to be there. */
export interface Read {
  readonly name: string;
  readonly present: boolean;
}

/** What generated functions share. */
export interface Unit {
  /** Values captured by the code, by name: `k0`, `k1`, … */
  readonly captured: unknown[];
  readonly names: Map<unknown, string>;
  temporaries: number;
  /** Nodes still allowed: code may not grow beyond reason (a conditional's selections are generated per branch). */
  budget: number;
}

export interface Block {
  readonly unit: Unit;
  readonly outer: Block | undefined;
  readonly lines: string[];
  /** Known cost of everything in the block, added at its start: generated code is only right when nothing fails. */
  cost: number;
  readonly reads: Map<string, Read>;
  /** The statement that gives the evaluation up. */
  readonly bail: string;
}

/** Thrown while generating: this program stays interpreted. */
export class Unsupported extends Error {}

export function createUnit(): Unit {
  return { captured: [], names: new Map(), temporaries: 0, budget: 4_000 };
}

export function rootBlock(unit: Unit): Block {
  return { unit, outer: undefined, lines: [], cost: 0, reads: new Map(), bail: 'return;' };
}

export function childBlock(outer: Block, bail = outer.bail): Block {
  return { unit: outer.unit, outer, lines: [], cost: 0, reads: new Map(), bail };
}

/** The code of a block, its cost first. */
export function blockCode(block: Block): string {
  const cost = block.cost === 0 ? '' : `cost += ${block.cost};\n`;
  return cost + block.lines.join('\n');
}

export function fresh(block: Block): string {
  return `t${block.unit.temporaries++}`;
}

/** The name under which the code sees a value of ours. */
export function capture(block: Block, value: unknown): string {
  const { unit } = block;
  const known = unit.names.get(value);
  if (known !== undefined) return known;
  const name = `k${unit.captured.length}`;
  unit.captured.push(value);
  unit.names.set(value, name);
  return name;
}

/** Puts an expression into a variable, unless it is one or a literal of a word. */
export function hold(block: Block, code: string): string {
  if (/^(?:[tk]\d+|true|false|null|\(-?\d+\))$/.test(code)) return code;
  const name = fresh(block);
  block.lines.push(`let ${name} = ${code};`);
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
