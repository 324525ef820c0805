/** `rampart lock`: what would be locked, how that differs from what is, and writing it. */
import { renameSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Lock, type LockedPolicy, lockText } from '../decision/index.ts';
import { compileSet, readCompileSetup } from './compile.ts';
import { checkDigests, findLock, LOCK_NAME, readLock, settingsToLock } from './lock.ts';
import type { ScanOptions } from './options.ts';
import { UsageError } from './usage.ts';
import { VERSION } from './version.ts';

export interface LockOptions extends Pick<ScanOptions, 'policies' | 'cwd' | 'set' | 'cache'> {
  /** Undefined: the nearest rampart.lock, else one in the working directory. */
  readonly file: string | undefined;
  /** Ids: only these are accepted as they are now; empty: all are. */
  readonly accept: readonly string[];
  /** False: nothing is written. */
  readonly write: boolean;
}

export interface LockChange {
  readonly file: string;
  /** `POLICY/CHECK`. */
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** `pss.version v1.36 → v1.37`. */
  readonly settings: readonly string[];
  /** Checks in the lock afterwards. */
  readonly checks: number;
}

/** Throws UsageError for what is no lock, and for policies that do not compile: nobody can accept those. */
export function lockPolicies(options: LockOptions): LockChange {
  const { cwd, accept, write } = options;
  const known = findLock(cwd);
  const file = options.file ?? known ?? LOCK_NAME;
  const before = known === undefined || (options.file ?? known) !== known ? undefined : readLock(known, cwd);
  const now = currentLock(options, before);
  const after = accept.length === 0 || before === undefined ? now : accepting(before, now, accept);
  if (write) writeWhole(resolve(cwd, file), lockText(after));
  return changeOf(file, before, after);
}

/** Stages are somebody's decision: they stay as long as their policy does. */
function currentLock(options: LockOptions, before: Lock | undefined): Lock {
  const { setup, memory } = readCompileSetup(options);
  const set = compileSet(setup, memory);
  const [problem] = [...setup.problems, ...set.problems];
  if (problem !== undefined) {
    const { file, line } = problem.origin;
    throw new UsageError(`${file}:${line}: ${problem.detail}`, 'what does not compile cannot be accepted');
  }
  const ids = [...new Set(set.policies.map(({ id }) => id))];
  const policies = new Map<string, LockedPolicy>();
  for (const id of ids) {
    const checks = checkDigests(set.policies.filter((policy) => policy.id === id));
    const stage = before?.policies.get(id)?.stage;
    // Of this repository's own nothing is said but a stage.
    if (checks?.size !== 0 && (checks !== undefined || stage !== undefined))
      policies.set(id, { stage, checks });
  }
  return { library: VERSION, settings: settingsToLock(setup.settings), policies };
}

function accepting(before: Lock, now: Lock, ids: readonly string[]): Lock {
  const policies = new Map(before.policies);
  for (const id of ids) {
    const policy = now.policies.get(id);
    if (policy === undefined && !before.policies.has(id))
      throw new UsageError(`--accept: there is no policy ${id} of a library`);
    if (policy === undefined) policies.delete(id);
    else policies.set(id, policy);
  }
  return { ...before, policies };
}

function changeOf(file: string, before: Lock | undefined, after: Lock): LockChange {
  const [old, now] = [checksOf(before), checksOf(after)];
  const settings = Object.entries(after.settings)
    .filter(([name, value]) => before !== undefined && before.settings[name] !== value)
    .map(([name, value]) => `${name} ${before?.settings[name] ?? 'none'} → ${value}`);
  return {
    file,
    added: [...now.keys()].filter((check) => !old.has(check)),
    changed: [...now]
      .filter(([check, digest]) => old.has(check) && old.get(check) !== digest)
      .map(([check]) => check),
    removed: [...old.keys()].filter((check) => !now.has(check)),
    settings,
    checks: now.size,
  };
}

function checksOf(lock: Lock | undefined): Map<string, string> {
  const entries = [...(lock?.policies ?? [])].flatMap(([id, { checks }]) =>
    [...(checks ?? [])].map(([name, digest]) => [`${id}/${name}`, digest] as const),
  );
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}
