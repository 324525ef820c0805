import type { testPolicies } from '../app/test.ts';
import { junitXml, type Outcome, type TestCase } from '../report/index.ts';

type TestReport = ReturnType<typeof testPolicies>;
type TestResult = TestReport['results'][number];

/** A testsuite for each suite's file, a testcase for each result. What is unsupported is an error, unless acknowledged. */
export function printTestJunit({ results }: TestReport, allowUnsupported: boolean): string {
  const suites = [...Map.groupBy(results, ({ suite }) => suite)].map(([name, items]) => ({ name, items }));
  const outcome = (result: TestResult) => outcomeOf(result, allowUnsupported);
  return [...junitXml('rampart test', suites, outcome, (result) => caseOf(result, outcome(result)))].join('');
}

function outcomeOf({ result }: TestResult, allowUnsupported: boolean): Outcome {
  switch (result) {
    case 'pass':
    case 'skipped':
    case 'error':
      return result;
    case 'fail':
      return 'failure';
    case 'unsupported':
      return allowUnsupported ? 'skipped' : 'error';
  }
}

function caseOf(result: TestResult, outcome: Outcome): TestCase {
  const { policy, validation, case: name, origin, resource } = result;
  const object = resource === null ? '' : ` ${resource.kind} ${resource.name}`;
  const place = {
    classname: policy,
    name: `${name ?? validation ?? policy}${object}`,
    file: origin.file,
    line: origin.line,
    outcome,
  };
  if (outcome === 'skipped' || outcome === 'pass') return { ...place, message: result.detail };
  const said = `expected ${result.expected || 'no error'}, got ${result.actual}: ${result.detail}`;
  return {
    ...place,
    message: result.diff === undefined ? said : `${said}\n${result.diff}`,
    type: result.result,
  };
}
