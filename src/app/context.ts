import type { JsonMap, Resource } from '../model/index.ts';
import type { UserInfo } from '../policy/index.ts';
import { DEFAULT_LIMITS, readManifest, walk } from '../sources/index.ts';
import { type Answers, readAnswers } from './answers.ts';
import { clusterContextOf } from './cluster-context.ts';
import { createContentReader } from './content.ts';
import type { ScanOptions } from './options.ts';
import { openSource } from './source.ts';
import { UsageError } from './usage.ts';
import { readValue } from './value.ts';

/** What the caller says of the cluster. */
export interface GivenContext {
  /** Namespaces and parameters. */
  readonly objects: readonly Resource[];
  readonly definitions: readonly Resource[];
  /** Of the cluster's policies: they count for those that are given. */
  readonly bindings: readonly Resource[];
  /** `NAME=VALUE`, to be set before what the caller sets. */
  readonly settings: readonly string[];
  readonly userInfo: UserInfo | undefined;
  readonly answers: Answers | undefined;
}

/** Reads --context, --schemas, --userinfo and --answers. What is wrong in them is a UsageError: the caller wrote them. */
export function readContext(
  options: Pick<ScanOptions, 'context' | 'schemas' | 'userinfo' | 'answers' | 'cwd'>,
): GivenContext {
  const { objects, definitions, bindings, settings } = clusterContextOf(
    readObjects('--context', options.context, options.cwd),
  );
  return {
    objects,
    definitions: [...definitions, ...readObjects('--schemas', options.schemas, options.cwd)],
    bindings,
    settings,
    userInfo: options.userinfo === undefined ? undefined : readUserInfo(options.userinfo, options.cwd),
    answers: options.answers === undefined ? undefined : readAnswers(options.answers, options.cwd),
  };
}

function readObjects(flag: string, sources: readonly string[], cwd: string): Resource[] {
  const read = createContentReader(DEFAULT_LIMITS.fileBytes);
  return sources.flatMap((text) => {
    const source = openSource(text, { flag, cwd });
    const { files, problems, charts } = walk([source.path], { cwd, show: source.name });
    for (const { file } of charts) throw new UsageError(`${flag}: ${file} is a chart: render it first`);
    for (const { origin, detail } of [...source.problems, ...problems])
      throw new UsageError(`${flag}: ${origin.file}: ${detail}`);
    return files.flatMap(({ path, file }) => {
      const content = read(path);
      if (!content.ok) throw new UsageError(`${flag}: ${file}: ${content.detail}`);
      const manifest = readManifest(content.bytes, { file, named: true });
      for (const { origin, detail } of manifest.problems)
        throw new UsageError(`${flag}: ${file}:${origin.line}:${origin.column}: ${detail}`);
      return manifest.resources;
    });
  });
}

/** `authentication.k8s.io/v1 UserInfo`: username, uid, groups, extra. */
function readUserInfo(file: string, cwd: string): UserInfo {
  const { path } = openSource(file, { flag: '--userinfo', cwd });
  const value = readValue('--userinfo', path, file);
  const wrong = (what: string) =>
    new UsageError(`--userinfo: ${file}: ${what}`, 'it holds username, uid, groups, extra');
  if (!isMap(value)) throw wrong('it is no mapping');
  for (const [name, field] of Object.entries(value)) {
    if (name === 'username' || name === 'uid') {
      if (typeof field !== 'string') throw wrong(`${name} is no text`);
    } else if (name === 'groups') {
      if (!isTexts(field)) throw wrong('groups is no list of texts');
    } else if (name === 'extra') {
      if (!isMap(field) || !Object.values(field).every(isTexts))
        throw wrong('extra is no mapping to lists of texts');
    } else throw wrong(`unknown field ${name}`);
  }
  return value as UserInfo;
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Number);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
