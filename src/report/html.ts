import { createHash } from 'node:crypto';
import { type Report, SEVERITIES, type Severity } from '../model/index.ts';
import { byCause } from './causes.ts';
import type { FormatOptions } from './format.ts';
import { besides, headline, lookedAt } from './headline.ts';
import { causeArticle, findingArticle } from './html-finding.ts';
import { type HtmlPage, policyArticle } from './html-page.ts';
import { SCRIPT } from './html-script.ts';
import { STYLE } from './html-style.ts';
import { htmlText } from './html-text.ts';
import { STANDS, type Standing, standingOf } from './standing.ts';
import { many } from './text.ts';

/**
 * One page that needs nothing else: no request leaves it, since its policy lets it load nothing and run nothing but what
 * stands in it. Written file by file, so that the page of a large scan never stands in memory.
 */
export function* html(report: Report, options: FormatOptions): Iterable<string> {
  const page = pageOf(report, options);
  yield head(report);
  yield top(report);
  yield filters(page);
  yield '<main class="page">\n';
  yield* notEvaluated(page);
  yield* findings(page);
  yield* notDecided(report);
  yield* policies(page);
  yield* notes(report);
  yield `</main>\n<footer><div class="page">Written by Rampart ${htmlText(options.version)}.</div></footer>\n`;
  yield `<script>${SCRIPT}</script>\n</body>\n</html>\n`;
}

function pageOf(report: Report, options: FormatOptions): HtmlPage {
  const named = new Set(report.results.flatMap(({ policy }) => policy ?? []));
  const ids = [...named].sort((a, b) => (a < b ? -1 : 1));
  return { report, options, numbers: new Map(ids.map((id, index) => [id, index])) };
}

function head({ summary }: Report): string {
  const allowed = [
    "default-src 'none'",
    `style-src '${hashOf(STYLE)}'`,
    `script-src '${hashOf(SCRIPT)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${allowed}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rampart: ${headline(summary)}</title>
<style>${STYLE}</style>
</head>
<body>
`;
}

/** CSP Level 3: of the text between the tags, letter by letter. */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function top({ summary }: Report): string {
  const aside = besides(summary);
  const tiles = SEVERITIES.map((severity) => {
    const count = summary.severities[severity];
    return `<div class="tile ${severity}${count === 0 ? ' none' : ''}"><b>${count}</b><span>${severity}</span></div>`;
  });
  return `<header class="top${summary.exitCode === 0 ? ' passed' : ''}"><div class="page">
<div class="brand"><b>Rampart</b><select id="theme" aria-label="Theme" hidden>
<option value="">as the system</option><option value="light">light</option><option value="dark">dark</option></select></div>
<h1>${headline(summary)}</h1>
<p class="sub">${[lookedAt(summary), ...(summary.verdicts.error > 0 ? [many(summary.verdicts.error, 'error')] : []), ...aside].join(' · ')}</p>
<div class="tiles">${tiles.join('')}</div>
</div></header>
`;
}

const STANDING_NAMES: Readonly<Record<Standing, string>> = {
  error: 'not evaluated',
  failing: 'fails the run',
  below: STANDS.below,
  warn: STANDS.warn,
  audit: STANDS.audit,
  known: STANDS.known,
  exempted: STANDS.exempted,
  skip: 'skipped',
  pass: 'passes',
};

/** Hidden until the script that makes them work has started. */
function filters({ report, numbers }: HtmlPage): string {
  const standings = new Set(report.results.map(standingOf));
  const chips = (name: string, values: readonly (readonly [string, string])[]) =>
    values
      .map(
        ([value, label]) =>
          `<label class="chip ${name === 'severity' ? value : ''}"><input type="checkbox" name="${name}" value="${value}" checked><span>${label}</span></label>`,
      )
      .join('');
  const names = (Object.keys(STANDING_NAMES) as Standing[]).filter((standing) => standings.has(standing));
  const options = [...numbers].map(([id, number]) => `<option value="${number}">${htmlText(id)}</option>`);
  return `<form id="filters" class="filters" hidden><div class="page">
<input type="search" name="search" placeholder="Search" aria-label="Search" autocomplete="off">
<select name="policy" aria-label="Policy"><option value="">all policies</option>${options.join('')}</select>
<fieldset><legend>Severity</legend>${chips(
    'severity',
    SEVERITIES.map((severity): [Severity, string] => [severity, severity]),
  )}</fieldset>
<fieldset><legend>What becomes of it</legend>${chips(
    'standing',
    names.map((name) => [name, STANDING_NAMES[name]]),
  )}</fieldset>
<button type="reset">Clear</button><output class="shown" id="shown"></output>
</div></form>
`;
}

function* notEvaluated(page: HtmlPage): Iterable<string> {
  const errors = page.report.results.filter(({ verdict }) => verdict === 'error');
  if (errors.length === 0) return;
  yield '<section data-group><h2>Not evaluated</h2>\n';
  for (const cause of byCause(errors)) yield causeArticle(page, cause);
  yield '</section>\n';
}

function* findings(page: HtmlPage): Iterable<string> {
  const listed = page.report.results.filter(({ verdict }) => verdict !== 'error');
  for (const [file, results] of Map.groupBy(listed, ({ origin }) => origin.file)) {
    yield `<section data-group><h2><code>${htmlText(file)}</code> <small>${results.length}</small></h2>\n`;
    for (const result of results) yield findingArticle(page, result);
    yield '</section>\n';
  }
  yield `<p class="empty" id="empty"${listed.length === 0 ? '' : ' hidden'}>${listed.length === 0 ? 'Nothing was found.' : 'Nothing fits these filters.'}</p>\n`;
}

/** Skips for want of something a scan of files cannot know. */
function* notDecided({ summary }: Report): Iterable<string> {
  const skips = summary.undecided.filter(({ verdict }) => verdict === 'skip');
  if (skips.length === 0) return;
  yield '<section><h2>Not decided</h2><ul class="list">\n';
  for (const { policy, reason, detail, count } of skips)
    yield `<li><code>${htmlText(policy)}</code> ${reason}, ${many(count, 'resource')}: ${htmlText(detail)}</li>\n`;
  yield '</ul></section>\n';
}

function* policies(page: HtmlPage): Iterable<string> {
  const known = [...page.numbers].flatMap(([id, number]) => {
    const info = page.report.policies.get(id);
    return info === undefined ? [] : [policyArticle(info, number)];
  });
  if (known.length === 0) return;
  yield '<section class="policies"><h2>Policies that found something</h2>\n';
  yield* known;
  yield '</section>\n';
}

function* notes({ notices }: Report): Iterable<string> {
  if (notices.length === 0) return;
  yield '<section><h2>Notes</h2><ul class="list">\n';
  for (const notice of notices) yield `<li>${htmlText(notice)}</li>\n`;
  yield '</ul></section>\n';
}
