import type { Finding, Problem, Reported, Resource, Schemas } from '../model/index.ts';
import type { Locate, NotKubernetes } from '../sources/index.ts';
import { fingerprint, stablePathOf } from './fingerprint.ts';

export interface PlaceOptions {
  readonly resource: Resource;
  /** Finds fields in the resource's file. */
  readonly locate: Locate;
  readonly schemas: Schemas;
  /** Whether a report shows fingerprints: node:crypto is a tenth of the time to a first finding. */
  readonly fingerprints: boolean;
}

/** A finding with file, line, column and fingerprint. Positions are worked out here, for findings alone. */
export function placeFinding(
  finding: Finding,
  { resource, locate, schemas, fingerprints }: PlaceOptions,
): Reported {
  const { file, document, pointer, line } = resource.origin;
  // What holds is where the object begins: nobody looks for the line of a pass.
  const exact = finding.verdict === 'violation' || finding.verdict === 'error';
  const place = exact ? locate(document, pointer + (finding.path ?? '')) : { line, column: 1 };
  const origin = { file, line: place.line, column: place.column };
  if (!fingerprints) return { ...finding, origin, fingerprint: '' };
  const path =
    finding.path === undefined
      ? undefined
      : stablePathOf(finding.path, resource.object, resource.ref, schemas);
  return { ...finding, origin, fingerprint: fingerprint(finding, file, path) };
}

/** Something that could not be read or compiled, as a result without a resource. */
export function placeProblem({ reason, detail, origin, help, excerpt, policy }: Problem): Reported {
  const finding: Finding = {
    policy: policy ?? null,
    severity: 'medium',
    verdict: 'error',
    // What nobody could evaluate does not get in.
    action: 'deny',
    reason,
    detail,
    resource: null,
  };
  return {
    ...finding,
    origin,
    // Several documents of one file can be broken in the same way; the line alone tells them apart.
    fingerprint: fingerprint(finding, origin.file, `${origin.line}`),
    ...(help === undefined ? {} : { help }),
    ...(excerpt === undefined ? {} : { excerpt }),
  };
}

export function placeNotKubernetes({ file, line, detail }: NotKubernetes, strict: boolean): Reported {
  const origin = { file, line, column: 1 };
  if (strict) return placeProblem({ reason: 'not-kubernetes', detail, origin });
  const finding: Finding = {
    policy: null,
    severity: 'info',
    verdict: 'skip',
    action: 'allow',
    reason: 'not-kubernetes',
    detail,
    resource: null,
  };
  return { ...finding, origin, fingerprint: fingerprint(finding, file, `${line}`) };
}
