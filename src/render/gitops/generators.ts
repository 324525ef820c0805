/** The generators of an ApplicationSet that hang on nothing but this repository. */
import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { asList, field, isMap, readYaml } from '../values.ts';
import { type Deployment, refuse, refuseSource, type Surroundings, textAt } from './deployment.ts';
import { requireHere } from './repository.ts';
import { fillIn, type Parameters } from './template.ts';

const MAXIMUM = 1000;

export interface GeneratorContext {
  readonly deployment: Deployment;
  readonly around: Surroundings;
  readonly goTemplate: boolean;
}

/** Throws NotDeployable, TemplateError. */
export function generate(generator: unknown, pointer: string, context: GeneratorContext): Parameters[] {
  const { deployment } = context;
  const names = Object.keys(isMap(generator) ? generator : {});
  for (const name of ['selector', 'template'])
    if (names.includes(name))
      refuse(deployment, `${pointer}/${name}`, `${name} of a generator is not read`, {
        reason: 'unsupported',
      });
  const [name] = names;
  const at = `${pointer}/${name}`;
  const value = field(generator, name ?? '');
  const found =
    name === 'list'
      ? listed(value, at, context)
      : name === 'git'
        ? fromGit(value, at, context)
        : name === 'matrix'
          ? product(value, at, context)
          : refuseSource(
              deployment,
              at,
              `the generator ${name ?? 'without a name'} asks what is not in the repository`,
            );
  if (found.length > MAXIMUM) refuse(deployment, at, `it generates more than ${MAXIMUM} applications`);
  return found;
}

function listed(value: unknown, pointer: string, { deployment }: GeneratorContext): Parameters[] {
  if (field(value, 'elementsYaml') !== undefined)
    refuse(deployment, `${pointer}/elementsYaml`, 'elementsYaml is not read', { reason: 'unsupported' });
  return asList(field(value, 'elements')).map((element) => (isMap(element) ? flattenValues(element) : {}));
}

/** Without goTemplate, `values.x` is one name. */
function flattenValues(element: Parameters): Parameters {
  const values = field(element, 'values');
  if (!isMap(values)) return element;
  return {
    ...element,
    ...Object.fromEntries(Object.entries(values).map(([name, inner]) => [`values.${name}`, inner])),
  };
}

function product(value: unknown, pointer: string, context: GeneratorContext): Parameters[] {
  const generators = asList(field(value, 'generators'));
  if (generators.length !== 2) refuse(context.deployment, pointer, 'a matrix is of two generators');
  const at = (index: number) => `${pointer}/generators/${index}`;
  return generate(generators[0], at(0), context).flatMap((first) =>
    // The second may use what the first brings.
    generate(fillLoosely(generators[1], first, context), at(1), context).map((second) => ({
      ...first,
      ...second,
    })),
  );
}

function fillLoosely(generator: unknown, parameters: Parameters, { goTemplate }: GeneratorContext): unknown {
  return JSON.stringify(generator).includes('{{') ? fillIn(generator, parameters, goTemplate) : generator;
}

function fromGit(value: unknown, pointer: string, context: GeneratorContext): Parameters[] {
  const { deployment, around, goTemplate } = context;
  requireHere(deployment, `${pointer}/repoURL`, textAt(value, 'repoURL'), around);
  if (field(value, 'pathParamPrefix') !== undefined)
    refuse(deployment, `${pointer}/pathParamPrefix`, 'pathParamPrefix is not read', {
      reason: 'unsupported',
    });
  const extra = field(value, 'values');
  const withValues = (parameters: Parameters): Parameters => {
    if (!isMap(extra)) return parameters;
    const values = fillIn(extra, parameters, goTemplate) as Parameters;
    return flattenValues({ ...parameters, values });
  };
  const directories = asList(field(value, 'directories'));
  const files = asList(field(value, 'files'));
  const found =
    directories.length > 0
      ? matching(directories, 'folders', around.root).map((path) => pathParameters(path, goTemplate))
      : matching(files, 'files', around.root).map((path) => fileParameters(path, pointer, context));
  return found.map(withValues);
}

/** Paths from the root that an entry matches and none excludes, in order. */
function matching(entries: readonly unknown[], what: 'folders' | 'files', root: string): string[] {
  const picomatch = createRequire(import.meta.url)('picomatch') as typeof import('picomatch');
  const globs = (exclude: boolean) =>
    entries
      .filter((entry) => (field(entry, 'exclude') === true) === exclude)
      .flatMap((entry) => textAt(entry, 'path') ?? []);
  const included = globs(false);
  const isIncluded = picomatch(included);
  const isExcluded = picomatch(globs(true));
  const found = new Set<string>();
  for (const glob of included)
    for (const path of below(root, picomatch.scan(glob).base, depthOf(glob), what))
      if (isIncluded(path) && !isExcluded(path)) found.add(path);
  return [...found].sort();
}

/** How many folders down a glob looks. */
function depthOf(glob: string): number {
  return glob.includes('**') ? 50 : glob.split('/').length;
}

/** From the root, at or below a folder. Links are not followed; what begins with a dot is not deployed from. */
function* below(root: string, at: string, depth: number, what: 'folders' | 'files'): Iterable<string> {
  if (at.split('/').some((part) => part.startsWith('.'))) return;
  const stat = statSync(join(root, at), { throwIfNoEntry: false });
  if (stat?.isFile() && what === 'files') yield at;
  if (!stat?.isDirectory()) return;
  if (what === 'folders' && at !== '') yield at;
  if (at !== '' && at.split('/').length >= depth) return;
  for (const entry of readdirSync(join(root, at), { withFileTypes: true }))
    if (entry.isDirectory() || (entry.isFile() && what === 'files'))
      yield* below(root, at === '' ? entry.name : `${at}/${entry.name}`, depth, what);
}

function pathParameters(path: string, goTemplate: boolean): Parameters {
  const segments = path.split('/');
  const name = basename(path);
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9-.]/g, '-');
  if (goTemplate) return { path: { path, basename: name, basenameNormalized: plain, segments } };
  return {
    path,
    'path.basename': name,
    'path.basenameNormalized': plain,
    ...Object.fromEntries(segments.map((segment, index) => [`path[${index}]`, segment])),
  };
}

function fileParameters(
  path: string,
  pointer: string,
  { deployment, around, goTemplate }: GeneratorContext,
): Parameters {
  const read = readYaml(join(around.root, path));
  if (!read.ok) return refuse(deployment, pointer, `${path}:${read.line}: ${read.detail}`);
  const content = isMap(read.file.value) ? read.file.value : {};
  const folder = pathParameters(dirname(path), goTemplate);
  const name = basename(path);
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9-.]/g, '-');
  if (!goTemplate)
    return { ...flat(content), ...folder, 'path.filename': name, 'path.filenameNormalized': plain };
  return {
    ...content,
    path: { ...(folder['path'] as Parameters), filename: name, filenameNormalized: plain },
  };
}

/** `{a: {b: c}}` as `{'a.b': c}`. */
function flat(value: Parameters, prefix = ''): Parameters {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      isMap(inner) ? Object.entries(flat(inner, `${prefix}${name}.`)) : [[`${prefix}${name}`, inner]],
    ),
  );
}
