import type { Resource, Severity } from '../../model/index.ts';
import { read } from '../shape/read.ts';
import type { Infer, ObjectShape } from '../shape/shape.ts';
import { zeroNulls } from '../shape/zero.ts';
import { type DocumentFault, ofShape } from './fault.ts';
import { severityOf } from './severity.ts';

/** What was read; no value when whoever runs such policies would refuse it. */
export interface ReadPolicy<T> {
  readonly value?: T;
  readonly severity: Severity;
  readonly faults: DocumentFault[];
}

/**
 * Reads a policy of another engine in its shape. Field names that the API server does not know are dropped there with a
 * warning, so they are warnings here.
 */
export function readPolicy<S extends ObjectShape>(
  shape: S,
  { object }: Resource,
  validate: (source: Infer<S>) => readonly DocumentFault[],
): ReadPolicy<Infer<S>> {
  const { value, issues } = read(shape, zeroNulls(shape, object));
  const faults = issues.map((issue) => ofShape(issue, issue.code === 'unknown-field' ? 'warning' : 'error'));
  if (issues.some((issue) => issue.code !== 'unknown-field')) return { severity: 'medium', faults };
  const { severity, faults: severityFaults } = severityOf(object);
  faults.push(...severityFaults, ...validate(value));
  return faults.some((fault) => fault.severity === 'error')
    ? { severity, faults }
    : { value, severity, faults };
}
