/** What the proving process does: everything compiles, and the policies' own tests pass. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Problem } from '../../model/index.ts';
import { reportTests } from '../test.ts';
import { compileSnapshot } from './compile.ts';
import { readingContent } from './content.ts';
import { atOnce } from './steps.ts';

export interface ProofRequest {
  /** Of the content. */
  readonly text: string;
  /** Absolute paths with tests. */
  readonly tests: readonly string[];
  /** Places of tests are relative to it. */
  readonly cwd: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type ProofCode = 'does-not-compile' | 'test-failed' | 'out-of-time' | 'out-of-memory' | 'no-proof';

export interface Objection {
  readonly code: ProofCode;
  readonly detail: string;
  /** Absent where it is about the whole. */
  readonly place?: { readonly file: string; readonly line: number; readonly column: number };
}

export interface TestCounts {
  readonly passed: number;
  /** Of suites, what this version cannot run. */
  readonly unsupported: number;
  readonly skipped: number;
}

export interface Proof {
  readonly objections: readonly Objection[];
  readonly tests: TestCounts;
}

const NO_TESTS: TestCounts = { passed: 0, unsupported: 0, skipped: 0 };
/** More is not read by anybody. */
const LISTED = 100;

function prove(request: ProofRequest): Proof {
  const compile = compileObjections(request);
  if (compile.length > 0) return { objections: compile.slice(0, LISTED), tests: NO_TESTS };
  return runTests(request);
}

function compileObjections({ text, now }: ProofRequest): Objection[] {
  const read = atOnce(readingContent(text));
  if (!read.ok) return [{ code: 'no-proof', detail: read.detail }];
  return compileSnapshot(read.content, { now }).problems.map(objectionOf);
}

function objectionOf({ detail, origin: { file, line, column } }: Problem): Objection {
  return { code: 'does-not-compile', detail, place: { file, line, column } };
}

function runTests({ tests, cwd }: ProofRequest): Proof {
  if (tests.length === 0) return { objections: [], tests: NO_TESTS };
  const report = reportTests(tests, { cwd, answers: undefined });
  const { passed, unsupported, skipped } = report.summary;
  const objections = report.results
    .filter(({ result }) => result === 'fail' || result === 'error')
    .map(({ policy, validation, detail, origin: { file, line, column } }): Objection => {
      const of = validation === undefined ? policy : `${policy}/${validation}`;
      return { code: 'test-failed', detail: `${of}: ${detail}`, place: { file, line, column } };
    });
  return { objections: objections.slice(0, LISTED), tests: { passed, unsupported, skipped } };
}

/** Reads a request from standard input, and writes the proof to standard output. */
export function answerRequest(): void {
  const request = JSON.parse(readFileSync(0, 'utf8')) as ProofRequest;
  writeFileSync(1, JSON.stringify(prove(request)));
}
