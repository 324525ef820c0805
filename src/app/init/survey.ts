/** What a repository holds, as far as a first configuration hangs on it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { roleOf } from '../../policy/index.ts';
import { DEFAULT_LIMITS, findRepository, readManifest, walk } from '../../sources/index.ts';
import { createContentReader } from '../content.ts';

export type Forge = 'github' | 'gitlab';

export interface Survey {
  /** Kubernetes objects that are no policies. */
  readonly objects: number;
  /** Folders and files with policies, from the working directory, none below another. */
  readonly policies: readonly string[];
  readonly charts: readonly Chart[];
  readonly kustomizations: number;
  /** Where pull requests are merged; undefined when nothing says. */
  readonly forge: Forge | undefined;
  /** The branch they are merged into. */
  readonly branch: string;
  /** Files by which other tools are told what not to find. */
  readonly suppressions: readonly string[];
}

export interface Chart {
  /** From the working directory. */
  readonly folder: string;
  /** Values files beside its own, by the environment that their name says. */
  readonly environments: Readonly<Record<string, string>>;
}

export function survey(cwd: string): Survey {
  const { files, charts, kustomizations } = walk(['.'], { cwd });
  const read = createContentReader(DEFAULT_LIMITS.fileBytes);
  const policyFolders = new Set<string>();
  let objects = 0;
  for (const { path, file } of files) {
    const content = read(path);
    if (!content.ok) continue;
    const { resources } = readManifest(content.bytes, { file, named: false });
    const policies = resources.filter(({ ref }) => roleOf(ref.apiVersion, ref.kind) !== 'object');
    objects += resources.length - policies.length;
    if (policies.length > 0) policyFolders.add(posix.dirname(file) === '.' ? file : posix.dirname(file));
  }
  return {
    objects,
    policies: topmost(policyFolders),
    charts: charts.map(({ folder }) => chartIn(folder, cwd)),
    kustomizations: kustomizations.length,
    forge: forgeOf(cwd),
    branch: branchOf(cwd),
    suppressions: SUPPRESSIONS.filter((name) => existsSync(join(cwd, name))),
  };
}

const SUPPRESSIONS = ['.checkov.baseline', '.trivyignore', '.trivyignore.yaml'];

/** Several folders of one parent are that parent: a library has a folder for each policy. */
function topmost(folders: ReadonlySet<string>): string[] {
  const parents = new Map<string, number>();
  for (const folder of folders) {
    const parent = posix.dirname(folder);
    if (parent !== '.') parents.set(parent, (parents.get(parent) ?? 0) + 1);
  }
  const raised = new Set(
    [...folders].map((folder) =>
      (parents.get(posix.dirname(folder)) ?? 0) > 2 ? posix.dirname(folder) : folder,
    ),
  );
  return [...raised].filter((folder) => ![...raised].some((other) => folder.startsWith(`${other}/`))).sort();
}

/** `values-prod.yaml` and `values.prod.yaml` name an environment. */
function chartIn(folder: string, cwd: string): Chart {
  const shown = relative(cwd, folder).split(sep).join('/') || '.';
  const environments = readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const [, environment] = /^values[-.]([a-z][a-z0-9-]*)\.ya?ml$/i.exec(name) ?? [];
      return environment === undefined ? [] : [[environment, posix.join(shown, name)] as const];
    });
  return { folder: shown, environments: Object.fromEntries(environments) };
}

function forgeOf(cwd: string): Forge | undefined {
  if (existsSync(join(cwd, '.github'))) return 'github';
  if (existsSync(join(cwd, '.gitlab-ci.yml')) || existsSync(join(cwd, '.gitlab'))) return 'gitlab';
  const remotes = gitText(cwd, 'config') ?? '';
  const [, host = ''] = /^\s*url\s*=\s*(?:\w+:\/\/)?(?:[^@\s/]*@)?([^:/\s]+)/m.exec(remotes) ?? [];
  if (/(?:^|\.)github\./.test(host)) return 'github';
  return /(?:^|\.)gitlab\./.test(host) ? 'gitlab' : undefined;
}

/** What the remote calls its main branch, else what is checked out. */
function branchOf(cwd: string): string {
  for (const file of [join('refs', 'remotes', 'origin', 'HEAD'), 'HEAD']) {
    const [, branch] =
      /^ref: refs\/(?:remotes\/origin|heads)\/([\w./-]+)\s*$/.exec(gitText(cwd, file) ?? '') ?? [];
    if (branch !== undefined) return branch;
  }
  return 'main';
}

function gitText(cwd: string, file: string): string | undefined {
  const repository = findRepository(cwd);
  for (const folder of repository === undefined ? [] : [repository.gitDir, repository.commonDir])
    try {
      return readFileSync(join(folder, file), 'utf8');
    } catch {
      // in the other folder, or nowhere
    }
  return undefined;
}
