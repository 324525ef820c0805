/** One kustomization, built from copies of its files under one of ours that asks for the origin of every object. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { JsonMap, Problem, Resource } from '../../model/index.ts';
import { readManifest } from '../../sources/index.ts';
import type { Shown } from '../names.ts';
import { problems, type RenderedObject, type Rendering, renderedFile } from '../rendering.ts';
import { type Limits, run } from '../run.ts';
import { isWithin, openStage, StageError } from '../stage.ts';
import { asList, asText, field, isMap, jsonOf } from '../values.ts';
import type { Workspace } from '../workspace.ts';
import { closureInputs, sharedInputs } from './inputs.ts';
import type { Overrides } from './overrides.ts';
import type { Closure } from './read.ts';
import { createTracer, type Origin } from './trace.ts';

export interface KustomizeContext {
  /** The program with its first words. */
  readonly kustomize: readonly string[];
  readonly workspace: Workspace;
  readonly limits: Limits;
  readonly shown: Shown;
}

export interface Build {
  readonly closure: Closure;
  /** What findings say it was built for. */
  readonly environment: string;
  /** What is put on top. */
  readonly overrides?: Overrides;
  /** Of namespaced objects that name none; undefined: that of the scan. */
  readonly namespace?: string | undefined;
  readonly edit?: Edit | undefined;
}

/** Changes the text of the output before it is read. */
export type Edit = (output: string) => string | { readonly fault: string };

/** Never rejects for what the kustomization is: that is a problem of the rendering. */
export async function buildKustomization(build: Build, context: KustomizeContext): Promise<Rendering> {
  const { closure, environment } = build;
  const { root } = closure;
  const file = context.shown(closure.kustomizations.get(root.folder)?.yaml.path ?? root.folder);
  const inputs = closureInputs(closure, context.shown);
  const wrong = (detail: string, reason: Problem['reason'] = 'not-rendered'): Rendering => ({
    ...problems(inputs, {
      reason,
      detail: `the kustomization ${root.file} cannot be built: ${detail}`,
      origin: { file, line: 1, column: 1 },
    }),
    environment,
  });
  if (closure.problems.length > 0) return { ...problems(inputs, ...closure.problems), environment };
  const place = context.workspace.folder();
  try {
    const stage = openStage(root.boundary);
    for (const path of closure.files) stage.copy(path, join(place, 'files', relative(root.boundary, path)));
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    return wrong(`${context.shown(error.path)} ${error.message}`);
  }
  mkdirSync(join(place, 'build'));
  writeFileSync(join(place, 'build', 'kustomization.yaml'), jsonOf(wrapper(build)));
  const [program, ...words] = context.kustomize as [string, ...string[]];
  const ran = await run(program, [...words, join(place, 'build')], {
    cwd: place,
    env: context.workspace.env,
    limits: context.limits,
  });
  if (!ran.ok) {
    const said = cleaned(ran.detail, place, context);
    return ran.reason === 'failed'
      ? wrong(`kustomize says: ${said}`)
      : wrong(`kustomize ${said}`, ran.reason);
  }
  const files = [...closure.files].map((path) => renderedFile(path, context.shown));
  const output = build.edit?.(ran.output) ?? ran.output;
  if (typeof output !== 'string') return wrong(output.fault);
  return {
    environment,
    ...(build.namespace === undefined ? {} : { namespace: build.namespace }),
    inputs,
    shared: sharedInputs(closure, context.shown),
    files,
    ...read(output, build, file, context),
  };
}

function wrapper({ closure: { root, kustomizations }, overrides }: Build): JsonMap {
  const outermost = kustomizations.get(root.folder)!;
  const path = ['..', 'files', ...relative(root.boundary, root.folder).split(sep)].filter(
    (part) => part !== '',
  );
  const metadata = asList(field(outermost.yaml.value, 'buildMetadata'));
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    ...overrides?.fields,
    [outermost.component ? 'components' : 'resources']: [path.join('/')],
    buildMetadata: [...new Set(['originAnnotations', ...metadata])],
  };
}

/** The folders of the copies are nobody's business. */
function cleaned(text: string, place: string, { workspace }: KustomizeContext): string {
  const home = workspace.env['HOME']!.slice(0, -'/home'.length);
  const said = text
    .split('\n')
    .filter((line) => !line.startsWith('# Warning'))
    .join('\n')
    .replace(/^(?:Error|error): /, '')
    .replaceAll(`${join(place, 'files')}/`, '')
    .replaceAll('../files/', '')
    .replaceAll(home, '');
  return said.length > 1000 ? `${said.slice(0, 1000)} …` : said;
}

const ORIGIN = 'config.kubernetes.io/origin';

function read(
  output: string,
  { closure, environment, overrides, edit }: Build,
  file: string,
  context: KustomizeContext,
): Pick<Rendering, 'objects' | 'problems'> {
  const manifest = readManifest(output, { file, named: true });
  const tracer = createTracer({ closure, overrides, edited: edit !== undefined }, context.shown);
  const objects = manifest.resources.map((rendered): RenderedObject => {
    const origin = originOf(rendered.object, closure);
    const resource = withoutOrigin(rendered);
    return { resource, ...tracer.of(resource, origin) };
  });
  return {
    objects,
    problems: manifest.problems.map((problem) => ({
      ...problem,
      detail: `what kustomize prints for ${environment} ${problem.detail}`,
      origin: { file, line: 1, column: 1 },
    })),
  };
}

/** What kustomize noted on the object: the file it was read from, or the generator that made it. */
function originOf(object: JsonMap, { root }: Closure): Origin {
  const text = asText(field(field(object['metadata'], 'annotations'), ORIGIN)) ?? '';
  const lines = new Map(
    [...text.matchAll(/^(\s*)(path|repo|configuredIn|kind|name): *(.*)$/gm)].map(([, , key, value]) => [
      key!,
      value!,
    ]),
  );
  const local = (path: string | undefined): string | undefined => {
    if (path === undefined || lines.has('repo')) return undefined;
    const full = join(root.boundary, path.replace(/^\.\.\/files\/?/, ''));
    return path.startsWith('../files') && isWithin(full, root.boundary) ? full : undefined;
  };
  return {
    path: local(lines.get('path')),
    configuredIn: local(lines.get('configuredIn')),
    generator: lines.get('kind'),
  };
}

function withoutOrigin(resource: Resource): Resource {
  const { metadata } = resource.object;
  if (!isMap(metadata) || !isMap(metadata['annotations'])) return resource;
  const { [ORIGIN]: _, ...annotations } = metadata['annotations'];
  const { annotations: __, ...others } = metadata;
  const rest = Object.keys(annotations).length === 0 ? others : { ...metadata, annotations };
  return { ...resource, object: { ...resource.object, metadata: rest } };
}
