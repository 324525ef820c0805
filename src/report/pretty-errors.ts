import type { Reason, Reported } from '../model/index.ts';
import { byCause, type Cause, groups, policyNames } from './causes.ts';
import { type Page, place, wrapped } from './page.ts';
import { plain, plainLines } from './text.ts';
import { objectName } from './wording.ts';

/** Places named for a cause that met many resources. */
const MORE_PLACES = 3;

/** What could not be evaluated. The same cause is shown once, with its policies and its count. */
export function* errors(page: Page): Iterable<string> {
  const causes = byCause(page.report.results.filter(({ verdict }) => verdict === 'error'));
  if (causes.length === 0) return;
  yield `${page.paint('Not evaluated', 'bold', 'red')}\n\n`;
  for (const cause of causes) {
    yield* error(page, cause);
    yield '\n';
  }
}

function* error(page: Page, { policies, places }: Cause): Iterable<string> {
  const first = places[0]!;
  yield* first.excerpt === undefined ? place(page, first) : quoted(page, first, first.excerpt);
  const who = policies.length === 0 ? '' : ` [${policyNames(policies)}]`;
  yield* wrapped(page.options.width, `   = ${page.paint('error', 'bold', 'red')}: `, `${first.reason}${who}`);
  yield* wrapped(page.options.width, '     ', first.detail);
  if (first.help !== undefined)
    yield* wrapped(page.options.width, '     ', first.help, `${page.paint('help:', 'green')} `);
  if (places.length > 1) yield* more(page, places);
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
    page.options.width,
    '     ',
    `${cause.length} times in all, also: ${others.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`,
  );
}

/** What would decide it; other details say that themselves. */
const SKIP_HELP: Partial<Record<Reason, string>> = {
  'needs-related': 'give what else there is with --context, or say --complete when the files are everything',
};

/** Skips for want of something a scan of files cannot know: no failure, and never a pass. */
export function* undecided(page: Page): Iterable<string> {
  const skips = page.report.summary.undecided.filter(({ verdict }) => verdict === 'skip');
  if (skips.length === 0) return;
  yield `${page.paint('Not decided', 'bold')}\n\n`;
  for (const same of groups(skips, ({ reason, detail }) => JSON.stringify([reason, detail]))) {
    const { reason, detail } = same[0]!;
    const count = same.reduce((sum, skip) => sum + skip.count, 0);
    const times = same.length > 1 ? `${count} times` : count === 1 ? '1 resource' : `${count} resources`;
    yield* wrapped(
      page.options.width,
      `   = ${page.paint('skip', 'dim')}: `,
      `${reason} [${policyNames(same.map(({ policy }) => policy))}] ${times}`,
    );
    yield* wrapped(page.options.width, '     ', detail);
    const help = SKIP_HELP[reason];
    if (help !== undefined)
      yield* wrapped(page.options.width, '     ', help, `${page.paint('help:', 'green')} `);
  }
  yield '\n';
}
