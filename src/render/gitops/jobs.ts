import type { RenderInput } from '../../model/index.ts';
import { chartJobAt, type Job, kustomizationJob, settledJob } from '../jobs.ts';
import { readClosure } from '../kustomize/read.ts';
import { problems, type Rendering, type Root } from '../rendering.ts';
import { type Deployment, inputsOf, type Surroundings, type Work } from './deployment.ts';
import { workOf } from './read.ts';

/** What there is to render for an object; nothing for one that deploys nothing by itself. */
export function deploymentJobs(deployment: Deployment, around: Surroundings): Job[] {
  return workOf(deployment, around).map((work) => {
    const others = work.kind === 'kustomization' ? work.inputs : [];
    return hangingOn(jobOf(work, deployment, around), [...inputsOf(deployment), ...others]);
  });
}

function jobOf(work: Work, deployment: Deployment, { root, shown, allowNetwork }: Surroundings): Job {
  if (work.kind === 'problem') return settledJob(problems(inputsOf(deployment), work.problem));
  const place: Root = { folder: work.folder, file: shown(work.folder), boundary: root };
  if (work.kind === 'chart') return chartJobAt(place, work.release);
  const closure = readClosure(place, { allowNetwork, shown });
  const { environment, overrides, namespace, edit } = work;
  return kustomizationJob({ closure, environment, overrides, namespace, edit }, false);
}

/** A change of the deployment is one of all that it makes. */
function hangingOn(job: Job, inputs: readonly RenderInput[]): Job {
  const withInput = (rendering: Rendering): Rendering => ({
    ...rendering,
    inputs: [...rendering.inputs, ...inputs],
    shared: [...rendering.shared, ...inputs],
    objects: rendering.objects.map((object) => ({ ...object, inputs: [...object.inputs, ...inputs] })),
  });
  return { ...job, run: (context) => job.run(context).then(withInput) };
}
