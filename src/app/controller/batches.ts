/** What workers send, as far as it can be told that it is what it should be. */
import type { DecisionBatch, FindingBatch, LiveRef } from '../../model/index.ts';

export function readFindings(body: string): FindingBatch | undefined {
  try {
    const batch = JSON.parse(body) as FindingBatch;
    const sound =
      typeof batch.key === 'string' &&
      typeof batch.run === 'string' &&
      Number.isSafeInteger(batch.time) &&
      Array.isArray(batch.observed) &&
      Array.isArray(batch.gone) &&
      batch.observed.every(({ resource, findings }) => isNamed(resource) && Array.isArray(findings)) &&
      batch.gone.every(({ resource }) => isNamed(resource)) &&
      (batch.unlisted ?? []).every((one) =>
        [one.group, one.kind, one.detail].every((text) => typeof text === 'string'),
      );
    return sound ? batch : undefined;
  } catch {
    return undefined;
  }
}

function isNamed({ apiVersion, kind, namespace, name, uid }: LiveRef): boolean {
  return [apiVersion, kind, namespace, name, uid].every((text) => typeof text === 'string');
}

export function readBatch(body: string): DecisionBatch | undefined {
  try {
    const batch = JSON.parse(body) as DecisionBatch;
    const sound =
      typeof batch.key === 'string' &&
      Array.isArray(batch.records) &&
      typeof batch.counts?.policies === 'object' &&
      Number.isSafeInteger(batch.dropped) &&
      (batch.asked === undefined ||
        (Array.isArray(batch.asked.objects) && typeof batch.asked.namespaces === 'object'));
    return sound ? batch : undefined;
  } catch {
    return undefined;
  }
}
