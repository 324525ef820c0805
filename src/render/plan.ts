/** What is rendered in a scan: which files that covers, and then the renderings. */
import { availableParallelism } from 'node:os';
import type { Environment } from '../model/index.ts';
import type { Deployment, Surroundings } from './gitops/deployment.ts';
import { deploymentJobs } from './gitops/jobs.ts';
import { saysWhatIsDeployed } from './gitops/kinds.ts';
import { chartRoots, releasesOf } from './helm/roots.ts';
import {
  chartFolder,
  chartJob,
  type Job,
  type JobContext,
  kustomizationJob,
  notRun,
  settledJob,
} from './jobs.ts';
import { kustomizationRoots } from './kustomize/roots.ts';
import type { Shown } from './names.ts';
import { findPrograms } from './programs.ts';
import { problems, type Rendering, type Root } from './rendering.ts';
import type { Limits } from './run.ts';
import { jsonOf } from './values.ts';
import { openWorkspace } from './workspace.ts';

export interface RenderOptions {
  readonly cwd: string;
  readonly shown: Shown;
  /** Of the process: where the programs are, and how the network is reached if it may be. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** False: nothing is run. */
  readonly run: boolean;
  readonly allowNetwork: boolean;
  readonly environments: readonly Environment[];
  /** Of objects that name none. */
  readonly namespace: string;
  /** `v1.37`. */
  readonly kubeVersion: string;
  readonly limits: Limits;
}

export interface RenderPlan {
  /** Files, without links, that are rendered and not manifests of their own. */
  readonly covered: ReadonlySet<string>;
  /** Told how many of the renderings are done. */
  render(around: Surroundings, onStep: OnRendered): Promise<readonly Rendering[]>;
}

type OnRendered = (done: number, total: number) => void;

export function planRendering(
  roots: { readonly charts: readonly Root[]; readonly kustomizations: readonly Root[] },
  options: RenderOptions,
): RenderPlan {
  const { allowNetwork, limits, shown } = options;
  const kustomizations = options.run ? roots.kustomizations : [];
  const { closures, covered } = kustomizationRoots(kustomizations, { allowNetwork, shown });
  return {
    covered,
    async render(around, onStep) {
      const jobs = [
        ...chartJobs(roots.charts, options),
        ...closures.map((closure) => kustomizationJob({ closure, environment: closure.root.file }, true)),
      ];
      const untrusted = [...roots.charts, ...roots.kustomizations].map(({ boundary }) => boundary);
      const path = options.run ? (options.variables['PATH'] ?? '') : '';
      const programs = findPrograms(path, [around.root, ...untrusted]);
      const workspace = openWorkspace(allowNetwork, options.variables);
      try {
        const context = { programs, workspace, limits, allowNetwork, shown };
        return await renderAll(jobs, options.run ? around : { ...around, objects: [] }, context, onStep);
      } finally {
        workspace.remove();
      }
    },
  };
}

function chartJobs(found: readonly Root[], options: RenderOptions): Job[] {
  const { charts, problems: broken } = chartRoots(found);
  return [
    ...broken.map((problem) => settledJob(problems([{ file: problem.origin.file, part: 'file' }], problem))),
    ...charts.flatMap((chart) =>
      releasesOf(chart, options.environments, options).map((read): Job => {
        if (!read.ok)
          return settledJob({ ...problems(chartFolder(chart), read.problem), environment: read.environment });
        return options.run ? chartJob(chart, read.release) : settledJob(notRun(chart));
      }),
    ),
  ];
}

/** What is deployed may deploy further things; in a circle it would never end. */
const ROUNDS = 10;

/**
 * The charts and kustomizations that are there, and what Argo CD and Flux make of them. What one of these deploys is not
 * also rendered by itself.
 */
async function renderAll(
  own: readonly Job[],
  around: Surroundings,
  context: JobContext,
  onStep: OnRendered,
): Promise<Rendering[]> {
  const known = new Set<string>();
  const isNew = ({ resource }: Deployment): boolean => {
    const key = jsonOf(resource.object);
    return !known.has(key) && known.add(key) !== undefined;
  };
  const deployed = new Set<string>();
  const done: { readonly job: Job; readonly rendering: Rendering }[] = [];
  let objects = around.objects.filter(isNew);
  let surroundings: Surroundings = { ...around, objects };
  let jobs = [...own];
  for (let round = 0; round < ROUNDS; round++) {
    const more = objects.flatMap((deployment) => deploymentJobs(deployment, surroundings));
    for (const { folder } of more) if (folder !== undefined) deployed.add(folder);
    jobs = [...jobs, ...more].filter((job) => !isSuperseded(job, deployed));
    if (jobs.length === 0) break;
    const renderings = await runAll(jobs, context, onStep);
    done.push(...jobs.map((job, index) => ({ job, rendering: renderings[index]! })));
    objects = jobs.flatMap((job, index) => deploymentsIn(renderings[index]!, job, around)).filter(isNew);
    surroundings = { ...around, objects: [...surroundings.objects, ...objects] };
    jobs = [];
  }
  return done.filter(({ job }) => !isSuperseded(job, deployed)).map(({ rendering }) => rendering);
}

function isSuperseded({ byItself, folder }: Job, deployed: ReadonlySet<string>): boolean {
  return byItself && folder !== undefined && deployed.has(folder);
}

function deploymentsIn({ objects }: Rendering, { boundary }: Job, { root }: Surroundings): Deployment[] {
  return objects
    .filter(({ resource: { ref } }) => saysWhatIsDeployed(ref))
    .map(({ resource, place, inputs }) => ({ resource, place, inputs, here: boundary === root }));
}

/** As many at a time as there are processors; in the order of the jobs. */
async function runAll(jobs: readonly Job[], context: JobContext, onStep: OnRendered): Promise<Rendering[]> {
  const renderings: Rendering[] = [];
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (next < jobs.length) {
      const index = next++;
      renderings[index] = await jobs[index]!.run(context);
      onStep(++done, jobs.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), jobs.length) }, worker));
  return renderings;
}
