import type { TestResult } from '../../report.ts';
import type { Responses } from './respond.ts';
import type { ExpectedResult } from './shape.ts';

/** What became of an expected result. */
export type Judged = Pick<TestResult, 'actual' | 'result' | 'detail' | 'validation'>;

/** Compares what a result expects with what the policy said. */
export function judge({ result: expected }: ExpectedResult, responses: Responses): Judged {
  // The CLI takes a resource that a policy leaves out for a pass, whatever is expected of it.
  if (responses === null)
    return { actual: 'not matched', result: 'fail', detail: 'the policy does not match the resource' };
  if (responses.length === 0)
    return { actual: 'excluded', result: 'pass', detail: 'the policy does not match the resource' };
  const wrong = responses.find(({ status }) => status !== expected);
  const { status, message, validation } = wrong ?? responses[0]!;
  return {
    actual: status,
    result: wrong === undefined ? 'pass' : 'fail',
    detail: message,
    ...(validation === undefined ? {} : { validation }),
  };
}
