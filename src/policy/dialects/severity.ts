import type { JsonMap, Severity } from '../../model/index.ts';
import { SEVERITIES } from '../../model/index.ts';
import { mapAt, own } from '../json.ts';
import { didYouMean } from '../nearest.ts';
import { type DocumentFault, warning } from './fault.ts';

const SEVERITY_ANNOTATION = 'rampart.dev/severity';
/** Kyverno's, in the same words. */
const KYVERNO_ANNOTATION = 'policies.kyverno.io/severity';

/** Foreign policies say their severity by annotation; medium when they do not. */
export function severityOf(object: JsonMap): { severity: Severity; faults: DocumentFault[] } {
  const metadata = mapAt(object, 'metadata');
  const annotations = metadata === undefined ? undefined : mapAt(metadata, 'annotations');
  const name =
    own(annotations ?? {}, SEVERITY_ANNOTATION) === undefined ? KYVERNO_ANNOTATION : SEVERITY_ANNOTATION;
  const value = own(annotations ?? {}, name);
  if (value === undefined) return { severity: 'medium', faults: [] };
  const severity = SEVERITIES.find((known) => known === value);
  if (severity !== undefined) return { severity, faults: [] };
  const detail = `"${String(value)}" is no severity; medium is used.${didYouMean(String(value), SEVERITIES)}`;
  const pointer = `/metadata/annotations/${name.replace('/', '~1')}`;
  return { severity: 'medium', faults: [warning(pointer, detail)] };
}
