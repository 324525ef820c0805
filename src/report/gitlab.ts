import type { Report, Reported, Severity } from '../model/index.ts';
import { standingOf, standsAs } from './standing.ts';
import { plain, plainJson } from './text.ts';
import { policyOf, ruleName, titleOf } from './wording.ts';

/**
 * GitLab's Code Quality report: an array of issues. GitLab compares the reports of the two branches by fingerprint, so what
 * is known or excused stays in it, as `info`: left out, a merge request would seem to have mended it.
 */
export function* gitlab(report: Report): Iterable<string> {
  const seen = new Map<string, number>();
  let separator = '[\n  ';
  for (const result of report.results) {
    if (result.verdict === 'pass' || result.verdict === 'skip') continue;
    yield separator + plainJson(issueOf(report, result, unique(result.fingerprint, seen)));
    separator = ',\n  ';
  }
  yield separator.startsWith('[') ? '[]\n' : '\n]\n';
}

function issueOf(report: Report, result: Reported, fingerprint: string): object {
  const info = policyOf(report, result);
  const standing = standingOf(result);
  const stands = standsAs(standing);
  const listedOnly = standing === 'known' || standing === 'exempted' || standing === 'audit';
  const title = titleOf(info);
  return {
    description: [
      stands === undefined || standing === 'below' ? '' : `[${stands}] `,
      title === undefined ? '' : `${title}: `,
      plain(result.detail) || result.reason,
    ].join(''),
    check_name: standing === 'error' ? `rampart/${result.reason}` : ruleName(result, info),
    fingerprint,
    severity: standing === 'error' ? 'blocker' : listedOnly ? 'info' : SEVERITY[result.severity],
    location: { path: plain(result.origin.file), lines: { begin: result.origin.line } },
  };
}

const SEVERITY: Readonly<Record<Severity, 'blocker' | 'critical' | 'major' | 'minor' | 'info'>> = {
  critical: 'blocker',
  high: 'critical',
  medium: 'major',
  low: 'minor',
  info: 'info',
};

/** Of two issues with one fingerprint GitLab shows one. */
function unique(fingerprint: string, seen: Map<string, number>): string {
  const before = seen.get(fingerprint) ?? 0;
  seen.set(fingerprint, before + 1);
  return before === 0 ? fingerprint : `${fingerprint}-${before + 1}`;
}
