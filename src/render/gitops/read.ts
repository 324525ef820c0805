import { applicationsOf } from './applicationset.ts';
import { applicationWork } from './argocd.ts';
import { type Deployment, NotDeployable, type Surroundings, type Work } from './deployment.ts';
import { fluxKustomizationWork, helmReleaseWork } from './flux.ts';

const READERS: Readonly<Record<string, (deployment: Deployment, around: Surroundings) => Work[]>> = {
  'argoproj.io Application': applicationWork,
  'argoproj.io ApplicationSet': (deployment, around) =>
    applicationsOf(deployment, around).flatMap((application) => workOf(application, around)),
  'helm.toolkit.fluxcd.io HelmRelease': helmReleaseWork,
  'kustomize.toolkit.fluxcd.io Kustomization': fluxKustomizationWork,
};

/** What an object asks to render; nothing, if it is none that does. */
export function workOf(deployment: Deployment, around: Surroundings): Work[] {
  const { apiVersion, kind } = deployment.resource.ref;
  const read = READERS[`${apiVersion.split('/', 1)[0]} ${kind}`];
  if (read === undefined) return [];
  try {
    return read(deployment, around);
  } catch (error) {
    if (!(error instanceof NotDeployable)) throw error;
    return [{ kind: 'problem', problem: error.problem }];
  }
}
