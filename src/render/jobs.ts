/** One thing to render, with what is at hand when its turn comes. */
import type { RenderInput } from '../model/index.ts';
import { type Chart, readChart } from './helm/chart.ts';
import type { Release } from './helm/release.ts';
import { renderChart } from './helm/render.ts';
import { type Build, buildKustomization } from './kustomize/build.ts';
import { closureInputs } from './kustomize/inputs.ts';
import { type Shown, shownIn } from './names.ts';
import type { Programs } from './programs.ts';
import { failed, problems, type Rendering, type Root } from './rendering.ts';
import type { Limits } from './run.ts';
import type { Workspace } from './workspace.ts';

export interface Job {
  /** Of the chart or kustomization; without links. */
  readonly folder: string | undefined;
  /** Whether it is only rendered because nothing says how it is deployed. */
  readonly byItself: boolean;
  /** Of what may be read. */
  readonly boundary: string | undefined;
  /** Never rejects for what the chart or kustomization is. */
  readonly run: (context: JobContext) => Promise<Rendering>;
}

export interface JobContext {
  readonly programs: Programs;
  readonly workspace: Workspace;
  readonly limits: Limits;
  readonly allowNetwork: boolean;
  readonly shown: Shown;
}

/** What is known without running anything. */
export function settledJob(rendering: Rendering): Job {
  return {
    folder: undefined,
    byItself: false,
    boundary: undefined,
    run: () => Promise.resolve(rendering),
  };
}

export function chartJob(chart: Chart, release: Release): Job {
  return {
    folder: chart.folder,
    byItself: release.environment === undefined,
    boundary: chart.boundary,
    run(context) {
      const { helm } = context.programs;
      return helm === undefined
        ? Promise.resolve({ ...noHelm(chart), environment: release.environment })
        : renderChart(chart, release, { ...context, helm });
    },
  };
}

/** Of a chart that nobody has read yet. */
export function chartJobAt(root: Root, release: Release): Job {
  const read = readChart(root);
  if (read.ok) return chartJob(read.chart, release);
  return settledJob({ ...problems(chartFolder(root), read.problem), environment: release.environment });
}

export function kustomizationJob(build: Build, byItself: boolean): Job {
  const { root } = build.closure;
  return {
    folder: root.folder,
    byItself,
    boundary: root.boundary,
    run(context) {
      const { kustomize } = context.programs;
      return kustomize === undefined
        ? Promise.resolve({ ...noKustomize(build, context.shown), environment: build.environment })
        : buildKustomization(build, { ...context, kustomize });
    },
  };
}

export function chartFolder({ file }: Root): RenderInput[] {
  return [{ file, part: 'folder' }];
}

export function notRun(chart: Chart): Rendering {
  return failed(shownIn(chart.file, 'Chart.yaml'), chartFolder(chart), {
    detail: `the templates of the chart ${chart.name} are not manifests yet`,
    help: `render them: helm template ${chart.name} ${chart.file} | rampart scan -`,
  });
}

function noHelm(chart: Chart): Rendering {
  return failed(shownIn(chart.file, 'Chart.yaml'), chartFolder(chart), {
    detail: `the chart ${chart.name} is not rendered: there is no helm on the path`,
    help: `install Helm (3.16 or newer), or render it yourself: helm template ${chart.name} ${chart.file} | rampart scan -`,
  });
}

function noKustomize({ closure }: Build, shown: Shown): Rendering {
  const { root, kustomizations } = closure;
  const file = shown(kustomizations.get(root.folder)?.yaml.path ?? root.folder);
  return failed(file, closureInputs(closure, shown), {
    detail: `the kustomization ${root.file} is not built: there is neither kustomize nor kubectl on the path`,
    help: `install kustomize or kubectl, or build it yourself: kustomize build ${root.file} | rampart scan -`,
  });
}
