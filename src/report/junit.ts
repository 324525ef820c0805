import type { Report, Reported } from '../model/index.ts';
import { junitXml, type Outcome, type TestCase, type TestSuite } from './junit-xml.ts';
import { paragraphs } from './paragraphs.ts';
import { type Standing, standingOf, standsAs } from './standing.ts';
import { many, plain } from './text.ts';
import { notesOf, objectName, placeName, policyOf, remedyOf, ruleName, titleOf } from './wording.ts';

/**
 * A testsuite for each file, a testcase for each result. What fails the run is a failure or an error; what is listed
 * without failing it is skipped, with the reason, since a failed test turns a build red whatever the exit code is.
 */
export function* junit(report: Report): Iterable<string> {
  const suites: TestSuite<Reported | undefined>[] = [
    ...Map.groupBy(report.results, ({ origin }) => origin.file),
  ].map(([name, items]) => ({ name, items }));
  // Without a single test, CI systems call the file broken.
  if (suites.length === 0) suites.push({ name: 'rampart scan', items: [undefined] });
  yield* junitXml(
    'rampart scan',
    suites,
    (result) => (result === undefined ? 'pass' : OUTCOME[standingOf(result)]),
    (result) => (result === undefined ? nothingFound(report) : caseOf(report, result)),
  );
}

const OUTCOME: Readonly<Record<Standing, Outcome>> = {
  error: 'error',
  failing: 'failure',
  below: 'skipped',
  warn: 'skipped',
  audit: 'skipped',
  known: 'skipped',
  exempted: 'skipped',
  skip: 'skipped',
  pass: 'pass',
};

function nothingFound({ summary }: Report): TestCase {
  return {
    classname: 'rampart',
    name: `${many(summary.policies, 'policy', 'policies')} on ${many(summary.resources, 'object')}`,
    file: '',
    line: 1,
    outcome: 'pass',
    message: '',
  };
}

function caseOf(report: Report, result: Reported): TestCase {
  const info = policyOf(report, result);
  const standing = standingOf(result);
  const stands = standsAs(standing);
  const title = titleOf(info) ?? ruleName(result, info);
  return {
    classname: plain(result.policy ?? result.reason),
    name: nameOf(result),
    file: plain(result.origin.file),
    line: result.origin.line,
    outcome: OUTCOME[standing],
    message:
      standing === 'error'
        ? `${result.reason}: ${plain(result.detail)}`
        : `${stands === undefined ? '' : `${stands}, `}${result.severity}: ${title}: ${plain(result.detail)}`,
    type: standing === 'error' ? result.reason : result.severity,
    text: textOf(report, result),
  };
}

/** What stays the same from one run to the next, since CI systems compare runs by it. */
function nameOf(result: Reported): string {
  const parts = [objectName(result), plain(result.validation ?? ''), plain(result.path ?? '')];
  return parts.filter((part) => part !== '').join(' ') || result.reason;
}

function textOf(report: Report, result: Reported): string {
  const remedy = remedyOf(report, result);
  return [
    placeName(result),
    plain(result.detail),
    ...notesOf(result),
    ...(remedy === undefined ? [] : ['Remedy:', ...paragraphs(remedy).map(({ line }) => line)]),
  ].join('\n');
}
