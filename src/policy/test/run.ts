import { findTests } from './find.ts';
import type { TestIo } from './io.ts';
import { reportOf, type TestReport } from './report.ts';

/** Runs every test at or below the paths, in the order of findTests. */
export function runPolicyTests(paths: readonly string[], io: TestIo): TestReport {
  return reportOf(findTests(paths, io).map((found) => found.run(io)));
}
