/** What Chart.yaml says, and a copy of the chart with the dependencies that lie in the repository. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Problem } from '../../model/index.ts';
import { shownIn } from '../names.ts';
import type { Root } from '../rendering.ts';
import { isWithin, realOf, type Stage, StageError } from '../stage.ts';
import { asList, asText, field, readYaml, type YamlFile } from '../values.ts';

export interface Chart extends Root {
  readonly name: string;
  /** Made for other charts to use; Helm does not install it. */
  readonly library: boolean;
  readonly dependencies: readonly Dependency[];
  readonly yaml: YamlFile;
}

interface Dependency {
  /** The alias, or else the name. */
  readonly name: string;
  readonly chart: string;
  readonly repository: string;
  /** Of its entry in Chart.yaml. */
  readonly line: number;
}

export type ChartRead =
  | { readonly ok: true; readonly chart: Chart }
  | { readonly ok: false; readonly problem: Problem };

export function readChart(root: Root): ChartRead {
  const file = shownIn(root.file, 'Chart.yaml');
  const wrong = (detail: string, line: number): ChartRead => ({
    ok: false,
    problem: { reason: 'not-rendered', detail, origin: { file, line, column: 1 } },
  });
  const read = readYaml(join(root.folder, 'Chart.yaml'));
  if (!read.ok) return wrong(`the chart cannot be rendered: ${read.detail}`, read.line);
  const { value, locate, document } = read.file;
  const name = asText(field(value, 'name'));
  if (name === undefined) return wrong('the chart cannot be rendered: it has no name', 1);
  const dependencies = asList(field(value, 'dependencies')).map((entry, index): Dependency => {
    const chart = asText(field(entry, 'name')) ?? '';
    return {
      chart,
      name: asText(field(entry, 'alias')) ?? chart,
      repository: asText(field(entry, 'repository')) ?? '',
      line: locate(document, `/dependencies/${index}`).line,
    };
  });
  const library = field(value, 'type') === 'library';
  return { ok: true, chart: { ...root, name, library, dependencies, yaml: read.file } };
}

/** The charts of the repository that a chart takes in by `file://`, by their folders. */
export function localDependencies({ dependencies, folder }: Chart): string[] {
  return dependencies.flatMap(({ repository }) => localFolder(repository, folder) ?? []);
}

function localFolder(repository: string, folder: string): string | undefined {
  return repository.startsWith('file://') ? resolve(folder, repository.slice('file://'.length)) : undefined;
}

export interface StagedChart {
  readonly folder: string;
  /** Copied trees, each with where it was copied from. */
  readonly copies: readonly { readonly from: string; readonly to: string }[];
  /** The line of Chart.yaml that asks for what only the network has. */
  readonly missing: readonly Dependency[];
}

/** Copies a chart to `to`. Throws StageError. */
export function stageChart(chart: Chart, to: string, stage: Stage): StagedChart {
  const copies: { from: string; to: string }[] = [];
  const missing: Dependency[] = [];
  const add = (one: Chart, target: string, trail: readonly string[]): void => {
    stage.copy(one.folder, target);
    copies.push({ from: one.folder, to: target });
    for (const dependency of one.dependencies) {
      if (isThere(one.folder, dependency)) continue;
      const local = localFolder(dependency.repository, one.folder);
      if (local === undefined) missing.push(dependency);
      else if (trail.includes(local))
        throw new StageError(local, 'the charts depend on each other in a circle');
      else add(dependencyAt(local, chart), join(target, 'charts', dependency.chart), [...trail, local]);
    }
  };
  add(chart, to, [chart.folder]);
  return { folder: to, copies, missing };
}

function dependencyAt(folder: string, { boundary }: Chart): Chart {
  const real = realOf(folder);
  if (!isWithin(real, boundary))
    throw new StageError(folder, 'the dependency lies outside of the repository');
  const read = readChart({ folder: real, file: folder, boundary });
  if (!read.ok) throw new StageError(folder, read.problem.detail);
  return read.chart;
}

/** Whether charts/ has it, as a folder or an archive. */
function isThere(folder: string, { chart }: Dependency): boolean {
  const charts = join(folder, 'charts');
  if (!existsSync(charts)) return false;
  return readdirSync(charts).some((name) => {
    if (name === chart || (name.startsWith(`${chart}-`) && name.endsWith('.tgz'))) return true;
    const read = readYaml(join(charts, name, 'Chart.yaml'));
    return read.ok && field(read.file.value, 'name') === chart;
  });
}

/**
 * The file that a name in Helm's output (`shop/charts/db/templates/x.yaml`) stands for: Helm names charts by their name
 * or alias, not by their folder. Undefined for what lies in an archive, or nowhere.
 */
export function sourceFile(name: string, staged: StagedChart): string | undefined {
  let folder = staged.folder;
  let rest = name.split('/').slice(1);
  while (rest[0] === 'charts' && rest.length > 2) {
    const child = chartCalled(rest[1]!, folder);
    if (child === undefined) return undefined;
    folder = child;
    rest = rest.slice(2);
  }
  const file = join(folder, ...rest);
  if (!isWithin(file, folder) || !existsSync(file)) return undefined;
  return originalOf(file, staged);
}

function chartCalled(name: string, folder: string): string | undefined {
  const charts = join(folder, 'charts');
  const parent = readYaml(join(folder, 'Chart.yaml'));
  const entry = parent.ok
    ? asList(field(parent.file.value, 'dependencies')).find((one) => field(one, 'alias') === name)
    : undefined;
  const wanted = asText(field(entry, 'name')) ?? name;
  if (!existsSync(charts)) return undefined;
  return readdirSync(charts)
    .map((child) => join(charts, child))
    .find((child) => {
      const read = readYaml(join(child, 'Chart.yaml'));
      return read.ok && field(read.file.value, 'name') === wanted;
    });
}

/** Where a copy came from. */
export function originalOf(file: string, { copies }: StagedChart): string | undefined {
  const [nearest] = copies.filter(({ to }) => isWithin(file, to)).sort((a, b) => b.to.length - a.to.length);
  return nearest === undefined ? undefined : join(nearest.from, relative(nearest.to, file));
}

/** Files of a copied chart that Helm reads as templates. */
export function templateFiles(folder: string): string[] {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true });
  return found
    .filter(
      (entry) => entry.isFile() && /\.(?:ya?ml|tpl|txt)$/.test(entry.name) && entry.name !== 'NOTES.txt',
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => isTemplate(folder, file))
    .sort();
}

function isTemplate(folder: string, file: string): boolean {
  for (let at = dirname(file); isWithin(at, folder); at = dirname(at))
    if (at.endsWith(`${sep}templates`) && existsSync(join(dirname(at), 'Chart.yaml'))) return true;
  return false;
}
