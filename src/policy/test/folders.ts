/** The layout of a native policy's folder: policy.yaml, pass/, fail/, and what the names of cases mean. */
import { didYouMean } from '../nearest.ts';
import { isSettingName } from '../settings/settings.ts';

export interface Entry {
  readonly name: string;
  readonly folder: boolean;
}

/** The two questions a test asks of the file system. */
export interface Folders {
  /** Entries of a folder in code-unit order; null when there is no such folder. */
  list(path: string): readonly Entry[] | null;
}

export const POLICY_FILE = 'policy.yaml';
export const CASE_FOLDERS = ['pass', 'fail'] as const;
export type Expected = (typeof CASE_FOLDERS)[number];

export interface PolicyFolder {
  /** Path of the folder. */
  readonly path: string;
  /** Path of the policy's file. */
  readonly file: string;
}

export interface Case {
  readonly expected: Expected;
  readonly path: string;
  /** Relative to the policy's folder. */
  readonly name: string;
  /** File name without extension. */
  readonly stem: string;
  /** `NAME=VALUE` of the folders it lies in. */
  readonly settings: readonly string[];
}

export interface LayoutFault {
  readonly path: string;
  readonly detail: string;
}

/** Policy folders at or below a path; a policy.yaml itself stands for its folder. */
export function findPolicyFolders(path: string, io: Folders): PolicyFolder[] {
  if (path === POLICY_FILE || path.endsWith(`/${POLICY_FILE}`)) {
    const folder = path.slice(0, -POLICY_FILE.length).replace(/\/$/, '') || '.';
    return [{ path: folder, file: path }];
  }
  const entries = io.list(path);
  if (entries === null) return [];
  const here = entries.some(({ name, folder }) => name === POLICY_FILE && !folder);
  if (here) return [{ path, file: join(path, POLICY_FILE) }];
  return entries
    .filter(({ name, folder }) => folder && !name.startsWith('.') && name !== 'node_modules')
    .flatMap(({ name }) => findPolicyFolders(join(path, name), io));
}

export function join(folder: string, name: string): string {
  return folder === '.' ? name : `${folder.replace(/\/$/, '')}/${name}`;
}

/** A path that a file names, relative to that file. */
export function beside(file: string, path: string): string {
  if (path.startsWith('/')) return path;
  const parts = file.includes('/') ? file.slice(0, file.lastIndexOf('/')).split('/') : [];
  for (const step of path.split('/')) {
    if (step === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (step !== '.' && step !== '') parts.push(step);
  }
  return parts.join('/') || '.';
}

/** The cases of a folder, passing ones first. */
export function findCases(folder: PolicyFolder, io: Folders): { cases: Case[]; faults: LayoutFault[] } {
  const cases: Case[] = [];
  const faults: LayoutFault[] = [];
  for (const expected of CASE_FOLDERS) {
    collect(join(folder.path, expected), expected, [], { expected, root: folder.path, io, cases, faults });
  }
  return { cases, faults };
}

interface Collecting {
  readonly expected: Expected;
  readonly root: string;
  readonly io: Folders;
  readonly cases: Case[];
  readonly faults: LayoutFault[];
}

function collect(path: string, name: string, settings: readonly string[], into: Collecting): void {
  for (const entry of into.io.list(path) ?? []) {
    const entryPath = join(path, entry.name);
    const entryName = `${name}/${entry.name}`;
    if (entry.name.startsWith('.')) continue;
    if (!entry.folder) addCase(entry.name, entryPath, entryName, settings, into);
    else if (isSettingName(entry.name.split('=')[0]!)) {
      collect(entryPath, entryName, [...settings, entry.name], into);
    } else {
      const detail = `a folder of cases is named NAME=VALUE after a setting.${didYouMean(entry.name, CASE_FOLDERS)}`;
      into.faults.push({ path: entryPath, detail });
    }
  }
}

function addCase(
  name: string,
  path: string,
  relative: string,
  settings: readonly string[],
  into: Collecting,
): void {
  const match = /^(.+)\.(?:ya?ml|json)$/.exec(name);
  if (match === null) into.faults.push({ path, detail: 'a case is a .yaml, .yml or .json file' });
  else into.cases.push({ expected: into.expected, path, name: relative, stem: match[1]!, settings });
}

/** The validation a failing case's file names: what stands before `--`. */
export function validationOf(stem: string): string {
  const at = stem.indexOf('--');
  return at < 0 ? stem : stem.slice(0, at);
}
