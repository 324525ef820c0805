/** What other tools were told not to report, in one form. */

export type Tool = 'checkov' | 'trivy' | 'kube-linter' | 'kubescape';

/** One check, or several by a pattern, that a tool is not to report somewhere. */
export interface Suppression {
  readonly tool: Tool;
  /** `id`: one check. `glob`: `*` stands for any characters. `regex`: RE2, of the whole id. `all`: every check of the tool. */
  readonly form: 'id' | 'glob' | 'regex' | 'all';
  /** As it is written there. */
  readonly check: string;
  /** Why, as it is written there; empty where nothing is. */
  readonly comment: string;
  /** The last day it counts, `YYYY-MM-DD`, in UTC; undefined: for ever. */
  readonly until: string | undefined;
}

/** One that is meant to suppress something, and cannot be read. */
export interface SuppressionFault {
  readonly tool: Tool;
  readonly fault: string;
}

/** One that can be read, and whose reach cannot be known here. */
export interface Unplaceable {
  readonly tool: Tool;
  readonly check: string;
  /** A sentence's end: `is of one cluster, which files do not have`. */
  readonly unplaceable: string;
}

export type Said = Suppression | SuppressionFault | Unplaceable;

export function isSuppression(said: Said): said is Suppression {
  return 'form' in said;
}

/** A suppression of a file of their own, with what it is about. */
export interface SuppressionEntry {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly said: Said;
  /** Undefined: everything. */
  readonly scope?: Scope;
}

export interface SuppressionFile {
  readonly entries: readonly SuppressionEntry[];
  /** Entries about what is no check of Kubernetes objects: vulnerabilities, secrets, licenses, other formats. */
  readonly others: number;
}

/** What an entry is about. All patterns are RE2 and match the whole text. */
export type Scope =
  | { readonly by: 'path'; readonly paths: readonly string[] }
  /** Checkov's name of a resource: `Deployment.shop.web`. */
  | { readonly by: 'resource'; readonly id: string }
  /** One of them is enough. */
  | { readonly by: 'designator'; readonly designators: readonly Designator[] };

/** Kubescape's description of objects: what is there must match. */
export interface Designator {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  /** All among the labels of the object, or all among its annotations. */
  readonly labels: readonly (readonly [key: string, pattern: string])[];
}

/** The end of a day on which something begins not to count: it counted up to the day before. Undefined for what is no day. */
export function dayBefore(text: string): string | undefined {
  const [, day] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/.exec(text) ?? [];
  if (day === undefined) return undefined;
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(day)) return undefined;
  return new Date(date.getTime() - DAY_MS).toISOString().slice(0, 10);
}

const DAY_MS = 86_400_000;
