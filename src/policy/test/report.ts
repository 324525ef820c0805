import type { Origin, ResourceRef } from '../../model/index.ts';

/** What `rampart test` prints; the JSON form is this very object. */
export interface TestReport {
  readonly results: readonly TestResult[];
  readonly summary: TestSummary;
  readonly coverage: Coverage;
}

export interface TestResult {
  /** The policy's file. */
  readonly suite: string;
  /** The case's file, relative to the policy's folder. */
  readonly case?: string;
  readonly policy: string;
  /** Of a policy with rules. */
  readonly rule?: string;
  readonly validation?: string;
  readonly resource: Pick<ResourceRef, 'kind' | 'namespace' | 'name'> | null;
  readonly expected: string;
  readonly actual: string;
  readonly result: 'pass' | 'fail' | 'error' | 'unsupported' | 'skipped';
  readonly detail: string;
  /** Of an object that is not as it must be: a unified diff of both as YAML, from the expected to the actual one. */
  readonly diff?: string;
  readonly origin: Origin;
}

/** What one test yields. */
export interface TestOutcome {
  readonly results: readonly TestResult[];
  /** Of each policy that it tests. */
  readonly covered: readonly Covered[];
}

export interface Covered {
  readonly policy: string;
  /** How many validations it has. */
  readonly validations: number;
  /** How many of them a case made fail. */
  readonly failed: number;
  /** Kinds of cases it lacks. */
  readonly missing: readonly ('pass' | 'fail')[];
}

/** What a suite of another engine yields. */
export interface SuiteOutcome {
  readonly results: readonly TestResult[];
  /** The policies it tests, by the name results give them. */
  readonly policies: ReadonlyMap<string, TestedPolicy>;
}

export interface TestedPolicy {
  /** Names of its validations. */
  readonly validations: readonly string[];
  /** Those that a case made fail. */
  readonly failed: Set<string>;
}

export interface TestSummary {
  readonly passed: number;
  readonly failed: number;
  readonly errors: number;
  readonly unsupported: number;
  readonly skipped: number;
}

export interface Coverage {
  readonly policies: number;
  /** Policies without a passing or without a failing case. */
  readonly untested: readonly { readonly policy: string; readonly missing: readonly ('pass' | 'fail')[] }[];
  readonly validations: number;
  /** Validations that some case made fail. */
  readonly failed: number;
}

export function reportOf(outcomes: readonly TestOutcome[]): TestReport {
  const results = outcomes.flatMap((outcome) => outcome.results);
  return {
    results,
    summary: summarise(results),
    coverage: coverageOf(outcomes.flatMap(({ covered }) => covered)),
  };
}

function summarise(results: readonly TestResult[]): TestSummary {
  const count = (result: TestResult['result']) => results.filter((r) => r.result === result).length;
  return {
    passed: count('pass'),
    failed: count('fail'),
    errors: count('error'),
    unsupported: count('unsupported'),
    skipped: count('skipped'),
  };
}

function coverageOf(covered: readonly Covered[]): Coverage {
  const sum = (of: (one: Covered) => number) => covered.reduce((total, one) => total + of(one), 0);
  return {
    policies: covered.length,
    untested: covered
      .filter(({ missing }) => missing.length > 0)
      .map(({ policy, missing }) => ({ policy, missing })),
    validations: sum(({ validations }) => validations),
    failed: sum(({ failed }) => failed),
  };
}
