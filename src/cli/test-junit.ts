import type { testPolicies } from '../app/test.ts';

type TestReport = ReturnType<typeof testPolicies>;
type TestResult = TestReport['results'][number];

/**
 * JUnit XML as CI systems read it: a testsuite for each suite's file, a testcase for each result. What is unsupported is an
 * error there as here, unless it was acknowledged.
 */
export function printTestJunit({ results }: TestReport, allowUnsupported: boolean): string {
  const suites = new Map<string, TestResult[]>();
  for (const result of results) {
    const known = suites.get(result.suite);
    if (known === undefined) suites.set(result.suite, [result]);
    else known.push(result);
  }
  const outcomes = (all: readonly TestResult[]) => countsOf(all.map((r) => outcomeOf(r, allowUnsupported)));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="rampart test" ${outcomes(results)}>`,
    ...[...suites].flatMap(([name, all]) => [
      `  <testsuite name="${attribute(name)}" ${outcomes(all)}>`,
      ...all.map((result) => testcase(result, outcomeOf(result, allowUnsupported))),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

type Outcome = 'pass' | 'failure' | 'error' | 'skipped';

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

function countsOf(outcomes: readonly Outcome[]): string {
  const count = (wanted: Outcome) => outcomes.filter((outcome) => outcome === wanted).length;
  return `tests="${outcomes.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
}

function testcase(result: TestResult, outcome: Outcome): string {
  const { policy, validation, case: name, origin, resource } = result;
  const object = resource === null ? '' : ` ${resource.kind} ${resource.name}`;
  const title = `${name ?? validation ?? policy}${object}`;
  const head = `    <testcase classname="${attribute(policy)}" name="${attribute(title)}" file="${attribute(origin.file)}" line="${origin.line}"`;
  if (outcome === 'pass') return `${head}/>`;
  const said = [
    `expected ${result.expected || 'no error'}, got ${result.actual}: ${result.detail}`,
    result.diff,
  ]
    .filter((part) => part !== undefined)
    .join('\n');
  if (outcome === 'skipped')
    return `${head}>\n      <skipped message="${attribute(result.detail)}"/>\n    </testcase>`;
  return `${head}>\n      <${outcome} message="${attribute(said)}" type="${result.result}"/>\n    </testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
  '\r': '&#13;',
};

/** XML has no way to write most control characters, nor lone surrogates: they are shown as `\\u{hex}`. */
function attribute(text: string): string {
  return text
    .replace(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|\p{Cs}/gu,
      (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`,
    )
    .replace(/[&<>"\n\t\r]/g, (char) => ENTITIES[char]!);
}
