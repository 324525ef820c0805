import type { Resource } from '../../../model/index.ts';
import type { Exception } from '../../form.ts';
import { mapAt, stringAt } from '../../json.ts';
import { read } from '../../shape/read.ts';
import { type DocumentFault, error, ofShape, warning } from '../fault.ts';
import { notOneOf } from '../vap/validate-match.ts';
import { validateMetadata } from '../vap/validate-metadata.ts';
import { validateMatchConditions } from '../vap/validate-policy.ts';
import { policyExceptionShape } from './shape.ts';

/** An exception and the policies it names. */
export interface LoadedException {
  readonly refs: readonly { readonly kind: string; readonly name: string; readonly pointer: string }[];
  readonly exception: Exception;
}

const PRIORITY_LABEL = 'polex.kyverno.io/priority';

/**
 * Reads a PolicyException; no value when Kyverno would refuse it or when it has expired.
 *
 * @param now Milliseconds; undefined: no exception expires.
 */
export function loadException(
  resource: Resource,
  now: number | undefined,
): { value?: LoadedException; faults: DocumentFault[] } {
  const { value, issues } = read(policyExceptionShape, resource.object);
  const faults = issues.map((issue) => ofShape(issue, 'error'));
  if (faults.length > 0) return { faults };
  const { metadata, spec } = value;
  faults.push(
    // Unlike policies, exceptions lie in namespaces.
    ...validateMetadata({ ...metadata, namespace: '' }),
    ...validateMatchConditions(spec.matchConditions ?? [], '/spec/matchConditions'),
  );
  if (spec.policyRefs.length === 0)
    faults.push(error('/spec/policyRefs', 'At least one policy must be named.'));
  if (spec.reportResult !== undefined && !RESULTS.includes(spec.reportResult))
    faults.push(notOneOf('/spec/reportResult', spec.reportResult, RESULTS));
  const expires = spec.expiresAt === undefined ? undefined : timeOf(spec.expiresAt);
  if (Number.isNaN(expires))
    faults.push(error('/spec/expiresAt', `"${spec.expiresAt}" is no time of RFC 3339.`));
  if (faults.some(({ severity }) => severity === 'error')) return { faults };
  if (expires !== undefined && now !== undefined && now > expires) {
    faults.push(warning('/spec/expiresAt', `The exception expired at ${spec.expiresAt} and has no effect.`));
    return { faults };
  }
  const name = [metadata.namespace ?? '', metadata.name!].filter((part) => part !== '').join('/');
  return {
    faults,
    value: {
      refs: spec.policyRefs.map((ref, i) => ({ ...ref, pointer: `/spec/policyRefs/${i}/name` })),
      exception: {
        name,
        matchConditions: (spec.matchConditions ?? []).map((condition, i) => ({
          name: condition.name!,
          expression: {
            text: condition.expression!,
            pointer: `/spec/matchConditions/${i}/expression`,
          },
        })),
        images: spec.images ?? [],
        allowedValues: spec.allowedValues ?? [],
        ...(expires === undefined ? {} : { expires }),
        result: spec.reportResult === 'pass' ? 'pass' : 'skip',
        priority: priorityOf(resource),
        origin: resource.origin,
      },
    },
  };
}

const RESULTS = ['skip', 'pass'];

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function timeOf(text: string): number {
  return RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
}

/** Of several exceptions the one with the highest priority says what is reported. */
function priorityOf({ object }: Resource): number {
  const labels = mapAt(mapAt(object, 'metadata') ?? {}, 'labels') ?? {};
  const text = stringAt(labels, PRIORITY_LABEL);
  return /^[+-]?\d+$/.test(text) ? Number(text) : 0;
}
