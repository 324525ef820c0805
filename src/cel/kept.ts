/** Programs kept between runs: what they were parsed and checked to, and their code. */
import { generateSource } from './compile/generate.ts';
import { type Linkable, PARAMETERS } from './compile/links.ts';
import type { Program } from './program.ts';

/** A kept program as whoever revives it finds it. */
export interface KeptProgram {
  /** The expression. */
  readonly text: string;
  /** What `packed` of the program gave; asked for only where code is not enough. */
  readonly packed: () => string;
  /** The function that {@link codeOf} wrote; undefined where there is none. */
  readonly code: Linkable | undefined;
}

/** The code of a program as the text of a function; undefined when it cannot be kept. */
export function codeOf({ plan }: Program): string | undefined {
  const source = generateSource(plan);
  if (source === undefined || source.values.length > 0) return undefined;
  return `function (${PARAMETERS.join(', ')}) {\n${source.code}\n}`;
}
