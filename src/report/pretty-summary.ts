import { SEVERITIES, type Summary } from '../model/index.ts';
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
  yield* wrapped(
    page.options.width,
    '',
    `${many(counts.files, 'file')}, ${many(counts.resources, 'Kubernetes object')}, ` +
      `${many(counts.policies, 'policy', 'policies')}, ${many(counts.verdicts.pass, 'pass', 'passes')}`,
  );
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

function* rest(page: Page, { verdicts, staged, notKubernetes, undecided }: Summary): Iterable<string> {
  const notDecided = undecided.reduce(
    (sum, { verdict, count }) => (verdict === 'skip' ? sum + count : sum),
    0,
  );
  const parts = [
    verdicts.error > 0 ? page.paint(many(verdicts.error, 'error'), 'bold', 'red') : '',
    notDecided > 0 ? `${notDecided} not decided` : '',
    staged.audit > 0 ? `${staged.audit} audit only` : '',
    staged.warn > 0 ? `${staged.warn} warn only` : '',
    verdicts.exempted > 0 ? `${verdicts.exempted} exempted` : '',
    notKubernetes > 0
      ? `${many(notKubernetes, 'document')} not Kubernetes${page.options.all ? '' : ' (--all names them)'}`
      : '',
  ].filter((part) => part !== '');
  if (parts.length > 0) yield `${parts.join(', ')}\n`;
}

function verdict(page: Page, { exitCode, failing, failOn, verdicts, severities }: Summary): string {
  // Where paths have thresholds of their own, the count is not what the one threshold gives.
  const counted = failOn === 'none' ? [] : SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1);
  const alike = failing === counted.reduce((sum, severity) => sum + severities[severity], 0);
  const threshold = alike ? `of ${failOn} or above` : 'at or above what their paths fail on';
  if (exitCode === 3)
    return page.paint(
      `Failed: ${many(verdicts.error, 'error')}; what was not evaluated is not a pass (exit 3).`,
      'bold',
      'red',
    );
  if (exitCode === 1)
    return page.paint(`Failed: ${many(failing, 'violation')} ${threshold} (exit 1).`, 'bold', 'red');
  if (verdicts.violation === 0) return page.paint('Passed.', 'bold', 'green');
  return failOn === 'none' && alike
    ? 'Passed: --fail-on none only reports.'
    : `Passed: no violations ${threshold}.`;
}
