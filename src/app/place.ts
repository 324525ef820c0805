import type { Finding, Problem, Reported, Resource, Schemas } from '../model/index.ts';
import type { Locate, NotKubernetes } from '../sources/index.ts';
import { fingerprint, identityOf, stablePathOf } from './fingerprint.ts';
import { fileInRepository } from './repository-file.ts';

export interface PlaceOptions {
  readonly resource: Resource;
  /** Finds fields in the resource's file. */
  readonly locate: Locate;
  readonly schemas: Schemas;
  /** Undefined when no report shows fingerprints: node:crypto is a tenth of the time to a first finding. */
  readonly fingerprints: Fingerprints | undefined;
}

export interface Fingerprints {
  /** The working directory, from the repository's root. */
  readonly folder: string;
  /** Whether results tell what their fingerprints are made of. */
  readonly identities: boolean;
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
  if (fingerprints === undefined) return { ...finding, origin, fingerprint: '' };
  const path =
    finding.path === undefined
      ? undefined
      : stablePathOf(finding.path, resource.object, resource.ref, schemas);
  const identity = identityOf(finding, path);
  return {
    ...finding,
    origin,
    fingerprint: fingerprint(identity, fileInRepository(fingerprints.folder, file)),
    ...(fingerprints.identities ? { identity } : {}),
  };
}

/** Something that could not be read or compiled, as a result without a resource. */
export const placeProblem = placeProblemIn('');

/** @param folder The working directory, from the repository's root. */
export function placeProblemIn(folder: string): (problem: Problem) => Reported {
  return ({ reason, detail, origin, help, excerpt, policy }) => {
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
    // Several documents of one file can be broken in the same way; the line alone tells them apart.
    const identity = identityOf(finding, `${origin.line}`);
    return {
      ...finding,
      origin,
      fingerprint: fingerprint(identity, fileInRepository(folder, origin.file)),
      ...(help === undefined ? {} : { help }),
      ...(excerpt === undefined ? {} : { excerpt }),
    };
  };
}

export function placeNotKubernetes(
  { file, line, detail }: NotKubernetes,
  strict: boolean,
  folder = '',
): Reported {
  const origin = { file, line, column: 1 };
  if (strict) return placeProblemIn(folder)({ reason: 'not-kubernetes', detail, origin });
  const finding: Finding = {
    policy: null,
    severity: 'info',
    verdict: 'skip',
    action: 'allow',
    reason: 'not-kubernetes',
    detail,
    resource: null,
  };
  const at = fileInRepository(folder, file);
  return { ...finding, origin, fingerprint: fingerprint(identityOf(finding, `${line}`), at) };
}
