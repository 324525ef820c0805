import { type PolicyInfo, type Report, type Reported, SEVERITIES } from '../model/index.ts';
import { besides, headline, lookedAt } from './headline.ts';
import { code, codeBlock, htmlProse, prose, proseLine } from './markdown-text.ts';
import { blocks } from './paragraphs.ts';
import { type Standing, standingOf, standsAs } from './standing.ts';
import { many } from './text.ts';
import { notesOf, objectName, policyOf, remedyOf, ruleName, titleOf } from './wording.ts';

/** Begins the comment; who posts it finds the one to update by this line. */
export const MARKER = '<!-- rampart-report -->';
/** GitHub refuses a comment that is longer. */
const COMMENT_LIMIT = 65_536;

/**
 * A comment on a pull request: the verdict, counts, then findings by policy, what fails the run first. What a comment
 * cannot hold is left out from the end, and said.
 */
export function* markdown(report: Report): Iterable<string> {
  yield `${MARKER}\n`;
  yield* document(report, COMMENT_LIMIT - MARKER.length - 1, ({ length }) => length);
}

/** The same for the summary of a job, in at most `limit` bytes of UTF-8. */
export function jobSummary(report: Report, limit: number): string {
  return [...document(report, limit, (text) => Buffer.byteLength(text))].join('');
}

type Measure = (text: string) => number;

/** What is said of results left out takes less. */
const RESERVED = 400;

function* document(report: Report, limit: number, measure: Measure): Iterable<string> {
  const head = opening(report);
  yield head;
  let room = limit - measure(head) - RESERVED;
  let left = 0;
  for (const section of SECTIONS) {
    for (const part of parts(section, report)) {
      // Once something is left out, so is all that is less grave.
      const fitting = left > 0 ? undefined : fit(part, room, measure);
      left += part.items.length - (fitting?.items ?? 0);
      if (fitting === undefined) continue;
      room -= measure(fitting.text);
      yield fitting.text;
    }
  }
  if (left > 0)
    yield `\n**${many(left, 'result')} not shown here**: this page holds no more. Another format has them all.\n`;
}

function opening(report: Report): string {
  const { summary, notices } = report;
  const counted = SEVERITIES.map((severity) => summary.severities[severity]);
  const aside = besides(summary);
  return [
    `### Rampart · ${headline(summary)}\n`,
    `${lookedAt(summary)}${aside.length === 0 ? '' : `; ${aside.join(', ')}`}.\n`,
    `| violations | ${SEVERITIES.join(' | ')} |`,
    `| --: | ${SEVERITIES.map(() => '--:').join(' | ')} |`,
    `| ${counted.reduce((sum, count) => sum + count, 0)} | ${counted.join(' | ')} |`,
    ...(notices.length === 0 ? [] : [`\n<details><summary>${many(notices.length, 'note')}</summary>\n`]),
    ...notices.slice(0, MOST_NOTICES).map((notice) => `- ${prose(cut(notice))}`),
    ...(notices.length > MOST_NOTICES ? [`- and ${notices.length - MOST_NOTICES} more`] : []),
    ...(notices.length === 0 ? [] : ['\n</details>']),
    '',
  ].join('\n');
}

const MOST_NOTICES = 20;
/** Characters of one text; a message may hold what a policy copies out of a manifest. */
const LONGEST = 1000;

interface Section {
  readonly title: string;
  readonly standings: readonly Standing[];
  /** Whether the findings are seen before anybody opens anything. */
  readonly open: boolean;
}

const SECTIONS: readonly Section[] = [
  { title: 'Not evaluated', standings: ['error'], open: true },
  { title: 'Fails the run', standings: ['failing'], open: true },
  { title: 'Listed, does not fail the run', standings: ['below', 'warn', 'audit'], open: false },
  { title: 'Known', standings: ['known'], open: false },
  { title: 'Exempted', standings: ['exempted'], open: false },
  { title: 'Not decided', standings: ['skip'], open: false },
  { title: 'Passes', standings: ['pass'], open: false },
];

/** The results of one policy in a section, as text that can be cut after any item. */
interface Part {
  readonly head: string;
  readonly items: readonly string[];
  readonly tail: string;
}

function* parts(section: Section, report: Report): Iterable<Part> {
  const found = report.results.filter((result) => section.standings.includes(standingOf(result)));
  const groups = [...Map.groupBy(found, (result) => groupKey(result, report)).values()].sort(bySeverity);
  for (const [index, group] of groups.entries()) {
    const part = partOf(section, group, report);
    yield index === 0 ? { ...part, head: `\n#### ${section.title}\n${part.head}` } : part;
  }
}

/** Errors of one cause belong together, whatever policies it stops. */
function groupKey(result: Reported, report: Report): string {
  return result.verdict === 'error'
    ? JSON.stringify([result.reason, result.detail])
    : ruleName(result, policyOf(report, result));
}

function bySeverity([a]: readonly Reported[], [b]: readonly Reported[]): number {
  return SEVERITIES.indexOf(a!.severity) - SEVERITIES.indexOf(b!.severity);
}

function partOf({ open }: Section, group: readonly Reported[], report: Report): Part {
  const first = group[0]!;
  const info = policyOf(report, first);
  const remedy = remedyOf(report, first);
  return {
    head: `\n<details${open ? ' open' : ''}><summary>${summaryLine(first, info, group.length)}</summary>\n\n`,
    items: group.map((result) => `- ${item(result)}\n`),
    tail: `${remedy === undefined ? '' : `\n${remedyText(remedy)}\n`}\n</details>\n`,
  };
}

function summaryLine(result: Reported, info: PolicyInfo | undefined, count: number): string {
  const title = titleOf(info);
  const rule = `<code>${htmlProse(result.verdict === 'error' ? result.reason : ruleName(result, info))}</code>`;
  const name = title === undefined || result.verdict === 'error' ? rule : `${htmlProse(title)} ${rule}`;
  return `<b>${result.verdict === 'error' ? 'error' : result.severity}</b> ${name}${count > 1 ? ` · ${count}` : ''}`;
}

function item(result: Reported): string {
  const { file, line } = result.origin;
  const standing = standingOf(result);
  const stands = standing === 'warn' || standing === 'audit' ? ` (${standsAs(standing)})` : '';
  const object = objectName(result);
  const notes = notesOf(result).map((note) => `; ${prose(cut(note))}`);
  const detail = result.verdict === 'pass' ? '' : `: ${prose(cut(result.detail))}${notes.join('')}`;
  return `${code(`${file}:${line}`)}${object === '' ? '' : ` ${code(object)}`}${stands}${detail}`;
}

function remedyText(remedy: string): string {
  const lines: string[] = ['**Remedy**', ''];
  for (const block of blocks(remedy))
    lines.push(...(block.code ? codeBlock(block.lines, '') : block.lines.map(line)), '');
  return lines.join('\n').trimEnd();
}

function line(text: string): string {
  return text.startsWith('- ') ? `- ${prose(text.slice(2))}` : proseLine(text);
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)} ...`;
}

/** As much of a part as there is room for, whole items only; nothing when not even one fits. */
function fit(
  { head, items, tail }: Part,
  room: number,
  measure: Measure,
): { readonly text: string; readonly items: number } | undefined {
  let used = measure(head) + measure(tail);
  const kept: string[] = [];
  for (const text of items) {
    used += measure(text);
    if (used > room) break;
    kept.push(text);
  }
  return kept.length === 0 ? undefined : { text: head + kept.join('') + tail, items: kept.length };
}
