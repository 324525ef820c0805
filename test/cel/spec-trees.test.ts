/**
 * cel-spec's test data as syntax trees: what cel-go's parser and checker make of each expression, in its debug
 * notation, must be what ours make of it. (What the expressions evaluate to is conformance.test.ts's business.)
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  SerializedIncrementalTest as Case,
  SerializedIncrementalTestSuite as Suite,
} from '@bufbuild/cel-spec/testdata/tests.js';
import { check } from '../../src/cel/check/index.ts';
import type { FunctionDeclaration, Library, Macro } from '../../src/cel/library.ts';
import { STANDARD_MACROS } from '../../src/cel/macros.ts';
import { optionalLibrary } from '../../src/cel/optional.ts';
import { parse } from '../../src/cel/parser.ts';
import { formatIssue, type Issue } from '../../src/cel/source.ts';
import { STANDARD_LIBRARY } from '../../src/cel/stdlib/index.ts';
import type { Type } from '../../src/cel/types.ts';
import { type ProtoDeclaration, toFunction, toType } from './conformance/proto.ts';
import { checkedNotation, parsedNotation } from './debug-notation.ts';

/** Passed, or failed with what was got, or left out with why. */
type Outcome = { passed: true } | { wanted: string; got: string } | { leftOut: string };

const SUITES = ['parsing', 'comprehension', 'checking', 'conformance'];
const PASSED: Outcome = { passed: true };

for (const suite of SUITES) {
  test(`cel-spec ${suite}: parsed trees and errors`, async (t) => {
    await run(suite, compareParsed, (line) => t.diagnostic(line));
  });
  if (suite === 'comprehension') continue; // its data holds no checked trees
  test(`cel-spec ${suite}: checked trees`, async (t) => {
    await run(suite, compareChecked, (line) => t.diagnostic(line));
  });
}

async function run(suite: string, compare: (c: Case) => Outcome, say: (line: string) => void): Promise<void> {
  const { tests } = (await import(`@bufbuild/cel-spec/testdata/${suite}.js`)) as { tests: Suite };
  const leftOut = new Map<string, number>();
  const failures: string[] = [];
  let passed = 0;
  for (const c of casesOf(tests)) {
    const outcome = compare(c);
    if ('leftOut' in outcome) leftOut.set(outcome.leftOut, (leftOut.get(outcome.leftOut) ?? 0) + 1);
    else if ('passed' in outcome) passed++;
    else failures.push(`${c.original.expr}\nwanted:\n${outcome.wanted}\ngot:\n${outcome.got}`);
  }
  const omissions = Array.from(leftOut, ([why, count]) => `${count} ${why}`).join('; ');
  say(`${passed} passed, ${failures.length} failed, left out: ${omissions || 'none'}`);
  assert.equal(failures.length, 0, failures.slice(0, 5).join('\n\n'));
  assert.ok(passed > 30);
}

function* casesOf(suite: Suite): Generator<Case> {
  for (const inner of suite.suites ?? []) yield* casesOf(inner);
  yield* suite.tests ?? [];
}

// --- parsing -------------------------------------------------------------------------------------------------------

/** cel-go's parser tests have it besides the standard macros. */
const EXISTS_ONE: Macro = { ...STANDARD_MACROS.find((m) => m.name === 'exists_one')!, name: 'existsOne' };

/** The data was made with a low limit, and with optional syntax and backticks switched off. */
const PARSER_OPTIONS = { macros: [EXISTS_ONE], optionalSyntax: false, limits: { depth: 32 } };

function compareParsed({ original, ast, error }: Case): Outcome {
  const parsed = parse(original.expr, PARSER_OPTIONS);
  if (ast !== undefined) {
    const got = 'ast' in parsed ? parsedNotation(parsed.ast.expr) : display(parsed.issues);
    return got === ast ? PASSED : { wanted: ast, got };
  }
  if (error === undefined) return { leftOut: 'without expectation' };
  if (error.includes("unsupported syntax: '`'") && 'ast' in parsed) {
    return { leftOut: 'made with backticks switched off, which we always read' };
  }
  if ('ast' in parsed) return { wanted: error, got: 'no error' };
  return comparePlaces(error, parsed.issues);
}

