import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import type { Problem, Resource } from '../model/index.ts';
import { DEFAULT_LIMITS, readManifest } from '../sources/index.ts';
import { createContentReader } from './content.ts';
import { PACKAGE_FOLDER } from './package.ts';
import { UsageError } from './usage.ts';

/** Documents read from `--policies`, and what could not be read. */
export interface PolicyDocuments {
  readonly documents: Resource[];
  readonly problems: Problem[];
  /** Files that policies were read from, by the name they have in origins, to find lines in them later. */
  readonly paths: Map<string, string>;
}

/** Reads every document of `builtin`, files and folders, each file once, in a stable order. */
export function readPolicySources(sources: readonly string[], cwd: string): PolicyDocuments {
  const read: PolicyDocuments = { documents: [], problems: [], paths: new Map() };
  const content = createContentReader(DEFAULT_LIMITS.fileBytes);
  for (const { path, name } of sources.flatMap((source) => filesOf(source, cwd))) {
    if (read.paths.has(name)) continue;
    read.paths.set(name, path);
    const found = content(path);
    if (!found.ok) {
      const { reason, detail } = found;
      read.problems.push({ reason, detail, origin: { file: name, line: 1, column: 1 } });
      continue;
    }
    const manifest = readManifest(found.bytes, { file: name, named: true });
    read.documents.push(...manifest.resources);
    read.problems.push(...manifest.problems);
  }
  return read;
}

interface PolicyFile {
  readonly path: string;
  /** As origins name it: relative to the working directory, or `builtin:…`. */
  readonly name: string;
}

function filesOf(source: string, cwd: string): PolicyFile[] {
  if (source === 'builtin') {
    const folder = join(PACKAGE_FOLDER, 'library');
    return listPolicies(join(folder, 'policies')).map((path) => ({
      path,
      name: `builtin:${unix(relative(folder, path))}`,
    }));
  }
  const path = resolve(cwd, source);
  const kind = statSync(path, { throwIfNoEntry: false });
  if (kind === undefined)
    throw new UsageError(`--policies: there is no ${source}`, 'SRC is builtin, a file, or a folder');
  const paths = kind.isDirectory() ? listPolicies(path) : [path];
  return paths.map((file) => ({ path: file, name: nameOf(file, cwd) }));
}

function nameOf(path: string, cwd: string): string {
  const name = relative(cwd, path);
  return unix(name.startsWith('..') ? path : name);
}

function unix(path: string): string {
  return sep === '/' ? path : path.split(sep).join('/');
}

/**
 * Files below a folder, in code-unit order; links are followed, as policies mounted from a ConfigMap need. Folders
 * `pass` and `fail` beside a policy.yaml are its tests: what stands there must be neither a policy nor a parameter.
 */
function listPolicies(folder: string, above: readonly string[] = []): string[] {
  const real = realpathSync(folder);
  if (above.includes(real)) return [];
  const entries = readdirSync(folder).sort();
  const tested = entries.includes('policy.yaml') || entries.includes('policy.yml');
  return entries.flatMap((name) => {
    const path = join(folder, name);
    const kind = statSync(path, { throwIfNoEntry: false });
    if (kind?.isDirectory() !== true) return kind?.isFile() === true && isManifest(name) ? [path] : [];
    const skipped = name.startsWith('.') || (tested && (name === 'pass' || name === 'fail'));
    return skipped ? [] : listPolicies(path, [...above, real]);
  });
}

function isManifest(name: string): boolean {
  return /\.(ya?ml|json)$/i.test(name);
}
