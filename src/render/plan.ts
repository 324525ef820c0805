/** What is rendered in a scan: which files that covers, and then the renderings. */
import { availableParallelism } from 'node:os';
import type { Environment, Problem } from '../model/index.ts';
import type { Chart } from './helm/chart.ts';
import { renderChart } from './helm/render.ts';
import { chartRoots, releasesOf } from './helm/roots.ts';
import { buildKustomization } from './kustomize/build.ts';
import { closureInputs } from './kustomize/inputs.ts';
import type { Closure } from './kustomize/read.ts';
import { kustomizationRoots } from './kustomize/roots.ts';
import { type Shown, shownIn } from './names.ts';
import { findPrograms, type Programs } from './programs.ts';
import { failed, problems, type Rendering, type Root } from './rendering.ts';
import type { Limits } from './run.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

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
  render(onStep: (done: number, total: number) => void): Promise<readonly Rendering[]>;
}

/** Something to render, with what is at hand by then. */
type Job = (context: JobContext) => Promise<Rendering>;

interface JobContext {
  readonly programs: Programs;
  readonly workspace: Workspace;
  readonly limits: Limits;
  readonly allowNetwork: boolean;
  readonly shown: Shown;
}

export function planRendering(
  roots: { readonly charts: readonly Root[]; readonly kustomizations: readonly Root[] },
  options: RenderOptions,
): RenderPlan {
  const { allowNetwork, limits, shown } = options;
  const closures = options.run ? kustomizationRoots(roots.kustomizations, { allowNetwork, shown }) : [];
  return {
    covered: new Set(closures.flatMap(({ covered }) => [...covered])),
    async render(onStep) {
      const jobs = [
        ...chartJobs(roots.charts, options),
        ...closures.map(
          (closure): Job =>
            (context) =>
              context.programs.kustomize === undefined
                ? Promise.resolve(noKustomize(closure, shown))
                : buildKustomization(
                    { closure, environment: closure.root.file },
                    { ...context, kustomize: context.programs.kustomize },
                  ),
        ),
      ];
      if (jobs.length === 0) return [];
      const untrusted = [...roots.charts, ...roots.kustomizations].map(({ boundary }) => boundary);
      const programs = findPrograms(options.variables['PATH'] ?? '', untrusted);
      const workspace = openWorkspace(allowNetwork, options.variables);
      try {
        return await runAll(jobs, { programs, workspace, limits, allowNetwork, shown }, onStep);
      } finally {
        workspace.remove();
      }
    },
  };
}

function chartJobs(found: readonly Root[], options: RenderOptions): Job[] {
  const { charts, problems: broken } = chartRoots(found);
  return [
    ...broken.map(
      (problem: Problem): Job =>
        () =>
          Promise.resolve(problems([{ file: problem.origin.file, part: 'file' }], problem)),
    ),
    ...charts.flatMap((chart) =>
      releasesOf(chart, options.environments, options).map(
        (read): Job =>
          (context) => {
            if (!read.ok)
              return Promise.resolve({
                ...problems([{ file: chart.file, part: 'folder' }], read.problem),
                environment: read.environment,
              });
            const { helm } = context.programs;
            if (!options.run) return Promise.resolve(notRun(chart));
            return helm === undefined
              ? Promise.resolve(noHelm(chart))
              : renderChart(chart, read.release, { ...context, helm });
          },
      ),
    ),
  ];
}

function notRun(chart: Chart): Rendering {
  return failed(shownIn(chart.file, 'Chart.yaml'), [{ file: chart.file, part: 'folder' }], {
    detail: `the templates of the chart ${chart.name} are not manifests yet`,
    help: `render them: helm template ${chart.name} ${chart.file} | rampart scan -`,
  });
}

function noHelm(chart: Chart): Rendering {
  return failed(shownIn(chart.file, 'Chart.yaml'), [{ file: chart.file, part: 'folder' }], {
    detail: `the chart ${chart.name} is not rendered: there is no helm on the path`,
    help: `install Helm (3.16 or newer), or render it yourself: helm template ${chart.name} ${chart.file} | rampart scan -`,
  });
}

function noKustomize(closure: Closure, shown: Shown): Rendering {
  const { root, kustomizations } = closure;
  const file = shown(kustomizations.get(root.folder)?.yaml.path ?? root.folder);
  return failed(file, closureInputs(closure, shown), {
    detail: `the kustomization ${root.file} is not built: there is neither kustomize nor kubectl on the path`,
    help: `install kustomize or kubectl, or build it yourself: kustomize build ${root.file} | rampart scan -`,
  });
}

/** As many at a time as there are processors; in the order of the jobs. */
async function runAll(
  jobs: readonly Job[],
  context: JobContext,
  onStep: (done: number, total: number) => void,
): Promise<Rendering[]> {
  const renderings: Rendering[] = [];
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (next < jobs.length) {
      const index = next++;
      renderings[index] = await jobs[index]!(context);
      onStep(++done, jobs.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), jobs.length) }, worker));
  return renderings;
}
