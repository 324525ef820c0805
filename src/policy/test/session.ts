import { findTests, type PolicyTest } from './find.ts';
import type { TestIo } from './io.ts';
import { reportOf, type TestOutcome, type TestReport } from './report.ts';

/** Tests that are run again and again while their files change. */
export interface TestSession {
  /**
   * Runs what a change touches, and what is new; everything the first time.
   *
   * @param changed Paths of files that changed, appeared or went, as the tests name them.
   */
  run(changed: ReadonlySet<string>): SessionRun;
}

export interface SessionRun {
  /** Of all tests, also of those whose last outcome still holds. */
  readonly report: TestReport;
  readonly tests: number;
  /** How many were run this time. */
  readonly ran: number;
  /** Every file that some test read, or looked for in vain. */
  readonly files: ReadonlySet<string>;
}

export function createTestSession(paths: readonly string[], io: TestIo): TestSession {
  let known = new Map<string, Done>();
  return {
    run(changed) {
      const now = new Map<string, Done>();
      let ran = 0;
      for (const found of findTests(paths, io)) {
        const before = known.get(found.file);
        const stands = before !== undefined && !isTouched(before, changed);
        if (!stands) ran++;
        now.set(found.file, stands ? before : runAnew(found, io));
      }
      known = now;
      const all = [...now.values()];
      return {
        report: reportOf(all.map(({ outcome }) => outcome)),
        tests: all.length,
        ran,
        files: new Set(all.flatMap(({ files }) => [...files])),
      };
    },
  };
}

/** An outcome, and what of the file system it hangs on. */
interface Done {
  readonly outcome: TestOutcome;
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
}

function isTouched({ files, folders }: Done, changed: ReadonlySet<string>): boolean {
  return [...changed].some(
    (path) => files.has(path) || foldersAbove(path).some((folder) => folders.has(folder)),
  );
}

/** A new folder in one that was listed is news, too. */
function foldersAbove(path: string): string[] {
  const steps = path.split('/').slice(0, -1);
  return ['.', ...steps.map((_, i) => steps.slice(0, i + 1).join('/'))];
}

function runAnew(test: PolicyTest, io: TestIo): Done {
  const files = new Set<string>();
  const folders = new Set<string>();
  const outcome = test.run({
    ...io,
    read: (path) => {
      files.add(path);
      return io.read(path);
    },
    list: (path) => {
      folders.add(path);
      return io.list(path);
    },
  });
  return { outcome, files, folders };
}
