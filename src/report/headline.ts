/** What a run comes to, in the same words in every format. */
import { SEVERITIES, type Summary } from '../model/index.ts';
import { many } from './text.ts';

/** `Failed: 37 violations of low or above.` */
export function headline({ exitCode, failing, failOn, verdicts, severities }: Summary): string {
  // Where paths have thresholds of their own, the count is not what the one threshold gives.
  const counted = failOn === 'none' ? [] : SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1);
  const alike = failing === counted.reduce((sum, severity) => sum + severities[severity], 0);
  const threshold = alike ? `of ${failOn} or above` : 'at or above what their paths fail on';
  if (exitCode === 3) return `Failed: ${many(verdicts.error, 'error')}; what was not evaluated is not a pass`;
  if (exitCode === 1) return `Failed: ${many(failing, 'violation')} ${threshold}`;
  if (verdicts.violation === 0) return 'Passed';
  return failOn === 'none' && alike
    ? 'Passed: --fail-on none only reports'
    : `Passed: no violations ${threshold}`;
}

/** `20 files, 61 Kubernetes objects, 57 policies, 451 passes`. */
export function lookedAt({ files, resources, policies, verdicts }: Summary): string {
  return (
    `${many(files, 'file')}, ${many(resources, 'Kubernetes object')}, ` +
    `${many(policies, 'policy', 'policies')}, ${many(verdicts.pass, 'pass', 'passes')}`
  );
}

/** What was not decided, or does not fail the run: `12 known`, `3 exempted`. Only what there is. */
export function besides({ verdicts, known, staged, unchanged, undecided }: Summary): string[] {
  let notDecided = 0;
  let acknowledged = 0;
  for (const { verdict, reason, count } of undecided) {
    if (verdict !== 'skip') continue;
    // What is unsupported is an error until it is acknowledged.
    if (reason === 'unsupported') acknowledged += count;
    else notDecided += count;
  }
  return [
    notDecided > 0 ? `${notDecided} not decided` : '',
    acknowledged > 0 ? `${acknowledged} unsupported and acknowledged` : '',
    staged.audit > 0 ? `${staged.audit} audit only` : '',
    staged.warn > 0 ? `${staged.warn} warn only` : '',
    known > 0 ? `${known} known` : '',
    verdicts.exempted > 0 ? `${verdicts.exempted} exempted` : '',
    unchanged === null ? '' : `${unchanged} left out as unchanged`,
  ].filter((part) => part !== '');
}
