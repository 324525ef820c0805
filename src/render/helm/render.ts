/** One chart, rendered for one environment, with the template line of every field that has one. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem, RenderInput } from '../../model/index.ts';
import { readManifest } from '../../sources/index.ts';
import { shownIn } from '../names.ts';
import { problems, type RenderedObject, type Rendering, renderedFile } from '../rendering.ts';
import { type Ran, run } from '../run.ts';
import { openStage, StageError } from '../stage.ts';
import { jsonOf, sameShape } from '../values.ts';
import { type Chart, originalOf, type StagedChart, sourceFile, stageChart, templateFiles } from './chart.ts';
import { templateComments } from './comments.ts';
import type { HelmContext } from './context.ts';
import { downloadDependencies } from './download.ts';
import { chartInputs, readsOthers, sharedInputs } from './inputs.ts';
import { markLines } from './markers.ts';
import type { Release } from './release.ts';
import { createTracer, type Marked } from './trace.ts';

/** Never rejects for what the chart is: that is a problem of the rendering. */
export async function renderChart(chart: Chart, release: Release, context: HelmContext): Promise<Rendering> {
  const file = shownIn(chart.file, 'Chart.yaml');
  const inputs = chartInputs(chart, release, context.shown);
  const wrong = (detail: string, line = 1, reason: Problem['reason'] = 'not-rendered', help?: string) => ({
    ...problems(inputs, {
      reason,
      detail: `${about(chart, release)}: ${detail}`,
      origin: { file, line, column: 1 },
      ...(help === undefined ? {} : { help }),
    }),
    environment: release.environment,
  });
  let staged: StagedChart;
  try {
    staged = stageChart(chart, join(context.workspace.folder(), 'chart'), openStage(chart.boundary));
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    return wrong(`${context.shown(error.path)} ${error.message}`);
  }
  const [missing] = staged.missing;
  if (missing !== undefined && !context.allowNetwork)
    return wrong(
      `its dependency ${missing.chart} (${missing.repository || 'no repository'}) is not in charts/`,
      missing.line,
      'not-rendered',
      `run helm dependency build ${chart.file}, or allow the download with --allow-network`,
    );
  if (missing !== undefined) {
    const ran = await downloadDependencies(chart, staged, context);
    if (!ran.ok) return wrong(`its dependencies cannot be downloaded: ${cleaned(ran, staged, context)}`);
  }
  if (!release.ownValues) writeFileSync(join(staged.folder, 'values.yaml'), '');
  const args = templateArguments(chart, release, staged, context);
  const ran = await template(args, staged, context);
  if (!ran.ok) {
    const reason = ran.reason === 'failed' ? 'not-rendered' : ran.reason;
    return wrong(`helm ${reason === 'too-large' ? '' : 'says: '}${cleaned(ran, staged, context)}`, 1, reason);
  }
  const shared = sharedInputs(staged, release, context.shown);
  const marked = await renderMarked(ran.output, args, staged, context);
  return {
    environment: release.environment,
    namespace: release.namespace,
    inputs,
    shared,
    files: templateFiles(staged.folder)
      .flatMap((path) => originalOf(path, staged) ?? [])
      .map((path) => renderedFile(path, context.shown, templateComments)),
    ...read({ output: ran.output, marked, chart, release, staged, shared, inputs }, context),
  };
}

function about(chart: Chart, { environment }: Release): string {
  return `the chart ${chart.name} cannot be rendered${environment === undefined ? '' : ` for ${environment}`}`;
}

/** The folders of the copy are nobody's business. */
function cleaned(
  ran: Extract<Ran, { ok: false }>,
  staged: StagedChart,
  { workspace, shown }: HelmContext,
): string {
  const [main] = staged.copies;
  const home = workspace.env['HOME']!.slice(0, -'/home'.length);
  const text = ran.detail
    .replaceAll(staged.folder, main === undefined ? '' : shown(main.from))
    .replaceAll(home, '')
    .replace(/^Error: /, '')
    .replace(/\n+Use --debug flag.*$/, '');
  return text.length > 1000 ? `${text.slice(0, 1000)} …` : text;
}

