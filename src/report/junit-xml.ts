import { xmlAttribute, xmlText } from './xml.ts';

export type Outcome = 'pass' | 'failure' | 'error' | 'skipped';

export interface TestCase {
  readonly classname: string;
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly outcome: Outcome;
  /** What CI systems show first; for a pass nothing. */
  readonly message: string;
  /** Of a failure or error, such as a reason's code. */
  readonly type?: string;
  /** What they show when asked for more. */
  readonly text?: string;
}

export interface TestSuite<Item> {
  readonly name: string;
  readonly items: readonly Item[];
}

/**
 * JUnit XML as CI systems read it: elements and attributes of the schema that Jenkins publishes, with `file` and `line` as
 * GitLab and others read them. A case is made when it is written, so that all of them never stand in memory.
 */
export function* junitXml<Item>(
  name: string,
  suites: readonly TestSuite<Item>[],
  outcomeOf: (item: Item) => Outcome,
  caseOf: (item: Item) => TestCase,
): Iterable<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  const all = suites.flatMap(({ items }) => items.map(outcomeOf));
  yield `<testsuites name="${xmlAttribute(name)}" ${countsOf(all)}>\n`;
  for (const suite of suites) {
    yield `  <testsuite name="${xmlAttribute(suite.name)}" ${countsOf(suite.items.map(outcomeOf))}>\n`;
    for (const item of suite.items) yield testcase(caseOf(item));
    yield '  </testsuite>\n';
  }
  yield '</testsuites>\n';
}

function countsOf(outcomes: readonly Outcome[]): string {
  const count = (wanted: Outcome) => outcomes.filter((outcome) => outcome === wanted).length;
  return `tests="${outcomes.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
}

function testcase({ classname, name, file, line, outcome, message, type, text }: TestCase): string {
  const head =
    `    <testcase classname="${xmlAttribute(classname)}" name="${xmlAttribute(name)}" ` +
    `file="${xmlAttribute(file)}" line="${line}"`;
  if (outcome === 'pass') return `${head}/>\n`;
  const kind = type === undefined ? '' : ` type="${xmlAttribute(type)}"`;
  const said = `      <${outcome} message="${xmlAttribute(message)}"${kind}`;
  const body = text === undefined ? `${said}/>\n` : `${said}>${xmlText(text)}</${outcome}>\n`;
  return `${head}>\n${body}    </testcase>\n`;
}
