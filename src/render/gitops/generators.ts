/** The generators of an ApplicationSet that hang on nothing but this repository. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, sep } from 'node:path';
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
    for (const path of below(root, picomatch.scan(glob).base, what))
      if (isIncluded(path) && !isExcluded(path)) found.add(path);
  return [...found].sort();
}

/** Links are not followed, and folders with a dot in front hold nothing that is deployed. */
function below(root: string, base: string, what: 'folders' | 'files'): string[] {
  const start = join(root, base);
  if (start !== root && !start.startsWith(root + sep)) return [];
  try {
    return readdirSync(start, { recursive: true, withFileTypes: true })
      .filter((entry) => (what === 'folders' ? entry.isDirectory() : entry.isFile()))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .concat(what === 'folders' && base !== '' ? [base] : [])
      .filter((path) => !path.split('/').some((part) => part.startsWith('.')));
  } catch {
    // A file, or nothing: of files the glob is the path itself.
    return what === 'files' ? [base] : [];
  }
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