function templateArguments(
  chart: Chart,
  release: Release,
  staged: StagedChart,
  { workspace }: HelmContext,
): string[] {
  const folder = workspace.folder();
  const files = release.values.map(({ text, value }, index) => {
    const file = join(folder, `${index}.yaml`);
    writeFileSync(file, text ?? jsonOf(value));
    return file;
  });
  return [
    'template',
    releaseNameOf(release.releaseName, chart),
    staged.folder,
    '--namespace',
    release.namespace,
    // A schema may point at other files and at the network, and says nothing of what is deployed.
    '--skip-schema-validation',
    ...(release.skipCrds ? [] : ['--include-crds']),
    ...(release.kubeVersion === undefined ? [] : ['--kube-version', fullVersion(release.kubeVersion)]),
    ...release.apiVersions.flatMap((version) => ['--api-versions', version]),
    ...files.flatMap((file) => ['--values', file]),
    ...release.settings.flat(),
  ];
}

/** Clusters have versions of three numbers, and some templates count on that. */
function fullVersion(version: string): string {
  return /^v?\d+\.\d+$/.test(version) ? `${version}.0` : version;
}

/** Helm refuses other names, and they must not be taken for flags. */
function releaseNameOf(name: string, chart: Chart): string {
  const good = /^[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?$/;
  return good.test(name) ? name : good.test(chart.name) ? chart.name : 'release-name';
}

function template(
  args: readonly string[],
  { folder }: StagedChart,
  { helm, workspace, limits }: HelmContext,
): Promise<Ran> {
  return run(helm, args, { cwd: folder, env: workspace.env, limits });
}

/**
 * The same rendering with the template line as a comment on every line that can bear one; undefined where the comments
 * break it. Definitions are often used where no comment can stand, so they are left out at the second attempt.
 */
async function renderMarked(
  plain: string,
  args: readonly string[],
  staged: StagedChart,
  context: HelmContext,
): Promise<Marked | undefined> {
  const nonce = randomBytes(8).toString('hex');
  const files = templateFiles(staged.folder);
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  let best: Marked | undefined;
  for (const definitions of [true, false]) {
    files.forEach((file, index) => {
      writeFileSync(file, markLines(texts[index]!, index, nonce, definitions));
    });
    const ran = await template(args, staged, context);
    const marked = ran.ok
      ? { text: ran.output, nonce, files: files.map((file) => originalOf(file, staged)), texts }
      : undefined;
    best ??= marked;
    if (marked !== undefined && isSame(plain, marked.text)) return marked;
  }
  return best;
}

function isSame(plain: string, marked: string): boolean {
  const [a, b] = [plain, marked].map((text) => readManifest(text, { file: '' }));
  return sameShape(
    a!.resources.map(({ object }) => object),
    b!.resources.map(({ object }) => object),
  );
}

interface Printed {
  readonly output: string;
  readonly marked: Marked | undefined;
  readonly chart: Chart;
  readonly release: Release;
  readonly staged: StagedChart;
  /** What every object comes from, beside its template. */
  readonly shared: readonly RenderInput[];
  /** All that it may come from. */
  readonly inputs: readonly RenderInput[];
}

function read(
  { output, marked, chart, release, staged, shared, inputs }: Printed,
  { shown }: HelmContext,
): Pick<Rendering, 'objects' | 'problems'> {
  const chartFile = shownIn(chart.file, 'Chart.yaml');
  const manifest = readManifest(output, { file: chartFile, named: true });
  const tracer = createTracer({ output, marked, chart, release, shown, manifest });
  const objects = manifest.resources.map((resource, index): RenderedObject | undefined => {
    const name = tracer.sourceOf(resource);
    const source = name === undefined ? undefined : sourceFile(name, staged);
    // What lies in crds/ is no template and is scanned as it stands.
    if (source !== undefined && /^[^/]+\/(?:charts\/[^/]+\/)*crds\//.test(name!)) return undefined;
    const place = tracer.placer(resource, index, source);
    const { kind, namespace, name: called } = resource.ref;
    const subject = {
      namespace: namespace === release.namespace ? '' : namespace,
      name: called.replaceAll(release.releaseName, '*'),
    };
    return {
      resource,
      identity: JSON.stringify([name ?? chartFile, kind, subject.name]),
      subject,
      inputs:
        source === undefined || readsOthers(source)
          ? inputs
          : [{ file: shown(source), part: 'file' }, ...shared],
      place,
    };
  });
  return {
    objects: objects.filter((object) => object !== undefined),
    problems: manifest.problems.map((problem) => ({
      ...problem,
      detail: `${about(chart, release)}: what helm prints ${problem.detail}`,
      origin: tracer.originOfLine(problem.origin.line, (name) => sourceFile(name, staged)),
    })),
  };
}
