import type { Finding, Problem, Reported, Resource, ResourceRef, Schemas } from '../model/index.ts';
import type { NotKubernetes } from '../sources/index.ts';
import { fingerprint, identityOf, stablePathOf } from './fingerprint.ts';
import type { Placer } from './placer.ts';
import { fileInRepository } from './repository-file.ts';

export interface PlaceOptions {
  readonly resource: Resource;
  readonly placer: Placer;
  readonly schemas: Schemas;
  /** Undefined when no report shows fingerprints: node:crypto is a tenth of the time to a first finding. */
  readonly fingerprints: Fingerprints | undefined;
  /** What its source calls it, whatever an environment makes of that; only of what was rendered. */
  readonly subject?: Subject;
}

type Subject = Pick<ResourceRef, 'namespace' | 'name'>;

export interface Fingerprints {
  /** The working directory, from the repository's root. */
  readonly folder: string;
  /** Whether results tell what their fingerprints are made of. */
  readonly identities: boolean;
}

/** A finding with file, line, column and fingerprint. Positions are worked out here, for findings alone. */
export function placeFinding(
  finding: Finding,
  { resource, placer, schemas, fingerprints, subject }: PlaceOptions,
): Reported {
  // What holds is where the object begins: nobody looks for the line of a pass.
  const exact = finding.verdict === 'violation' || finding.verdict === 'error';
  const { file, line, column, note } = exact ? placer.field(finding.path ?? '') : placer.object();
  const origin = { file, line, column };
  const noted = note === undefined ? finding : { ...finding, note };
  if (fingerprints === undefined) return { ...noted, origin, fingerprint: '' };
  const path =
    finding.path === undefined
      ? undefined
      : stablePathOf(finding.path, resource.object, resource.ref, schemas);
  const identity = identityOf(subject === undefined ? finding : called(finding, subject), path);
  return {
    ...noted,
    origin,
    fingerprint: fingerprint(identity, fileInRepository(fingerprints.folder, file)),
    ...(fingerprints.identities ? { identity } : {}),
  };
}

function called(finding: Finding, subject: Subject): Finding {
  return finding.resource === null ? finding : { ...finding, resource: { ...finding.resource, ...subject } };
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
