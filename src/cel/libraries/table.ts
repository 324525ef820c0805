/** The libraries as rows, for the reference page and for messages. */
import { formatType } from '../check/types.ts';
import type { FunctionDeclaration, Overload } from '../library.ts';
import type { VersionedLibrary } from './kubernetes.ts';

export interface LibraryRow {
  readonly library: string;
  readonly name: string;
  readonly kind: 'function' | 'macro';
  /** One for each overload, as one writes it: `<string>.find(string) -> string`. Empty for macros. */
  readonly signatures: readonly string[];
  /** Kubernetes minor (1.x) from which on it can be used; 0 for always. */
  readonly since: number;
}

/**
 * One row for each function or macro, sorted by library and name, each with the first version that has it.
 * Internal functions, whose names no expression can write, are left out.
 */
export function libraryTable(libraries: readonly VersionedLibrary[]): readonly LibraryRow[] {
  const rows = new Map<string, LibraryRow>();
  for (const versioned of libraries) {
    for (const row of rowsOf(versioned)) {
      const key = `${row.library}\0${row.kind}\0${row.name}`;
      const known = rows.get(key);
      const since = Math.min(known?.since ?? row.since, row.since);
      rows.set(key, { ...row, since });
    }
  }
  return [...rows.values()].sort((a, b) => compare(a.library, b.library) || compare(a.name, b.name));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function rowsOf({ library, since }: VersionedLibrary): LibraryRow[] {
  const functions = library.functions.filter(({ name }) => /^[A-Za-z][\w.]*$/.test(name)).map(functionRow);
  const macros = [...new Set((library.macros ?? []).map(({ name }) => name))].map((name) => ({
    name,
    kind: 'macro' as const,
    signatures: [],
  }));
  return [...functions, ...macros].map((row) => ({ library: library.name, since, ...row }));
}

function functionRow({
  name,
  overloads,
}: FunctionDeclaration): Pick<LibraryRow, 'name' | 'kind' | 'signatures'> {
  return { name, kind: 'function', signatures: overloads.map((overload) => signature(name, overload)) };
}

function signature(name: string, { member, args, result }: Overload): string {
  const types = args.map(formatType);
  const call = member
    ? `<${types[0]}>.${name}(${types.slice(1).join(', ')})`
    : `${name}(${types.join(', ')})`;
  return `${call} -> ${formatType(result)}`;
}
