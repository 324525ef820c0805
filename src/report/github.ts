import { type Report, type Reported, SEVERITIES } from '../model/index.ts';
import { linesOf, markedEnd } from './excerpt.ts';
import type { FormatOptions } from './format.ts';
import { besides, headline } from './headline.ts';
import { paragraphs } from './paragraphs.ts';
import { type Standing, standingOf, standsAs } from './standing.ts';
import { many, plain } from './text.ts';
import { notesOf, objectName, placeName, policyOf, remedyOf, ruleName, titleOf } from './wording.ts';

/** Of each level GitHub shows this many annotations of a step, and drops the rest without a word. */
const PER_LEVEL = 10;

type Level = 'error' | 'warning' | 'notice';
const LEVELS: readonly Level[] = ['error', 'warning', 'notice'];

/**
 * Workflow commands that GitHub Actions makes annotations of. What fails the run is an error; what does not, a warning or,
 * below medium, a notice. Audit only reports, and what is known or excused is nobody's change: these are in the log alone,
 * as is what is beyond GitHub's limits.
 */
export function* github(report: Report, options: FormatOptions): Iterable<string> {
  const levels = Map.groupBy(report.results, levelOf);
  const beyond: Reported[] = [];
  for (const level of LEVELS) {
    const gravest = (levels.get(level) ?? []).toSorted(bySeverity);
    for (const result of gravest.slice(0, PER_LEVEL)) yield annotation(level, report, result, options);
    for (const result of gravest.slice(PER_LEVEL)) beyond.push(result);
  }
  yield* group('more than GitHub shows as annotations', report, beyond);
  yield* group('listed only', report, levels.get(undefined) ?? []);
  if (options.quiet) return;
  for (const notice of report.notices) yield `note: ${plain(notice)}\n`;
  yield `${[headline(report.summary), ...besides(report.summary)].join(', ')}\n`;
}

function levelOf(result: Reported): Level | undefined {
  switch (standingOf(result)) {
    case 'error':
    case 'failing':
      return 'error';
    case 'warn':
      return 'warning';
    case 'below':
      return SEVERITIES.indexOf(result.severity) <= SEVERITIES.indexOf('medium') ? 'warning' : 'notice';
    default:
      return undefined;
  }
}

/** What was not evaluated first: it may hide anything. */
function bySeverity(a: Reported, b: Reported): number {
  const rank = ({ verdict, severity }: Reported) => (verdict === 'error' ? -1 : SEVERITIES.indexOf(severity));
  return rank(a) - rank(b);
}

function annotation(level: Level, report: Report, result: Reported, options: FormatOptions): string {
  const { file, line, column } = result.origin;
  const info = policyOf(report, result);
  const text = options.source(file);
  const source = text === undefined ? undefined : linesOf(text)(line);
  const remedy = remedyOf(report, result);
  const properties = [
    `file=${property(plain(file))}`,
    `line=${line}`,
    `endLine=${line}`,
    `col=${column}`,
    ...(source === undefined ? [] : [`endColumn=${Math.max(column, markedEnd(source, column))}`]),
    `title=${property(`${result.verdict === 'error' ? 'error' : result.severity}: ${titleOf(info) ?? ruleName(result, info)}`)}`,
  ];
  const said = [
    `${objectName(result)}${result.resource === null ? '' : ': '}${plain(result.detail)}`,
    ...notesOf(result),
    ...(remedy === undefined ? [] : remedyLines(remedy)),
    `[${ruleName(result, info)}]`,
  ];
  return `::${level} ${properties.join(',')}::${data(said.join('\n'))}\n`;
}

/** Sentences go on to their end: GitHub wraps them itself. */
function remedyLines(remedy: string): string[] {
  const [first, ...rest] = paragraphs(remedy);
  const head = first === undefined || first.code ? 'Remedy:' : `Remedy: ${first.line}`;
  return [head, ...(first?.code === true ? [first, ...rest] : rest).map(({ line }) => line)];
}

/** A folded part of the log, a result a line. */
function* group(title: string, report: Report, results: readonly Reported[]): Iterable<string> {
  if (results.length === 0) return;
  yield `::group::${many(results.length, 'result')} ${title}\n`;
  for (const result of results) {
    const info = policyOf(report, result);
    yield `${placeName(result)}: ${labelOf(result)}: ${objectName(result)}: ${plain(result.detail)} [${ruleName(result, info)}]\n`;
  }
  yield '::endgroup::\n';
}

function labelOf(result: Reported): string {
  const standing: Standing = standingOf(result);
  if (standing === 'failing' || standing === 'below') return result.severity;
  const stands = standsAs(standing);
  return stands === undefined ? standing : `${stands} (${result.severity})`;
}

/** As the runner reads it (actions/toolkit, packages/core/src/command.ts). */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
