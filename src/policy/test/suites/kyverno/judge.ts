import type { JsonMap, Resource } from '../../../../model/index.ts';
import { mapAt, stringAt } from '../../../json.ts';
import { parseApiVersion } from '../../../request.ts';
import type { TestIo } from '../../io.ts';
import type { TestResult } from '../../report.ts';
import type { Responses } from './answers.ts';
import { different } from './differences.ts';
import { resourceOf } from './inputs.ts';
import type { ExpectedResult } from './shape.ts';

/** What became of an expected result. */
export type Judged = Pick<TestResult, 'actual' | 'result' | 'detail' | 'diff' | 'validation'>;

/**
 * Compares what a result expects with what the policy said.
 *
 * @param patched Objects as they must be after the policies; null when the result does not say.
 * @param diff How objects that differ are shown.
 */
export function judge(
  { result: expected }: ExpectedResult,
  responses: Responses,
  patched: readonly Resource[] | null,
  diff: TestIo['diff'],
): Judged {
  // The CLI takes a resource that a policy leaves out for a pass, whatever is expected of it.
  if (responses === null)
    return { actual: 'not matched', result: 'fail', detail: 'the policy does not match the resource' };
  if (responses.length === 0)
    return { actual: 'excluded', result: 'pass', detail: 'the policy does not match the resource' };
  const wrong = responses.find(({ status }) => status !== expected);
  const { status, message, validation, patched: object } = wrong ?? responses[0]!;
  if (wrong === undefined && patched !== null && object !== undefined) {
    const found = unlike(object, patched, diff);
    if (found !== undefined) return { actual: 'patched otherwise', result: 'fail', ...found };
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

function unlike(
  object: JsonMap,
  patched: readonly Resource[],
  diff: TestIo['diff'],
): Pick<Judged, 'detail' | 'diff'> | undefined {
  const { ref } = resourceOf(object);
  const like = patched.find(
    ({ ref: other }) =>
      other.kind === ref.kind &&
      other.name === ref.name &&
      parseApiVersion(other.apiVersion).group === parseApiVersion(ref.apiVersion).group &&
      (other.namespace || 'default') === (ref.namespace || 'default'),
  );
  if (like === undefined)
    return {
      detail: `the patched resources have no ${ref.kind} ${ref.namespace || 'default'}/${ref.name}`,
    };
  const found = different(placed(like.object), placed(object));
  if (found === undefined) return undefined;
  return { detail: `not as in ${like.origin.file}`, diff: diff(found.expected, found.actual) };
}
