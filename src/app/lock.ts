/** `rampart.lock`: where it is, what stands in it, and what that makes of findings. */
import { existsSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { type Lock, parseLock, stageOf } from '../decision/index.ts';
import type { Reported, Stage } from '../model/index.ts';
import { type CompiledPolicy, checkForms, type PolicySet, type Settings } from '../policy/index.ts';
import { locate } from '../sources/index.ts';
import { builtin } from './builtin.ts';
import { foldersAbove } from './folders-above.ts';
import type { ScanOptions } from './options.ts';
import { openSource } from './source.ts';
import { readText } from './text.ts';
import { UsageError } from './usage.ts';
import { readOwn } from './value.ts';
import { VERSION } from './version.ts';

export const LOCK_NAME = 'rampart.lock';

/** Where a lock may lie, as a flag would name it, the nearest first. */
export function lockPlaces(cwd: string): string[] {
  return foldersAbove(cwd).map((folder) => unix(relative(cwd, join(folder, LOCK_NAME))));
}

/** The nearest one, as a flag would name it; undefined: there is none. */
export function findLock(cwd: string): string | undefined {
  return lockPlaces(cwd).find((place) => existsSync(resolve(cwd, place)));
}

/** Reads the lock that a flag names. What is wrong in it is a UsageError with its place. */
export function readLock(file: string, cwd: string): Lock {
  const { path } = openSource(file, { flag: '--lock', cwd });
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw new UsageError(`--lock: there is no file ${file}`, 'rampart lock writes it');
  const text = readText(path);
  if (text === undefined) throw new UsageError(`--lock: ${file} cannot be read`);
  const parsed = parseLock(readOwn(text, file));
  if ('lock' in parsed) return parsed.lock;
  const { line, column } = locate(text, 0, parsed.pointer);
  throw new UsageError(`${file}:${line}:${column}: ${parsed.fault}`);
}

export interface NamedLock extends Lock {
  /** As messages name it. */
  readonly file: string;
}

/** The lock of a scan: the one that is named, else the nearest, if there is any. */
export function lockOf({ cwd, gate }: Pick<ScanOptions, 'cwd' | 'gate'>): NamedLock | undefined {
  const file = gate.lock === undefined ? findLock(cwd) : gate.lock;
  return file == null ? undefined : { ...readLock(file, cwd), file };
}

/** The lock that counts in a working directory, if there is any. */
export function nearestLock(cwd: string): Lock | undefined {
  const file = findLock(cwd);
  return file === undefined ? undefined : readLock(file, cwd);
}

/** `NAME=VALUE`, to be set before what the caller sets. */
export function lockedSettings({ settings }: Lock): string[] {
  return Object.entries(settings).map(([name, value]) => `${name}=${value}`);
}

/** Settings that a lock pins, as it writes them. */
export function settingsToLock(settings: Settings): Record<string, string> {
  return { 'pss.version': `v1.${settings['pss.version']}` };
}

/** Digests of the checks of a policy by name; undefined for one of this repository, which is reviewed there. */
export function checkDigests(readings: readonly CompiledPolicy[]): ReadonlyMap<string, string> | undefined {
  if (!readings.every(({ origin }) => isFromElsewhere(origin.file))) return undefined;
  return new Map([...checkForms(readings)].map(([name, form]) => [name, digest(form)]));
}

/** Of the built-in library, or of another repository's commit. */
function isFromElsewhere(file: string): boolean {
  return /^(?:builtin:|\w+:\/\/)/.test(file);
}

const HEX_DIGITS = 32;

function digest(form: string): string {
  return builtin('node:crypto').hash('sha256', form).slice(0, HEX_DIGITS);
}

export interface Staging {
  /** What a finding does; undefined: what --fail-on says. */
  stage(result: Reported): Stage | undefined;
  /** To be said once all findings were asked about. */
  notices(): string[];
}

/** What a lock makes of the findings of a set. Digests are worked out for policies that found something. */
export function openStaging(lock: NamedLock, sets: readonly PolicySet[]): Staging {
  const policies = sets.flatMap((set) => set.policies);
  const digests = new Map<string, ReturnType<typeof checkDigests>>();
  const pending = new Set<string>();
  const digestsOf = (id: string) => {
    if (!digests.has(id)) digests.set(id, checkDigests(policies.filter((policy) => policy.id === id)));
    return digests.get(id);
  };
  return {
    stage({ policy, validation, reason }) {
      // What the gate finds of itself is of no policy.
      if (policy === null || validation === undefined || reason === 'gate') return undefined;
      const digests = digestsOf(policy);
      // A policy of elsewhere without such a check was not accepted with it.
      const current = digests === undefined ? undefined : (digests.get(validation) ?? '');
      const stage = stageOf(lock, policy, validation, current);
      if (stage === 'audit' && lock.policies.get(policy)?.stage !== 'audit')
        pending.add(`${policy}/${validation}`);
      return stage;
    },
    notices: () => [...aboutLibrary(lock), ...aboutPending(lock.file, [...pending].sort())],
  };
}

function aboutLibrary({ file, library }: NamedLock): string[] {
  return library === VERSION
    ? []
    : [`${file} is of library ${library}, this is ${VERSION}: rampart lock accepts its checks`];
}

/** Names of checks by id of a policy that come from elsewhere and were not accepted as they are: they audit. */
export function unacceptedChecks(lock: Lock, policies: readonly CompiledPolicy[]): Record<string, string[]> {
  const found = [...Map.groupBy(policies, ({ id }) => id)].flatMap(([id, readings]) => {
    const accepted = lock.policies.get(id)?.checks;
    const names = [...(checkDigests(readings) ?? [])].flatMap(([name, digest]) =>
      accepted?.get(name) === digest ? [] : [name],
    );
    return names.length === 0 ? [] : [[id, names.sort()] as const];
  });
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What is to be said of them. */
export function noticesOfUnaccepted(
  { file }: NamedLock,
  unaccepted: Readonly<Record<string, readonly string[]>>,
): string[] {
  return aboutPending(
    file,
    Object.entries(unaccepted).flatMap(([id, names]) => names.map((name) => `${id}/${name}`)),
  );
}

const SHOWN = 3;

function aboutPending(file: string, checks: readonly string[]): string[] {
  if (checks.length === 0) return [];
  const more = checks.length > SHOWN ? ` and ${checks.length - SHOWN} more` : '';
  return [
    `not in ${file}, so audit only: ${checks.slice(0, SHOWN).join(', ')}${more}; rampart lock accepts them`,
  ];
}

function unix(path: string): string {
  return sep === '/' ? path : path.split(sep).join('/');
}
