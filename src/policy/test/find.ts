import { findPolicyFolders } from './folders.ts';
import type { TestIo } from './io.ts';
import { isNative, testFolder } from './native.ts';
import type { TestOutcome } from './report.ts';
import { findSuites, type SuiteFile } from './suites/find.ts';
import { runGatekeeperSuite } from './suites/gatekeeper.ts';
import { runKyvernoSuite } from './suites/kyverno/run.ts';
import { outcomeOf } from './suites/outcome.ts';

/** Something to run: a native policy's folder, or a suite of another engine. */
export interface PolicyTest {
  /** The policy's file, or the suite's. */
  readonly file: string;
  run(io: TestIo): TestOutcome;
}

/** Every native policy with its cases at or below the paths, in the order of folders; then the suites there. */
export function findTests(paths: readonly string[], io: TestIo): PolicyTest[] {
  const folders = paths
    .flatMap((path) => findPolicyFolders(path, io))
    .filter((folder) => isNative(folder, io))
    .map((folder): PolicyTest => ({ file: folder.file, run: (from) => testFolder(folder, from) }));
  return [...folders, ...paths.flatMap((path) => findSuites(path, io)).map(suiteTest)];
}

function suiteTest({ path, engine }: SuiteFile): PolicyTest {
  const suite = engine === 'gatekeeper' ? runGatekeeperSuite : runKyvernoSuite;
  return { file: path, run: (io) => outcomeOf(suite(path, io)) };
}
