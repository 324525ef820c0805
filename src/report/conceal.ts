/** Keeps secrets that findings point at out of reports: a build log has more readers than the file. */
import type { Report } from '../model/index.ts';

/** Columns (from 1) from which a line is not shown, by `file:line`. */
type Concealed = ReadonlyMap<string, number>;

const known = new WeakMap<Report, Concealed>();

/** The source line as a report may show it: from what a concealing policy points at on, only the key is left. */
export function showable(report: Report, file: string, line: number, text: string): string {
  let concealed = known.get(report);
  if (concealed === undefined) {
    concealed = concealedBy(report);
    known.set(report, concealed);
  }
  const column = concealed.get(`${file}:${line}`);
  return column === undefined ? text : masked(text, column);
}

function concealedBy(report: Report): Concealed {
  const columns = new Map<string, number>();
  for (const { policy, origin } of report.results) {
    if (policy === null || report.policies.get(policy)?.conceal !== true) continue;
    const key = `${origin.file}:${origin.line}`;
    columns.set(key, Math.min(origin.column, columns.get(key) ?? origin.column));
  }
  return columns;
}

/** `key: value` and `--flag=value` keep key and flag; anything else is hidden whole, up to the end of the line. */
function masked(text: string, column: number): string {
  const before = text.slice(0, column - 1);
  const key = /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s:="'{[]+)\s*[:=]\s*/.exec(text.slice(column - 1));
  return `${before}${key?.[0] ?? ''}***`;
}
