import type { JsonMap, Resource } from '../../../../model/index.ts';
import { mapAt, stringAt } from '../../../json.ts';
import { parseApiVersion } from '../../../request.ts';
import type { TestResult } from '../../report.ts';
import type { Responses } from './answers.ts';
import { differences } from './differences.ts';
import { resourceOf } from './inputs.ts';
import type { ExpectedResult } from './shape.ts';

/** What became of an expected result. */
export type Judged = Pick<TestResult, 'actual' | 'result' | 'detail' | 'validation'>;

/**
 * Compares what a result expects with what the policy said.
 *
 * @param patched Objects as they must be after the policies; null when the result does not say.
 */
export function judge(
  { result: expected }: ExpectedResult,
  responses: Responses,
  patched: readonly Resource[] | null,
): Judged {
  // The CLI takes a resource that a policy leaves out for a pass, whatever is expected of it.
  if (responses === null)
    return { actual: 'not matched', result: 'fail', detail: 'the policy does not match the resource' };
  if (responses.length === 0)
    return { actual: 'excluded', result: 'pass', detail: 'the policy does not match the resource' };
  const wrong = responses.find(({ status }) => status !== expected);
  const { status, message, validation, patched: object } = wrong ?? responses[0]!;
  if (wrong === undefined && patched !== null && object !== undefined) {
    const detail = unlike(object, patched);
    if (detail !== undefined) return { actual: 'patched otherwise', result: 'fail', detail };
  }
  return {
    actual: status,
    result: wrong === undefined ? 'pass' : 'fail',
    detail: message,
    ...(validation === undefined ? {} : { validation }),
  };
}

/** The namespace that an object has when it names none. */
function placed(object: JsonMap): JsonMap {
  const metadata = mapAt(object, 'metadata') ?? {};
  return stringAt(metadata, 'namespace') === 'default'
    ? { ...object, metadata: { ...metadata, namespace: null } }
    : object;
}

const MOST = 5;

function unlike(object: JsonMap, patched: readonly Resource[]): string | undefined {
  const { ref } = resourceOf(object);
  const like = patched.find(
    ({ ref: other }) =>
      other.kind === ref.kind &&
      other.name === ref.name &&
      parseApiVersion(other.apiVersion).group === parseApiVersion(ref.apiVersion).group &&
      (other.namespace || 'default') === (ref.namespace || 'default'),
  );
  if (like === undefined)
    return `the patched resources have no ${ref.kind} ${ref.namespace || 'default'}/${ref.name}`;
  const found = differences(placed(like.object), placed(object));
  if (found.length === 0) return undefined;
  const more = found.length > MOST ? [`and ${found.length - MOST} more`] : [];
  return `not as in ${like.origin.file}: ${[...found.slice(0, MOST), ...more].join('; ')}`;
}
