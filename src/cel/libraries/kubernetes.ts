/** The libraries that the API server offers to admission policies, by version. */
import { homogeneousLiterals, literalValidation } from '../check/validators.ts';
import type { Library } from '../library.ts';
import { optionalLibrary } from '../optional.ts';
import { authz, authzSelectors } from './authz.ts';
import { cidr } from './cidr.ts';
import { formats } from './format.ts';
import { ip } from './ip.ts';
import { listExtension } from './list-extension.ts';
import { listsV0, listsV1 } from './lists.ts';
import { quantities } from './quantity.ts';
import { regex } from './regex.ts';
import { semvers } from './semver.ts';
import { sets } from './sets.ts';
import { stringsV0, stringsV2 } from './strings.ts';
import { twoVariableComprehensions } from './two-variable.ts';
import { urls } from './url.ts';

/** The newest Kubernetes minor whose libraries are known here. */
export const LATEST_MINOR = 37;

/** A library with the Kubernetes minors (1.x) that have it. */
export interface VersionedLibrary {
  readonly library: Library;
  /** First one; 0 for always. */
  readonly since: number;
  /** First one without it. */
  readonly until?: number;
}

/** k8s.io/apiserver v0.37.2 pkg/cel/environment/base.go `baseOpts`, in its order. */
export const KUBERNETES_LIBRARIES: readonly VersionedLibrary[] = [
  { library: homogeneousLiterals, since: 0 },
  { library: urls, since: 0 },
  { library: regex, since: 0 },
  { library: listsV0, since: 0, until: 37 },
  { library: authz, since: 27 },
  { library: optionalLibrary, since: 28 },
  { library: quantities, since: 28 },
  { library: literalValidation, since: 29 },
  { library: stringsV0, since: 0, until: 29 },
  { library: stringsV2, since: 29 },
  { library: sets, since: 29 },
  { library: ip, since: 30 },
  { library: cidr, since: 30 },
  { library: formats, since: 31 },
  { library: authzSelectors, since: 31 },
  { library: twoVariableComprehensions, since: 32 },
  { library: semvers, since: 33 },
  { library: listExtension, since: 34 },
  { library: listsV1, since: 37 },
];

/**
 * What admission policies may use at a compatibility version of Kubernetes, the standard library left out.
 * A minor newer than the newest known has what that one has.
 *
 * @param minor 34 for 1.34
 */
export function kubernetesLibraries(minor: number): readonly Library[] {
  return KUBERNETES_LIBRARIES.filter(
    ({ since, until }) => since <= minor && (until === undefined || minor < until),
  ).map(({ library }) => library);
}

/** Whether `1 < 1.5` is allowed at a compatibility version: from 1.28 on. */
export function hasCrossTypeComparisons(minor: number): boolean {
  return minor >= 28;
}
