/** Charts and kustomizations of the commit that a change is compared with, rendered as those of today are. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { RenderInput, Resource } from '../model/index.ts';
import type { Rendering } from '../render/index.ts';
import {
  checkOut,
  type FileChanges,
  type FileEntry,
  fileChanges,
  findRepository,
  GitError,
  isGitAddress,
  KUSTOMIZATION_NAMES,
  listTree,
  mergeBase,
  readBlobs,
  readManifest,
  remoteUrls,
} from '../sources/index.ts';
import { decodeText } from '../sources/manifests/text.ts';
import { isManifest } from './changed-kinds.ts';
import { CONFIG_NAME } from './config-file.ts';
import { type Facts, learn, newFacts } from './facts.ts';
import { NO_GATE, type ScanOptions } from './options.ts';
import { prepareRenderer, type RendererSettings } from './renderer.ts';
import { sameDeployments } from './same-deployments.ts';
import { temporaryFolder } from './temporary.ts';
import { readText } from './text.ts';
import { walkSources } from './walk-sources.ts';

/**
 * Undefined where it cannot be said, or where nothing of it changed: then what changed files may have made decides. Never
 * throws for what Git does not know: whoever compares says so.
 */
export async function renderBefore(
  now: readonly Rendering[],
  { deployments }: Pick<Facts, 'deployments'>,
  options: ScanOptions,
  settings: RendererSettings,
): Promise<readonly Rendering[] | undefined> {
  const { cwd, gate, paths } = options;
  const repository = findRepository(cwd);
  if (repository === undefined || !options.rendering.run) return undefined;
  const { root } = repository;
  const inside = paths.map((path) => relative(root, resolve(cwd, path)));
  if (paths.some(isGitAddress) || inside.some((path) => path.startsWith('..'))) return undefined;
  try {
    const base = mergeBase(root, gate.changed ?? undefined, gate.env);
    if ('fault' in base) return undefined;
    const changed = fileChanges(root, base.commit);
    const inputs = inputsOf(now).map(({ file }) => relative(root, resolve(cwd, file)) || '.');
    if (!isTouched(inputs, changed)) return undefined;
    if (!isDeployedAlike(root, base.commit, changed)) return undefined;
    const deploys = deployments.some(({ ref }) => ref.kind !== 'ConfigMap');
    const all = deploys || saidWhatIsDeployed(root, base.commit, changed);
    const folder = checkedOut(root, base.commit, all ? () => true : mattersTo(root, base.commit, inputs));
    if (folder === undefined) return undefined;
    const then = resolve(folder, relative(root, cwd));
    if (!existsSync(then)) return [];
    const rendering = {
      ...options.rendering,
      repositories: [...options.rendering.repositories, ...remoteUrls(repository)],
    };
    const given = inside.map((path) => relative(then, join(folder, path)) || '.');
    const there = given.filter((path) => existsSync(resolve(then, path)));
    const before = { ...options, cwd: then, paths: there, gate: NO_GATE, rendering };
    const walked = walkSources(there, before);
    const renderer = await prepareRenderer(walked, before, settings, () => {});
    return await renderer.render({ ...newFacts(), deployments: deploymentsIn(renderer.files) });
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
}

function inputsOf(renderings: readonly Rendering[]): RenderInput[] {
  return renderings.flatMap(({ inputs, shared, objects }) => [
    ...inputs,
    ...shared,
    ...objects.flatMap((object) => object.inputs),
  ]);
}

/** Whether anything changed that something is rendered from, or was. */
function isTouched(inputs: readonly string[], { now, before }: FileChanges): boolean {
  const isInput = within(new Set(inputs));
  return before.some(isRoot) || [...now.keys(), ...before].some(isInput);
}

function isRoot(path: string): boolean {
  return ['Chart.yaml', ...KUSTOMIZATION_NAMES].includes(basename(path));
}

function within(places: ReadonlySet<string>): (path: string) => boolean {
  return (path) => {
    for (let at = path; ; at = dirname(at)) {
      if (places.has(at)) return true;
      if (at === '.') return false;
    }
  };
}

const DEPLOYING = /argoproj\.io|fluxcd\.io/;

function saidWhatIsDeployed(root: string, commit: string, { before }: FileChanges): boolean {
  return readBlobs(root, commit, before.filter(isManifest)).some((bytes) =>
    DEPLOYING.test(decodeText(bytes ?? new Uint8Array()) ?? ''),
  );
}

/**
 * Charts, kustomizations, and what those of today read elsewhere: most of a large repository is neither. One that needed
 * more then cannot be rendered, so that it is known to be unknown.
 */
function mattersTo(root: string, commit: string, inputs: readonly string[]): (path: string) => boolean {
  const roots = listTree(root, commit).flatMap(({ path }) => (isRoot(path) ? [dirname(path)] : []));
  return within(new Set([...roots, ...inputs]));
}

/** Whether every rampart.yaml says the same of charts: the environments are those of today. */
function isDeployedAlike(root: string, commit: string, { now, before }: FileChanges): boolean {
  const paths = [...new Set([...now.keys(), ...before])].filter((path) => basename(path) === CONFIG_NAME);
  return readBlobs(root, commit, paths).every((bytes, i) =>
    sameDeployments(decodeText(bytes ?? new Uint8Array()) ?? '', readText(join(root, paths[i]!)) ?? ''),
  );
}

/** A working tree of the commit, as far as a scan looks at one. */
function checkedOut(root: string, commit: string, isWanted: (path: string) => boolean): string | undefined {
  const folder = temporaryFolder();
  const left = checkOut(root, commit, '', folder, isWanted);
  if (left === undefined || left.length > 0) return undefined;
  // Nothing that a commit holds is ignored.
  rmSync(join(folder, '.gitignore'), { force: true });
  mkdirSync(join(folder, '.git'));
  writeFileSync(join(folder, '.git', 'HEAD'), 'ref: refs/heads/before\n');
  return folder;
}

function deploymentsIn(files: readonly FileEntry[]): Resource[] {
  const facts = newFacts();
  for (const { file, path } of files.filter((entry) => isManifest(entry.path))) {
    const text = readText(path) ?? '';
    if (!DEPLOYING.test(text) && !text.includes('ConfigMap')) continue;
    for (const resource of readManifest(text, { file, named: true }).resources) learn(facts, resource);
  }
  return facts.deployments;
}
