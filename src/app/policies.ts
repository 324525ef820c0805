import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import type { Problem, Resource } from '../model/index.ts';
import { DEFAULT_LIMITS, readManifest } from '../sources/index.ts';
import { type Content, createContentReader } from './content.ts';
import type { KnownDocuments } from './library-cache.ts';
import { PACKAGE_FOLDER } from './package.ts';
import { UsageError } from './usage.ts';

/** Files of `--policies` with what they hold; nothing parsed yet. */
export interface PolicyFiles {
  /** By the name they have in origins, in a stable order. */
  readonly contents: ReadonlyMap<string, Content>;
  /** Where to find lines in them later. */
  readonly paths: ReadonlyMap<string, string>;
}

/** Reads `builtin`, files and folders, each file once. */
export function readPolicyFiles(sources: readonly string[], cwd: string): PolicyFiles {
  const paths = new Map(
    sources.flatMap((source) => filesOf(source, cwd)).map(({ name, path }) => [name, path] as const),
  );
  const read = createContentReader(DEFAULT_LIMITS.fileBytes);
  const contents = new Map<string, Content>();
  for (const [name, path] of paths) {
    const content = read(path);
    // The reader's buffer is used again for the next file.
    contents.set(name, content.ok ? { ok: true, bytes: Buffer.from(content.bytes) } : content);
  }
  return { contents, paths };
}

/** Every document of the files, and what could not be read. */
export function parsePolicyFiles({ contents }: PolicyFiles): KnownDocuments {
  const documents: Resource[] = [];
  const problems: Problem[] = [];
  for (const [file, content] of contents) {
    if (!content.ok) {
      const { reason, detail } = content;
      problems.push({ reason, detail, origin: { file, line: 1, column: 1 } });
      continue;
    }
    const manifest = readManifest(content.bytes, { file, named: true });
    documents.push(...manifest.resources);
    problems.push(...manifest.problems);
  }
  return { documents, problems };
}

/** A text that differs whenever the files do. */
export function identityOf({ contents }: PolicyFiles): string {
  let identity = '';
  for (const [name, content] of contents)
    identity += `${name} ${content.ok ? `${content.bytes.length} ${(content.bytes as Buffer).toString('latin1')}` : content.detail}\n`;
  return identity;
}

const BUILTIN = 'builtin:';

/** Where a file of the built-in library stands, by the name it has in origins. */
export function builtinPath(name: string): string {
  return join(PACKAGE_FOLDER, 'library', name.slice(BUILTIN.length));
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
      name: `${BUILTIN}${unix(relative(folder, path))}`,
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
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const tested = entries.some(({ name }) => name === 'policy.yaml' || name === 'policy.yml');
  return entries.flatMap((entry) => {
    const { name } = entry;
    const path = join(folder, name);
    const kind = entry.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : entry;
    if (kind?.isDirectory() !== true) return kind?.isFile() === true && isManifest(name) ? [path] : [];
    if (name.startsWith('.') || (tested && (name === 'pass' || name === 'fail'))) return [];
    // Only a link can lead in a circle.
    const trail = entry.isSymbolicLink() ? [...above, realpathSync(path)] : above;
    return new Set(trail).size < trail.length ? [] : listPolicies(path, trail);
  });
}

function isManifest(name: string): boolean {
  return /\.(ya?ml|json)$/i.test(name);
}
