import type { Reported } from '../model/index.ts';
import { ancestors } from './ancestors.ts';
import { type Cause, policyNames } from './causes.ts';
import { showable } from './conceal.ts';
import { linesOf, markedEnd } from './excerpt.ts';
import type { FormatOptions } from './format.ts';
import { type HtmlPage, textBlocks } from './html-page.ts';
import { htmlText } from './html-text.ts';
import { standingOf, standsAs } from './standing.ts';
import { plainLines } from './text.ts';
import { notesOf, objectName, policyOf, ruleName, titleOf } from './wording.ts';

/** Characters of a source line that are shown before and after what is marked. */
const MOST_BESIDE = 160;
const MOST_MARKED = 400;
/** Places named for a cause that met many resources. */
const MORE_PLACES = 20;

export function findingArticle(page: HtmlPage, result: Reported): string {
  const { severity, verdict, path, origin } = result;
  const info = policyOf(page.report, result);
  const standing = standingOf(result);
  const title = titleOf(info);
  const stands = standsAs(standing) ?? (verdict === 'violation' ? undefined : verdict);
  const aside = standing === 'known' || standing === 'exempted' || verdict === 'pass' || verdict === 'skip';
  const rule = htmlText(ruleName(result, info));
  return `<article class="${severity}${aside ? ' aside' : ''}" data-severity="${severity}" data-standing="${standing}" data-policy="${numbersOf(page, result.policy === null ? [] : [result.policy])}">
<header><span class="badge">${severity}</span><h3>${title === undefined ? rule : htmlText(title)}</h3>${title === undefined ? '' : `<code class="rule">${rule}</code>`}${stands === undefined ? '' : `<span class="tag">${stands}</span>`}</header>
<p class="where">${whereOf(result)}line ${origin.line}${path === undefined || path === '' ? '' : ` · <code>${htmlText(path)}</code>`}</p>
${verdict === 'pass' ? '' : `<p class="detail">${htmlText(result.detail)}</p>\n`}${notesOf(result)
  .map((note) => `<p class="where">${htmlText(note)}</p>\n`)
  .join(
    '',
  )}${source(page, result)}${info === undefined || verdict === 'pass' ? '' : remedy(page, info.id)}</article>
`;
}

function whereOf(result: Reported): string {
  const name = objectName(result);
  return name === '' ? '' : `${htmlText(name)} · `;
}

/** Numbers of policies, between spaces. */
function numbersOf({ numbers }: HtmlPage, policies: readonly string[]): string {
  return policies.map((policy) => numbers.get(policy)!).join(' ');
}

function remedy({ numbers }: HtmlPage, policy: string): string {
  const number = numbers.get(policy)!;
  return `<details data-remedy="${number}"><summary>What to do</summary><div class="body"><a href="#policy-${number}">See the policy below.</a></div></details>\n`;
}

/** One cause for which something could not be evaluated, with its places. */
export function causeArticle(page: HtmlPage, { policies, places }: Cause): string {
  const first = places[0]!;
  const { reason, detail, help, excerpt } = first;
  const others = places.slice(1, 1 + MORE_PLACES).map((other) => `<li>${placeOf(other)}</li>`);
  const rest = places.length - 1 - others.length;
  return `<article class="error" data-severity="${first.severity}" data-standing="error" data-policy="${numbersOf(page, policies)}">
<header><span class="badge">error</span><h3>${reason}</h3>${policies.length === 0 ? '' : `<code class="rule">${htmlText(policyNames(policies))}</code>`}</header>
<p class="where">${placeOf(first)}</p>
<p class="detail">${htmlText(detail)}</p>
${excerpt === undefined ? source(page, first) : `<pre class="said">${plainLines(excerpt).map(htmlText).join('\n')}</pre>\n`}${help === undefined ? '' : `<div class="body">${textBlocks(help)}</div>\n`}${others.length === 0 ? '' : `<details><summary>${places.length - 1} more</summary><ul class="list">${others.join('')}${rest > 0 ? `<li>and ${rest} more</li>` : ''}</ul></details>\n`}</article>
`;
}

function placeOf(result: Reported): string {
  return `${whereOf(result)}<code>${htmlText(result.origin.file)}:${result.origin.line}</code>`;
}

/** The line with what is marked on it, under the keys that lead to it. */
function source({ report, options }: HtmlPage, { origin: { file, line, column } }: Reported): string {
  const at = linesIn(options, file);
  const text = at(line);
  if (text === undefined) return '';
  const shown = (number: number) => showable(report, file, number, at(number) ?? '');
  const above = ancestors(at, line).map(
    (number) => `<span class="up" data-line="${number}">${htmlText(cutEnd(shown(number).trimEnd()))}</span>`,
  );
  return `<pre class="source">${above.join('')}<span data-line="${line}">${marked(shown(line), column)}</span></pre>\n`;
}

function marked(text: string, column: number): string {
  const start = Math.min(column - 1, text.length);
  const end = Math.min(markedEnd(text, column), text.length);
  const before = text.slice(0, start);
  const mark = text.slice(start, end);
  const head = before.length > MOST_BESIDE ? `...${before.slice(-MOST_BESIDE)}` : before;
  const body = mark.length > MOST_MARKED ? `${mark.slice(0, MOST_MARKED)}...` : mark;
  return `${htmlText(head)}<mark>${htmlText(body)}</mark>${htmlText(cutEnd(text.slice(end).trimEnd()))}`;
}

function cutEnd(text: string): string {
  return text.length > MOST_BESIDE ? `${text.slice(0, MOST_BESIDE)}...` : text;
}

// Results come file by file, so the lines of one file at a time are enough.
const held = new WeakMap<FormatOptions, { file: string; at: (line: number) => string | undefined }>();

function linesIn(options: FormatOptions, file: string): (line: number) => string | undefined {
  let lines = held.get(options);
  if (lines?.file !== file) {
    const text = options.source(file);
    lines = { file, at: text === undefined ? () => undefined : linesOf(text) };
    held.set(options, lines);
  }
  return lines.at;
}
