import type { Reported } from '../model/index.ts';
import { objectName, type Page, place, wrapped } from './page.ts';
import { plain, plainLines } from './text.ts';

/** Places named for a cause that met many resources. */
const MORE_PLACES = 3;

/** What could not be evaluated. The same cause in one policy is shown once, with its count. */
export function* errors(page: Page): Iterable<string> {
  const causes = byCause(page.report.results.filter(({ verdict }) => verdict === 'error'));
  if (causes.length === 0) return;
  yield `${page.paint('Not evaluated', 'bold', 'red')}\n\n`;
  for (const cause of causes) {
    yield* error(page, cause);
    yield '\n';
  }
}

function byCause(results: readonly Reported[]): Reported[][] {
  const causes = new Map<string, Reported[]>();
  for (const result of results) {
    const { policy, reason, detail, origin } = result;
    const key = JSON.stringify([policy, reason, detail, policy === null ? origin : '']);
    const cause = causes.get(key);
    if (cause === undefined) causes.set(key, [result]);
    else cause.push(result);
  }
  return [...causes.values()];
}

function* error(page: Page, cause: readonly Reported[]): Iterable<string> {
  const first = cause[0]!;
  yield* first.excerpt === undefined ? place(page, first) : quoted(page, first, first.excerpt);
  const policy = first.policy === null ? '' : ` [${plain(first.policy)}]`;
  yield* wrapped(page, `   = ${page.paint('error', 'bold', 'red')}: `, `${first.reason}${policy}`);
  yield* wrapped(page, '     ', first.detail);
  if (first.help !== undefined) yield* wrapped(page, '     ', first.help, `${page.paint('help:', 'green')} `);
  if (cause.length > 1) yield* more(page, cause);
}

function* quoted(page: Page, { origin }: Reported, text: string): Iterable<string> {
  yield `  ${page.paint('-->', 'blue')} ${plain(origin.file)}:${origin.line}:${origin.column}\n`;
  for (const line of plainLines(text)) yield `   ${page.paint('|', 'blue')} ${line}\n`;
}

function* more(page: Page, cause: readonly Reported[]): Iterable<string> {
  const others = cause.slice(1, 1 + MORE_PLACES).map((other) => {
    const { file, line } = other.origin;
    return other.resource === null ? `${file}:${line}` : `${objectName(other)} (${file}:${line})`;
  });
  const rest = cause.length - 1 - others.length;
  yield* wrapped(
    page,
    '     ',
    `${cause.length} times in all, also: ${others.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`,
  );
}

/** Skips for want of something a scan of files cannot know: no failure, and never a pass. */
export function* undecided(page: Page): Iterable<string> {
  const skips = page.report.summary.undecided.filter(({ verdict }) => verdict === 'skip');
  if (skips.length === 0) return;
  yield `${page.paint('Not decided', 'bold')}\n\n`;
  for (const skip of skips) {
    const times = skip.count === 1 ? '1 resource' : `${skip.count} resources`;
    yield* wrapped(
      page,
      `   = ${page.paint('skip', 'dim')}: `,
      `${skip.reason} [${plain(skip.policy)}] ${times}`,
    );
    yield* wrapped(page, '     ', skip.detail);
  }
  yield '\n';
}
