/**
 * cel-spec's simple tests: every expression, through both engines and the reference interpreter. What is left out is
 * listed in left-out.ts; the test prints how many and why.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { formatType } from '../../../src/cel/check/types.ts';
import {
  createEnvironment,
  type Engine,
  type Library,
  type Type,
  type Value,
} from '../../../src/cel/index.ts';
import {
  bindings,
  encoders,
  kubernetesLibraries,
  LATEST_MINOR,
  math,
} from '../../../src/cel/libraries/index.ts';
import { parse } from '../../../src/cel/parser.ts';
import { PlanError, planExpr } from '../../../src/cel/plan/plan.ts';
import { createProgram, type Program } from '../../../src/cel/program.ts';
import { STANDARD_LIBRARY } from '../../../src/cel/stdlib/index.ts';
import { DYN } from '../../../src/cel/types.ts';
import { encode } from '../encode.ts';
import { compileReference } from '../reference/compile.ts';
import { interpret, NotPlannable } from '../reference/interpreter.ts';
import { loadCases, type SimpleTest } from './cases.ts';
import { reasonToLeaveOut } from './left-out.ts';
import { toFunction, toType, toValue } from './proto.ts';

/** What an implementation makes of an expression. */
type Result =
  | { readonly refused: string }
  | { readonly type: string; readonly value: unknown }
  | { readonly type: string; readonly error: string };

type Implementation = (spec: SimpleTest) => Result;

const LIBRARIES: readonly Library[] = [
  // Literals of mixed types are a matter of Kubernetes, not of CEL.
  ...kubernetesLibraries(LATEST_MINOR).filter(({ name }) => !name.endsWith('-literals')),
  bindings,
  encoders,
  math,
];

const IMPLEMENTATIONS: Readonly<Record<string, Implementation>> = {
  'exact engine': (spec) => evaluateWith('interpret', spec),
  'generated code': (spec) => evaluateWith('generate', spec),
  'reference interpreter': evaluateReference,
};

const cases = await loadCases();

for (const [name, implementation] of Object.entries(IMPLEMENTATIONS)) {
  test(`cel-spec simple tests: ${name}`, (t) => {
    const leftOut = new Map<string, number>();
    const failures: string[] = [];
    let passed = 0;
    for (const spec of cases) {
      const why = reasonToLeaveOut(spec);
      if (why !== undefined) {
        leftOut.set(why, (leftOut.get(why) ?? 0) + 1);
        continue;
      }
      const problem = judge(spec.original, implementation(spec.original));
      if (problem === undefined) passed++;
      else failures.push(`${spec.id}: ${spec.original.expr}\n  ${problem}`);
    }
    t.diagnostic(
      `${cases.length} tests: ${passed} passed, ${failures.length} failed, ${sum(leftOut.values())} left out`,
    );
    for (const [why, count] of leftOut) t.diagnostic(`left out ${count}: ${why}`);
    assert.equal(failures.length, 0, failures.slice(0, 40).join('\n'));
    assert.ok(passed > 1_000);
  });
}

/** Undefined when the result is the one the test asks for. */
function judge(spec: SimpleTest, result: Result): string | undefined {
  if (spec.evalError !== undefined) {
    return 'value' in result ? `expected an error, got ${JSON.stringify(result.value)}` : undefined;
  }
  const { deducedType } = spec.typedResult ?? {};
  if ('refused' in result) return `refused: ${result.refused}`;
  if (deducedType !== undefined && formatType(toType(deducedType)) !== result.type) {
    return `expected type ${formatType(toType(deducedType))}, got ${result.type}`;
  }
  if (spec.checkOnly) return undefined;
  if ('error' in result) return `error: ${result.error}`;
  const expected = encode(toValue(spec.value ?? spec.typedResult?.result ?? { boolValue: true }));
  return isDeepStrictEqual(result.value, expected)
    ? undefined
    : `expected ${JSON.stringify(expected)}, got ${JSON.stringify(result.value)}`;
}

function evaluateWith(engine: Engine, spec: SimpleTest): Result {
  const compiled = spec.disableCheck ? compileUnchecked(spec, engine) : compileChecked(spec, engine);
  if ('refused' in compiled) return compiled;
  const type = formatType(compiled.outputType);
  if (spec.checkOnly) return { type, value: null };
  const outcome = compiled.evaluate(variableValues(spec));
  return outcome.ok ? { type, value: encode(outcome.value) } : { type, error: outcome.error.$message };
}

function compileChecked(spec: SimpleTest, engine: Engine): Program | { refused: string } {
  const { variables, library } = declarations(spec);
  const environment = createEnvironment({ variables, libraries: [...LIBRARIES, library], engine });
  const compiled = environment.compile(spec.expr);
  return compiled.ok
    ? compiled.program
    : { refused: compiled.issues.map(({ message }) => message).join('; ') };
}

/** As it was parsed, with nothing known about types. */
function compileUnchecked(spec: SimpleTest, engine: Engine): Program | { refused: string } {
  const libraries = [STANDARD_LIBRARY, ...LIBRARIES];
  const parsed = parse(spec.expr, { macros: libraries.flatMap(({ macros }) => macros ?? []) });
  if ('issues' in parsed) return { refused: parsed.issues.map(({ message }) => message).join('; ') };
  const functions = new Map(libraries.flatMap((library) => library.functions).map((f) => [f.name, f]));
  try {
    const root = planExpr(parsed.ast.expr, {
      references: new Map(),
      types: new Map(),
      functions,
      constants: Object.assign({}, ...libraries.map(({ constants }) => constants)),
      typeValue: () => undefined,
    });
    const plan = { root, structs: undefined, functions, outputType: DYN };
    const packed = () => assert.fail('nobody keeps it');
    return createProgram({ ast: parsed.ast, outputType: DYN, issues: [], plan, packed }, engine);
  } catch (error) {
    if (error instanceof PlanError) return { refused: error.message };
    throw error;
  }
}

function evaluateReference(spec: SimpleTest): Result {
  const { variables, library } = declarations(spec);
  const libraries = [STANDARD_LIBRARY, ...LIBRARIES, library];
  const compiled = compileReference(spec.expr, { libraries, variables, check: !spec.disableCheck });
  if ('issues' in compiled) return { refused: compiled.issues.map(({ message }) => message).join('; ') };
  const type = formatType(compiled.outputType ?? DYN);
  if (spec.checkOnly) return { type, value: null };
  try {
    const outcome = interpret(compiled.checked, variableValues(spec));
    return outcome.ok ? { type, value: encode(outcome.value) } : { type, error: outcome.error.$message };
  } catch (error) {
    if (error instanceof NotPlannable) return { refused: error.message };
    throw error;
  }
}

function declarations({ typeEnv = [] }: SimpleTest): { variables: Record<string, Type>; library: Library } {
  const variables: Record<string, Type> = {};
  for (const { name, ident } of typeEnv) {
    if (ident !== undefined) variables[name] = toType(ident.type);
  }
  const functions = typeEnv.filter((declaration) => declaration.function !== undefined).map(toFunction);
  return { variables, library: { name: 'test', functions } };
}

function variableValues({ bindings: bound = {} }: SimpleTest): Record<string, Value> {
  return Object.fromEntries(Object.entries(bound).map(([name, { value }]) => [name, toValue(value)]));
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