/** One of our issues must be where cel-go has one; limits have no place there. */
function comparePlaces(error: string, issues: readonly Issue[]): Outcome {
  const places = new Set(Array.from(error.matchAll(/^ERROR: .*?:(-?\d+:\d+): /gm), (match) => match[1]));
  const found = issues.some(({ code, line, column }) =>
    places.has(code === 'limit' ? '-1:0' : `${line}:${column}`),
  );
  return found ? PASSED : { wanted: error, got: display(issues) };
}

// --- checking ------------------------------------------------------------------------------------------------------

const LIBRARIES: readonly Library[] = [STANDARD_LIBRARY, optionalLibrary];
const CONSTANTS = Object.assign({}, ...LIBRARIES.map((library) => library.constants));
const MACROS = LIBRARIES.flatMap((library) => library.macros ?? []);

function compareChecked({ original, checkedAst, error }: Case): Outcome {
  if (/TestAllTypes|google\.(protobuf|expr|type)|messageType|wrapper|"ANY"/.test(JSON.stringify(original))) {
    return { leftOut: 'with protobuf messages' };
  }
  if (original['container']) return { leftOut: 'with a container' };
  const parsed = parse(original.expr, { macros: MACROS });
  if (!('ast' in parsed)) return { leftOut: 'that do not parse' };
  const checked = check(parsed.ast, { ...environmentOf(original), crossTypeComparisons: false });
  const undeclared = checked.issues.filter((issue) => issue.code === 'undeclared');
  if (checkedAst !== undefined) {
    if (undeclared.length > 0) return { leftOut: 'that use a library beyond the standard one' };
    const got =
      checked.issues.length > 0 ? display(checked.issues) : checkedNotation(parsed.ast.expr, checked);
    return got === checkedAst ? PASSED : { wanted: checkedAst, got };
  }
  if (error === undefined) return { leftOut: 'without expectation' };
  if (/unsupported syntax|recursion/.test(error)) return { leftOut: 'made with other switches and limits' };
  const wanted = Array.from(error.matchAll(/^ERROR: .*?:(\d+:\d+: .*)$/gm), (match) => match[1]!);
  const got = checked.issues.map(
    (i) => `${i.line}:${i.column}: ${i.message.replace(/; did you mean.*/, '')}`,
  );
  const extra = got.filter((line) => !wanted.includes(line));
  if (extra.length > 0 && extra.every((line) => line.includes('undeclared reference'))) {
    return { leftOut: 'that use a library beyond the standard one' };
  }
  return got.join('\n') === wanted.join('\n') ? PASSED : { wanted: wanted.join('\n'), got: got.join('\n') };
}

/** The variables and functions a test declares, and those cel-go's checker tests always declare. */
function environmentOf(original: Case['original']) {
  const declarations = [
    ...CHECKER_TEST_DECLARATIONS,
    ...((original['typeEnv'] ?? []) as unknown as ProtoDeclaration[]),
  ];
  const functions = new Map<string, FunctionDeclaration>();
  const add = ({ name, overloads }: FunctionDeclaration) =>
    functions.set(name, { name, overloads: [...(functions.get(name)?.overloads ?? []), ...overloads] });
  LIBRARIES.flatMap((library) => library.functions).forEach(add);
  const variables: Record<string, Type> = {};
  for (const declaration of declarations) {
    if (declaration.ident) variables[declaration.name] = toType(declaration.ident.type);
    if (declaration.function) add(toFunction(declaration));
  }
  return { variables, functions, constants: CONSTANTS };
}

const STRING = { primitive: 'STRING' } as const;
const INT = { primitive: 'INT64' } as const;

/** From cel-go checker/checker_test.go. */
const CHECKER_TEST_DECLARATIONS: readonly ProtoDeclaration[] = [
  { name: 'is', ident: { type: STRING } },
  { name: 'ii', ident: { type: INT } },
  { name: 'iu', ident: { type: { primitive: 'UINT64' } } },
  { name: 'iz', ident: { type: { primitive: 'BOOL' } } },
  { name: 'ib', ident: { type: { primitive: 'BYTES' } } },
  { name: 'id', ident: { type: { primitive: 'DOUBLE' } } },
  { name: 'ix', ident: { type: { null: null } } },
  { name: 'fg_s', function: { overloads: [{ overloadId: 'fg_s_0', resultType: STRING }] } },
  {
    name: 'fi_s_s',
    function: {
      overloads: [{ overloadId: 'fi_s_s_0', params: [STRING], resultType: STRING, isInstanceFunction: true }],
    },
  },
];

function display(issues: readonly Issue[]): string {
  return issues.map((issue) => formatIssue(issue)).join('\n');
}
