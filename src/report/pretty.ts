import type { Report, Reported } from '../model/index.ts';
import type { FormatOptions } from './format.ts';
import { type Page, place, wrapped } from './page.ts';
import { painter, SEVERITY_STYLE } from './paint.ts';
import { errors, undecided } from './pretty-errors.ts';
import { notices, summary } from './pretty-summary.ts';
import { standingOf, standsAs } from './standing.ts';
import { plain } from './text.ts';
import { ruleName, titleOf } from './wording.ts';

/** For people: by file and place, the source line with a caret, what is wrong, what to do; then a summary. */
export function* pretty(report: Report, options: FormatOptions): Iterable<string> {
  const page: Page = { report, options, paint: painter(options.color) };
  yield* findings(page);
  yield* errors(page);
  yield* undecided(page);
  if (options.quiet) return;
  yield* notices(page);
  yield* summary(page);
}

function* findings(page: Page): Iterable<string> {
  const listed = page.report.results.filter(({ verdict }) => verdict !== 'error');
  const remedied = new Set<string>();
  for (const ofFile of runs(listed, (result) => result.origin.file)) {
    const file = plain(ofFile[0]!.origin.file);
    yield `${page.paint(file, 'bold')}\n\n`;
    for (const ofPlace of runs(ofFile, placeKey)) {
      yield* place(page, ofPlace[0]!);
      for (const result of ofPlace) yield* finding(page, result, remedied);
      yield '\n';
    }
  }
}

/** Neighbours with the same key, in order: results come sorted by place. */
function* runs(results: readonly Reported[], key: (result: Reported) => string): Iterable<Reported[]> {
  let run: Reported[] = [];
  for (const result of results) {
    if (run.length > 0 && key(run[0]!) !== key(result)) {
      yield run;
      run = [];
    }
    run.push(result);
  }
  if (run.length > 0) yield run;
}

function placeKey({ origin, resource }: Reported): string {
  return JSON.stringify([origin.line, origin.column, resource]);
}

function* finding(page: Page, result: Reported, remedied: Set<string>): Iterable<string> {
  const info = page.report.policies.get(result.policy ?? '');
  const rule = ruleName(result, info);
  const title = titleOf(info);
  yield* wrapped(
    page.options.width,
    `   = ${label(page, result)}: `,
    title === undefined ? rule : `${title} [${rule}]`,
  );
  if (result.verdict === 'pass') return;
  yield* wrapped(page.options.width, '     ', result.detail);
  if (result.note !== undefined) yield* wrapped(page.options.width, '     ', `value: ${result.note}`);
  if (result.environments !== undefined)
    yield* wrapped(page.options.width, '     ', `rendered for: ${result.environments.join(', ')}`);
  // A native policy acts by its stage, which a scan does not know; a foreign one says itself what it does.
  if (result.verdict === 'violation' && result.action !== 'deny' && info?.kind !== 'HardeningPolicy')
    yield* wrapped(page.options.width, '     ', `would violate: the cluster ${ACTS[result.action]}`);
  // Of what is known, the one who looks for what is new needs no remedy.
  if (result.verdict !== 'violation' || result.known === true || info?.remediation === undefined) return;
  // In full once: it is the same every time, and long.
  const remedy = remedied.has(info.id) ? 'as above' : info.remediation;
  remedied.add(info.id);
  yield* wrapped(page.options.width, '     ', remedy, `${page.paint('remedy:', 'green')} `);
}

const ACTS = {
  warn: 'only warns about this',
  audit: 'only notes this in its audit log',
  allow: 'lets this pass',
} as const;

function label(page: Page, result: Reported): string {
  const { verdict, severity } = result;
  const standing = standingOf(result);
  if (standing === 'failing' || standing === 'below')
    return page.paint(severity, ...SEVERITY_STYLE[severity]);
  const stands = standsAs(standing);
  if (stands !== undefined) return page.paint(`${stands} (${severity})`, 'dim');
  return page.paint(verdict, verdict === 'pass' ? 'green' : 'dim');
}
