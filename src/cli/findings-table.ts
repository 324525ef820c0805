/** Findings about what exists, for a terminal: a line each, the worst first. */
import type { StoredFinding } from '../app/controller/controller.ts';
import { many } from '../report/text.ts';

const MOST = 20;
/** Columns. */
const WIDTH = 80;
const GAP = '  ';

/**
 * @param objects How many were looked at.
 * @param more Findings beside these.
 */
export function findingsTable(all: readonly StoredFinding[], objects: number, more = 0): string[] {
  const open = all.filter(({ verdict }) => verdict === 'violation' || verdict === 'error');
  const looked = many(objects, 'object', 'objects');
  if (open.length === 0) return [`${looked} looked at: no findings`];
  const rows = open.slice(0, MOST).map(cells);
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.flatMap((row) => linesOf(row, widths));
  const count = open.length + more;
  if (count > rows.length) lines.push(`and ${count - rows.length} more`);
  return [`${looked} looked at: ${many(count, 'finding', 'findings')}`, ...lines];
}

/** Severity, policy, object, and where it stands, or that nobody was asked about it. */
function cells({ severity, verdict, policy, resource, origin, unevaluated }: StoredFinding): string[] {
  const { kind, namespace, name } = resource;
  const passed = unevaluated ? 'admitted unevaluated' : '';
  const place = origin === undefined ? passed : `${origin.file}:${origin.line}`;
  const object = `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
  return [verdict === 'error' ? 'error' : severity, policy, object, place];
}

/** What does not fit goes to the next line, whole: a place that is cut off leads nowhere. */
function linesOf(row: readonly string[], widths: readonly number[]): string[] {
  const aligned = row
    .map((cell, i) => cell.padEnd(widths[i]!))
    .join(GAP)
    .trimEnd();
  if (widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) <= WIDTH) return [aligned];
  const [severity = '', policy = '', object = '', place = ''] = row;
  const indent = ' '.repeat(widths[0]! + GAP.length);
  const first = `${severity.padEnd(widths[0]!)}${GAP}${policy}${GAP}${object}`;
  return place === '' ? [first] : [first, `${indent}${place}`];
}
