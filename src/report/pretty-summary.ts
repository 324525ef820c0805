import { SEVERITIES, type Summary } from '../model/index.ts';
import { besides, headline, lookedAt } from './headline.ts';
import { type Page, wrapped } from './page.ts';
import { SEVERITY_STYLE } from './paint.ts';
import { many } from './text.ts';

export function* notices(page: Page): Iterable<string> {
  for (const notice of page.report.notices) yield* wrapped(page.options.width, 'note: ', notice);
  if (page.report.notices.length > 0) yield '\n';
}

/** What was looked at, what was found by severity, and whether it passes. */
export function* summary(page: Page): Iterable<string> {
  const counts = page.report.summary;
  yield* wrapped(page.options.width, '', lookedAt(counts));
  yield `${severities(page, counts)}\n`;
  yield* rest(page, counts);
  yield `${verdict(page, counts)}\n`;
}

function severities(page: Page, counts: Summary): string {
  const parts = SEVERITIES.map((severity) => {
    const count = counts.severities[severity];
    return count === 0 ? `${severity} 0` : page.paint(`${severity} ${count}`, ...SEVERITY_STYLE[severity]);
  });
  return `${many(counts.verdicts.violation, 'violation')}: ${parts.join(', ')}`;
}

function* rest(page: Page, counts: Summary): Iterable<string> {
  const { verdicts, notKubernetes } = counts;
  const parts = [
    ...(verdicts.error > 0 ? [page.paint(many(verdicts.error, 'error'), 'bold', 'red')] : []),
    ...besides(counts),
    ...(notKubernetes > 0
      ? [`${many(notKubernetes, 'document')} not Kubernetes${page.options.all ? '' : ' (--all names them)'}`]
      : []),
  ];
  if (parts.length > 0) yield `${parts.join(', ')}\n`;
}

function verdict(page: Page, counts: Summary): string {
  const { exitCode, verdicts } = counts;
  if (exitCode !== 0) return page.paint(`${headline(counts)} (exit ${exitCode}).`, 'bold', 'red');
  return verdicts.violation === 0
    ? page.paint(`${headline(counts)}.`, 'bold', 'green')
    : `${headline(counts)}.`;
}
