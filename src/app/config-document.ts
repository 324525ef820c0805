/** One rampart.yaml read: what it says, and where it says so. */
import { isAbsolute, relative, resolve, sep } from 'node:path';
import {
  type ConfigFile,
  type Key,
  type KeyName,
  type Keys,
  keysOf,
  type Mistake,
  readConfig,
  type Values,
} from '../config/index.ts';
import type { Origin } from '../model/index.ts';
import { isGitAddress } from '../sources/git/address.ts';
import { readHandwritten } from '../sources/manifests/documents.ts';
import { createLocator } from '../sources/manifests/locate.ts';
import { decodeText, positionOf } from '../sources/manifests/text.ts';
import type { ConfigLocation } from './config-file.ts';
import { UsageError } from './usage.ts';
import { VOCABULARY } from './vocabulary.ts';

/** Nobody writes more by hand. */
export const CONFIG_BYTES = 1 << 20;
const LIMITS = { fileBytes: CONFIG_BYTES, depth: 50, documents: 10 };
/** As many mistakes are listed. */
const LISTED = 40;

export interface ConfigDocument {
  /** Paths in it are relative to the working directory. */
  readonly file: ConfigFile;
  /** Where a field stands, by the keys and indexes that lead to it. */
  readonly where: (path: readonly string[]) => Origin;
}

/** Throws UsageError with all that is wrong in it, a line each. */
export function readConfigDocument(
  bytes: Uint8Array,
  { shown, folder }: ConfigLocation,
  cwd: string,
): ConfigDocument {
  const text = decodeText(bytes);
  if (text === undefined) throw new UsageError(`${shown} is not text in UTF-8`);
  const locate = createLocator(text, LIMITS);
  const where = (path: readonly string[]): Origin => {
    const { line, column } = locate(0, path.map((step) => `/${pointerStep(step)}`).join(''));
    return { file: shown, line, column };
  };
  const { value, faults } = parse(text, shown);
  const reading = readConfig(value, VOCABULARY);
  const mistakes = reading.ok ? [] : reading.mistakes.map((mistake) => placed(mistake, where));
  const all = [...faults, ...mistakes];
  if (all.length > 0 || !reading.ok) throw complaint(all, shown);
  return { file: rebased(reading.file, folder, cwd), where };
}

interface Placed extends Origin {
  readonly message: string;
}

/** The one document, and what makes it none. */
function parse(text: string, file: string): { readonly value: unknown; readonly faults: readonly Placed[] } {
  const documents = readHandwritten(text, LIMITS).filter(
    ({ value, faults }) => (value !== null && value !== undefined) || faults.length > 0,
  );
  const faults = documents.flatMap((document) =>
    document.faults.map(({ message, offset }) => ({ file, ...positionOf(text, offset), message })),
  );
  const [first, second] = documents;
  if (second === undefined || faults.length > 0) return { value: first?.value, faults };
  const message = 'a second document; a configuration is one';
  return { value: first?.value, faults: [{ file, ...positionOf(text, second.first), message }] };
}

function placed({ path, message }: Mistake, where: (path: readonly string[]) => Origin): Placed {
  return { ...where(path), message };
}

function complaint(mistakes: readonly Placed[], shown: string): UsageError {
  const sorted = mistakes.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const lines = sorted
    .slice(0, LISTED)
    .map(({ file, line, column, message }) => `  ${file}:${line}:${column}: ${message}`);
  const more = sorted.length > LISTED ? [`  and ${sorted.length - LISTED} more`] : [];
  const count = sorted.length === 1 ? 'a mistake' : `${sorted.length} mistakes`;
  return new UsageError([`${shown} has ${count}:`, ...lines, ...more].join('\n'));
}

function pointerStep(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The same with paths relative to the working directory instead of the file's folder. */
function rebased(file: ConfigFile, folder: string, cwd: string): ConfigFile {
  if (folder === cwd) return file;
  const keys = keysOf(VOCABULARY);
  const inSections = (sections: ConfigFile['paths']) =>
    sections === undefined
      ? undefined
      : Object.fromEntries(
          Object.entries(sections).map(([name, values]) => [name, rebasedValues(values, keys, folder, cwd)]),
        );
  const { environments, paths } = file;
  return {
    ...rebasedValues(file, keys, folder, cwd),
    ...(environments === undefined ? {} : { environments: inSections(environments)! }),
    ...(paths === undefined ? {} : { paths }),
  };
}

function rebasedValues(values: Values, keys: Keys, folder: string, cwd: string): Values {
  const entries = (Object.keys(keys) as KeyName[]).flatMap((key) => {
    const value = values[key];
    if (value === undefined) return [];
    const { relative: how } = keys[key] as Pick<Key, 'relative'>;
    if (how === undefined) return [[key, value]];
    if (how === 'releases') return [[key, movedReleases(value as Releases, folder, cwd)]];
    const move = how === 'path' ? movedPath : movedGlob;
    return [[key, mapTexts(value, (text) => move(text, folder, cwd))]];
  });
  return Object.fromEntries(entries) as Values;
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapTexts(inner, change)]));
}

function movedPath(path: string, folder: string, cwd: string): string {
  if (path === 'builtin' || isGitAddress(path) || isAbsolute(path)) return path;
  return relative(cwd, resolve(folder, path)) || '.';
}

type Releases = NonNullable<Values['helm']>;

/** Charts are matched below the working directory. */
function movedReleases(releases: Releases, folder: string, cwd: string): Releases {
  return Object.fromEntries(
    Object.entries(releases).map(([glob, release]) => [
      glob.includes('/') ? movedPath(glob, folder, cwd).split(sep).join('/') : glob,
      release.values === undefined
        ? release
        : { ...release, values: release.values.map((path) => movedPath(path, folder, cwd)) },
    ]),
  );
}

/** A glob with a slash becomes an absolute one; a name is one at any depth. */
function movedGlob(glob: string, folder: string): string {
  const pattern = glob.replace(/^\.\//, '');
  if (!pattern.includes('/')) return pattern;
  return `${folder
    .split(sep)
    .join('/')
    .replace(/[*?[\](){}!+@\\]/g, '\\$&')}/${pattern}`;
}
