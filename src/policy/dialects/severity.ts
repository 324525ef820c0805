import type { JsonMap, Severity } from '../../model/index.ts';
import { SEVERITIES } from '../../model/index.ts';
import { mapAt, own } from '../json.ts';
import { didYouMean } from '../nearest.ts';
import { type DocumentFault, warning } from './fault.ts';

const SEVERITY_ANNOTATION = 'rampart.dev/severity';

/** Foreign policies say their severity by annotation; medium when they do not. */
export function severityOf(object: JsonMap): { severity: Severity; faults: DocumentFault[] } {
  const metadata = mapAt(object, 'metadata');
  const annotations = metadata === undefined ? undefined : mapAt(metadata, 'annotations');
  const value = annotations === undefined ? undefined : own(annotations, SEVERITY_ANNOTATION);
  if (value === undefined) return { severity: 'medium', faults: [] };
  const severity = SEVERITIES.find((known) => known === value);
  if (severity !== undefined) return { severity, faults: [] };
  const detail = `"${String(value)}" is no severity; medium is used.${didYouMean(String(value), SEVERITIES)}`;
  const pointer = `/metadata/annotations/${SEVERITY_ANNOTATION.replace('/', '~1')}`;
  return { severity: 'medium', faults: [warning(pointer, detail)] };
}
