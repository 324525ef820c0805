import type { JsonMap } from '../../model/index.ts';

/** What comparing all policies of a set with each other came to. */
export interface ConflictReport {
  readonly policies: number;
  readonly pairs: number;
  /** Pairs that can be asked about the same object. */
  readonly overlapping: number;
  readonly duplicates: readonly Duplicate[];
  readonly contradictions: readonly Contradiction[];
  /** Pairs that an object was found for that satisfies both. */
  readonly none: readonly Agreement[];
  readonly unknown: readonly Unknown[];
  /** Policies that were not compared: what they ask hangs on other objects. */
  readonly apart: readonly string[];
  /** Policies that no object can satisfy, whatever the others say. */
  readonly unsatisfiable: readonly Unsatisfiable[];
}

interface Pair {
  readonly a: string;
  readonly b: string;
}

export interface Duplicate extends Pair {
  /** Whether both are asked about the same objects, or only about some that are the same. */
  readonly match: 'equal' | 'overlapping';
}

export interface Contradiction extends Pair {
  /** Kind of the objects on which they meet. */
  readonly kind: string;
  /** True when one of them has selectors or conditions: only objects that both are asked about are meant. */
  readonly conditional: boolean;
  /** The field they disagree on, as far as one can be named. */
  readonly field: string;
  /** The fewest conditions that cannot hold together. */
  readonly clauses: readonly ContradictionClause[];
  /** Satisfies `a` and not `b`, as the evaluator says. */
  readonly passesA: JsonMap;
  /** Satisfies `b` and not `a`. */
  readonly passesB: JsonMap;
}

export interface ContradictionClause {
  readonly policy: string;
  readonly validation: string;
  readonly asks: string;
}

export interface Agreement extends Pair {
  /** One for each kind they meet on; satisfies both, as the evaluator says. */
  readonly witnesses: readonly { readonly kind: string; readonly object: JsonMap }[];
}

export interface Unknown extends Pair {
  readonly kind: string;
  readonly reason: string;
}

export interface Unsatisfiable {
  readonly policy: string;
  readonly kind: string;
  readonly clauses: readonly ContradictionClause[];
}
