/** Files in which other tools are told what not to report: where they are looked for, and what they say. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import {
  DEFAULT_LIMITS,
  holdsExceptions,
  isGitAddress,
  readCheckovBaseline,
  readKubescapeExceptions,
  readTrivyIgnore,
  readTrivyIgnoreYaml,
  type SuppressionEntry,
  type SuppressionFile,
} from '../sources/index.ts';
import { decodeText } from '../sources/manifests/text.ts';
import { createContentReader } from './content.ts';
import { foldersAbove } from './folders-above.ts';
import { type ListedSuppression, patternFault } from './suppressions.ts';
import { UsageError } from './usage.ts';
import { type Walked, walkSources } from './walk-sources.ts';

export interface SuppressionFiles {
  /** Those of the paths that are not such files themselves. */
  readonly manifests: readonly string[];
  readonly listed: readonly ListedSuppression[];
  /** Entries about what is no check of Kubernetes objects. */
  readonly others: number;
  /** Folders among the paths, as results name them. */
  readonly roots: readonly string[];
}

type Reader = (text: string) => SuppressionFile;

const NAMED: Readonly<Record<string, { readonly tool: 'trivy' | 'checkov'; readonly read: Reader }>> = {
  '.trivyignore': { tool: 'trivy', read: readTrivyIgnore },
  '.trivyignore.yaml': { tool: 'trivy', read: readTrivyIgnoreYaml },
  '.trivyignore.yml': { tool: 'trivy', read: readTrivyIgnoreYaml },
  '.checkov.baseline': { tool: 'checkov', read: readCheckovBaseline },
};

/** More than this in one file, and the rest is not read. */
const MOST = 20_000;

interface Found {
  readonly path: string;
  /** The folder it is about, as results name it. */
  readonly folder: string;
}

/**
 * Looks beside every manifest and above it, up to the root of its repository, and in the working directory. Exceptions of
 * Kubescape have no name of their own: they are found by what they hold.
 */
export function readSuppressionFiles(
  paths: readonly string[],
  { cwd, exclude }: { readonly cwd: string; readonly exclude: readonly string[] },
): SuppressionFiles {
  const read = textReader();
  const own = paths.filter((path) => !isGitAddress(path) && isSuppressions(resolve(cwd, path), read));
  const manifests = paths.filter((path) => !own.includes(path));
  if (manifests.length === 0)
    throw new UsageError('no PATH with manifests', 'what is suppressed is looked for in them');
  const walked = walkSources(
    manifests.filter((path) => path !== '-'),
    { cwd, exclude },
  );
  const found = new Map<string, Found>();
  // Who names a file wants all of it.
  for (const path of own) found.set(resolve(cwd, path), { path: resolve(cwd, path), folder: '' });
  for (const one of [...besideManifests(walked, cwd), ...exceptions(walked, read)])
    if (!found.has(one.path)) found.set(one.path, one);
  const files = [...found.values()].map((one) => ({ ...one, file: walked.show(one.path) }));
  const parsed = files
    .sort((a, b) => (a.file < b.file ? -1 : 1))
    .map((one) => ({ ...one, ...parse(one.path, read(one.path)) }));
  return {
    manifests,
    listed: parsed.flatMap(({ file, folder, entries }) => entries.map((entry) => keyed(entry, file, folder))),
    others: parsed.reduce((sum, { others }) => sum + others, 0),
    roots: rootsOf(manifests, walked, cwd),
  };
}

type Text = { readonly text: string } | { readonly fault: string };

function textReader(): (path: string) => Text {
  const read = createContentReader(DEFAULT_LIMITS.fileBytes);
  return (path) => {
    const content = read(path);
    if (!content.ok) return { fault: content.detail };
    const text = decodeText(content.bytes);
    return text === undefined ? { fault: 'it is no UTF-8 text' } : { text };
  };
}

/** Whether a path given by itself is such a file. */
function isSuppressions(path: string, read: (path: string) => Text): boolean {
  if (!existsSync(path) || statSync(path).isDirectory()) return false;
  if (Object.hasOwn(NAMED, basename(path))) return true;
  return /\.(?:json|baseline)$/i.test(path) && readerOf(path, read(path)) !== undefined;
}

function readerOf(path: string, content: Text): Reader | undefined {
  const name = basename(path);
  if (Object.hasOwn(NAMED, name)) return NAMED[name]!.read;
  if (!('text' in content)) return undefined;
  if (holdsExceptions(content.text)) return (text) => readKubescapeExceptions(text, patternFault);
  return content.text.includes('"failed_checks"') ? readCheckovBaseline : undefined;
}

function parse(path: string, content: Text): SuppressionFile {
  const tool = NAMED[basename(path)]?.tool ?? 'kubescape';
  const fault = (text: string): SuppressionEntry => ({ line: 1, column: 1, said: { tool, fault: text } });
  if ('fault' in content) return { entries: [fault(content.fault)], others: 0 };
  const { entries, others } = readerOf(path, content)!(content.text);
  if (entries.length <= MOST) return { entries, others };
  const more = fault(`${entries.length} entries; the limit is ${MOST}, the rest was not read`);
  return { entries: [...entries.slice(0, MOST), more], others };
}

function besideManifests({ files, show }: Walked, cwd: string): Found[] {
  const folders = new Set(foldersAbove(cwd));
  for (const { path } of files) {
    const folder = dirname(path);
    if (!folders.has(folder)) for (const above of foldersAbove(folder)) folders.add(above);
  }
  const isAbove = (folder: string) => `${cwd}${sep}`.startsWith(folder.endsWith(sep) ? folder : folder + sep);
  return [...folders].flatMap((folder) =>
    Object.keys(NAMED)
      .map((name) => join(folder, name))
      .filter((path) => existsSync(path))
      .map((path) => ({ path, folder: isAbove(folder) ? '' : show(folder) })),
  );
}

/** Those of Kubescape are about all that is scanned, wherever they lie. */
function exceptions({ files }: Walked, read: (path: string) => Text): Found[] {
  return files
    .filter(({ path }) => /\.json$/i.test(path))
    .filter(({ path }) => {
      const content = read(path);
      return 'text' in content && holdsExceptions(content.text);
    })
    .map(({ path }) => ({ path, folder: '' }));
}

function rootsOf(paths: readonly string[], { show }: Walked, cwd: string): string[] {
  return paths
    .filter((path) => path !== '-' && !isGitAddress(path))
    .map((path) => resolve(cwd, path))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    .map(show);
}

function keyed(
  { line, column, said, scope }: SuppressionEntry,
  file: string,
  folder: string,
): ListedSuppression {
  const key = JSON.stringify([file, line, column, said]);
  return { key, origin: { file, line, column }, said, scope, folder };
}
