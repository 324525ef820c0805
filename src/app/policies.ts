import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Problem, Resource } from '../model/index.ts';
import { DEFAULT_LIMITS, readManifest } from '../sources/index.ts';
import { type Content, createContentReader } from './content.ts';
import type { KnownDocuments } from './library-cache.ts';
import { PACKAGE_FOLDER } from './package.ts';
import { openSource } from './source.ts';
import { UsageError } from './usage.ts';

/** Files of `--policies` with what they hold; nothing parsed yet. */
export interface PolicyFiles {
  /** By the name they have in origins, in a stable order. */
  readonly contents: ReadonlyMap<string, Content>;
  /** Where to find lines in them later. */
  readonly paths: ReadonlyMap<string, string>;
  /** What cannot be read of the sources, beside the contents. */
  readonly problems: readonly Problem[];
}

/** Reads `builtin`, files, folders and commits, each file once. */
export function readPolicyFiles(sources: readonly string[], cwd: string): PolicyFiles {
  const named = sources.map((source) => listPolicyFiles(source, cwd));
  const paths = new Map(named.flatMap(({ files }) => files.map(({ name, path }) => [name, path] as const)));
  const read = createContentReader(DEFAULT_LIMITS.fileBytes);
  const contents = new Map<string, Content>();
  for (const [name, path] of paths) {
    const content = read(path);
    // The reader's buffer is used again for the next file.
    contents.set(name, content.ok ? { ok: true, bytes: Buffer.from(content.bytes) } : content);
  }
  return { contents, paths, problems: named.flatMap(({ problems }) => problems) };
}

/** Every document of the files, and what could not be read. */
export function parsePolicyFiles({ contents, problems: unread }: PolicyFiles): KnownDocuments {
  const documents: Resource[] = [];
  const problems: Problem[] = [...unread];
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
export function identityOf({ contents, problems }: PolicyFiles): string {
  let identity = problems.length === 0 ? '' : `${JSON.stringify(problems)}\n`;
  for (const [name, content] of contents)
    identity += `${name} ${content.ok ? `${content.bytes.length} ${(content.bytes as Buffer).toString('latin1')}` : content.detail}\n`;
  return identity;
}

/** What names of files of the built-in library begin with. */
export const BUILTIN = 'builtin:';

/** Where a file of the built-in library stands, by the name it has in origins. */
export function builtinPath(name: string): string {
  return join(PACKAGE_FOLDER, 'library', name.slice(BUILTIN.length));
}

export interface PolicyFile {
  readonly path: string;
  /** As origins name it: relative to the working directory, or `builtin:…`. */
  readonly name: string;
}

/** What a source of policies is made of. */
export interface ListedPolicies {
  readonly files: readonly PolicyFile[];
  /** What cannot be read. */
  readonly problems: readonly Problem[];
}

/** The files of `builtin`, a file, a folder or a commit; nothing read yet. */
export function listPolicyFiles(source: string, cwd: string): ListedPolicies {
  if (source === 'builtin') {
    const folder = join(PACKAGE_FOLDER, 'library');
    const files = listPolicies(join(folder, 'policies')).map((path) => ({
      path,
      name: `${BUILTIN}${unix(relative(folder, path))}`,
    }));
    return { files, problems: [] };
  }
  const { path, name, problems } = openSource(source, { flag: '--policies', cwd });
  const kind = statSync(path, { throwIfNoEntry: false });
  if (kind === undefined)
    throw new UsageError(
      `--policies: there is no ${source}`,
      'SRC is builtin, a file, a folder, or git::REPOSITORY//PATH?ref=REF',
    );
  const paths = kind.isDirectory() ? listPolicies(path) : [path];
  return { files: paths.map((file) => ({ path: file, name: name(file) })), problems };
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
