import type { testPolicies } from '../app/test.ts';
import { many, plain, plainJson, plainLines } from '../report/text.ts';

type TestReport = ReturnType<typeof testPolicies>;
type TestResult = TestReport['results'][number];

export function printTestJson({ results, summary, coverage }: TestReport): string {
  return `${plainJson({ results, summary, coverage }, 2)}\n`;
}

/** What failed, by place; then what was covered, and the counts. */
export function printTests(report: TestReport, all: boolean): string {
  const listed = report.results.filter(({ result }) => all || result !== 'pass');
  const { passed, failed, errors, unsupported, skipped } = report.summary;
  const { policies, untested, validations, failed: seen } = report.coverage;
  return [
    ...listed.map(describe),
    ...untested.map(
      ({ policy, missing }) =>
        `${plain(policy)}: no case that makes it ${missing.join(', none that makes it ')}`,
    ),
    ...(policies === 0
      ? []
      : [
          `${many(policies, 'policy', 'policies')}, ${seen} of ${many(validations, 'validation')} made to fail by a case`,
        ]),
    `${passed} passed, ${failed} failed, ${many(errors, 'error')}, ${unsupported} unsupported, ${skipped} skipped`,
    '',
  ].join('\n');
}

function describe({
  result,
  origin,
  expected,
  actual,
  detail,
  diff = '',
  policy,
  validation,
  rule: rule_,
  case: name,
}: TestResult): string {
  const what = name === undefined ? policy : `${policy} (${name})`;
  const part = validation ?? rule_;
  const rule = part === undefined ? what : `${policy}/${part}`;
  const place = `${result}: ${plain(origin.file)}:${origin.line}`;
  // What is wrong with a suite itself is no policy's business.
  if (rule === '') return `${place}\n  ${plain(detail)}`;
  const head = `${place}: ${plain(rule)}`;
  if (result === 'pass') return head;
  const lines = [plain(detail), ...(diff === '' ? [] : plainLines(diff))];
  return `${head}: expected ${plain(expected)}, got ${plain(actual)}\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
