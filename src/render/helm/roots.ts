/** Which charts are deployed by themselves, and how often. */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import type { Environment, HelmRelease, Problem, RenderInput } from '../../model/index.ts';
import type { Shown } from '../names.ts';
import type { Root } from '../rendering.ts';
import { type Chart, localDependencies, readChart } from './chart.ts';
import { readLayer } from './layers.ts';
import type { Release, ValuesLayer } from './release.ts';

export interface ChartRoots {
  readonly charts: readonly Chart[];
  readonly problems: readonly Problem[];
}

/** Leaves out subcharts, libraries, and charts that others of them take in. */
export function chartRoots(found: readonly Root[]): ChartRoots {
  const folders = new Set(found.map(({ folder }) => folder));
  const reads = found.filter(({ folder }) => !isSubchart(folder, folders)).map((root) => readChart(root));
  const charts = reads.flatMap((read) => (read.ok ? [read.chart] : []));
  const taken = new Set(charts.flatMap(localDependencies));
  return {
    charts: charts.filter((chart) => !chart.library && !taken.has(chart.folder) && rendersSomething(chart)),
    problems: reads.flatMap((read) => (read.ok ? [] : [read.problem])),
  };
}

function isSubchart(folder: string, folders: ReadonlySet<string>): boolean {
  return basename(dirname(folder)) === 'charts' && folders.has(dirname(dirname(folder)));
}

function rendersSomething({ folder, dependencies }: Chart): boolean {
  if (dependencies.length > 0) return true;
  return ['templates', 'charts'].some((name) => {
    const inside = join(folder, name);
    return existsSync(inside) && readdirSync(inside).length > 0;
  });
}

const CONFIGURATION = 'rampart.yaml';

export interface ReleaseDefaults {
  readonly cwd: string;
  readonly namespace: string;
  readonly kubeVersion: string;
  readonly shown: Shown;
}

export type ReleaseRead =
  | { readonly ok: true; readonly release: Release }
  | { readonly ok: false; readonly problem: Problem; readonly environment: string | undefined };

/** One for each environment that names the chart; where none does, the chart with its own values. */
export function releasesOf(
  chart: Chart,
  environments: readonly Environment[],
  defaults: ReleaseDefaults,
): ReleaseRead[] {
  const named = environments.flatMap(({ name, helm, file }) => {
    const release = lastMatch(helm, chart.file);
    return release === undefined ? [] : [{ name, release, file }];
  });
  // An environment may have named it that is there no more.
  const file = environments[0]?.file ?? defaults.shown(resolve(defaults.cwd, CONFIGURATION));
  const all = named.length > 0 ? named : [{ name: undefined, release: {}, file }];
  return all.map(({ name, release, file }) => {
    const inputs: RenderInput[] = file === undefined ? [] : [{ file, part: 'environments' }];
    return readRelease(chart, { environment: name, inputs }, release, defaults);
  });
}

function lastMatch(helm: Environment['helm'], file: string): HelmRelease | undefined {
  const picomatch = createRequire(import.meta.url)('picomatch') as typeof import('picomatch');
  const matches = Object.entries(helm).filter(([written]) => {
    const glob = written.replace(/^\.\//, '').replace(/(?<=.)\/$/, '');
    return glob === file || picomatch(glob, { dot: true, basename: !glob.includes('/') })(file);
  });
  return matches.at(-1)?.[1];
}

function readRelease(
  chart: Chart,
  { environment, inputs }: Pick<Release, 'environment' | 'inputs'>,
  { releaseName, namespace, values = [], set = [], kubeVersion, apiVersions = [] }: HelmRelease,
  defaults: ReleaseDefaults,
): ReleaseRead {
  const layers: ValuesLayer[] = [];
  for (const name of values) {
    const path = resolve(defaults.cwd, name);
    const read = readLayer(path, defaults.shown);
    if (!read.ok) {
      const detail = `the values file ${read.detail}`;
      const origin = { file: defaults.shown(path), line: read.line, column: 1 };
      return { ok: false, environment, problem: { reason: 'not-rendered', detail, origin } };
    }
    layers.push(read.layer);
  }
  const release: Release = {
    environment,
    releaseName: releaseName ?? chart.name,
    namespace: namespace ?? defaults.namespace,
    values: layers,
    ownValues: true,
    settings: set.map((setting) => ['--set', setting]),
    kubeVersion: kubeVersion ?? defaults.kubeVersion,
    apiVersions,
    skipCrds: false,
    inputs,
  };
  return { ok: true, release };
}
