/** cel-spec's simple tests, as @bufbuild/cel-spec packages them. */
import type {
  SerializedIncrementalTest,
  SerializedIncrementalTestSuite,
} from '@bufbuild/cel-spec/testdata/tests.js';
import type { ProtoDeclaration, ProtoType, ProtoValue } from './proto.ts';

/** A `cel.expr.conformance.test.SimpleTest` in its JSON form. */
export interface SimpleTest {
  readonly name: string;
  readonly expr: string;
  readonly container?: string;
  readonly disableCheck?: boolean;
  readonly checkOnly?: boolean;
  readonly typeEnv?: readonly ProtoDeclaration[];
  readonly bindings?: Readonly<Record<string, { readonly value: ProtoValue }>>;
  readonly value?: ProtoValue;
  readonly evalError?: object;
  readonly typedResult?: { readonly result?: ProtoValue; readonly deducedType?: ProtoType };
}

export interface SpecCase {
  /** File, section and name: `basic/variables/self_eval_bound_lookup`. */
  readonly id: string;
  readonly suite: string;
  readonly path: string;
  readonly original: SimpleTest;
  /** The whole of it as text, to search in. */
  readonly json: string;
}

export async function loadCases(): Promise<SpecCase[]> {
  const { tests } = (await import('@bufbuild/cel-spec/testdata/conformance.js')) as {
    tests: SerializedIncrementalTestSuite;
  };
  const found: SpecCase[] = [];
  const visit = (suite: SerializedIncrementalTestSuite, path: readonly string[]) => {
    for (const inner of suite.suites ?? []) visit(inner, [...path, inner.name]);
    for (const one of suite.tests ?? []) found.push(specCase(one, path));
  };
  visit(tests, []);
  return found;
}

function specCase({ original }: SerializedIncrementalTest, path: readonly string[]): SpecCase {
  const spec = original as unknown as SimpleTest;
  const id = [...path, spec.name].join('/');
  return { id, suite: path[0]!, path: `${path.join('/')}/`, original: spec, json: JSON.stringify(original) };
}
