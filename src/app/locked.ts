import { lockedSettings, lockOf, type NamedLock } from './lock.ts';
import type { ScanOptions } from './options.ts';
import type { Trusted } from './trust.ts';

export interface Locked extends Trusted {
  readonly lock: NamedLock | undefined;
}

/** With the settings that a lock pins: what the caller sets outranks them. */
export function withLock(trusted: Trusted): Locked {
  const lock = lockOf(trusted.options);
  if (lock === undefined) return { ...trusted, lock };
  const { options } = trusted;
  return { ...trusted, options: { ...options, ...withSet(options, lockedSettings(lock)) }, lock };
}

/** Settings that go before those of the call, for all files and for each. */
export function withSet(
  { set, at }: Pick<ScanOptions, 'set' | 'at'>,
  first: readonly string[],
): Pick<ScanOptions, 'set' | 'at'> {
  const changed = <T extends { readonly set: readonly string[] }>(own: T): T => ({
    ...own,
    set: [...first, ...own.set],
  });
  return { set: [...first, ...set], ...(at === undefined ? {} : { at: perObject(at, changed) }) };
}

/** One and the same answer for one and the same object. */
function perObject<A, T extends object>(
  find: (argument: A) => T | undefined,
  change: (found: T) => T,
): (argument: A) => T | undefined {
  const made = new Map<T, T>();
  return (argument) => {
    const found = find(argument);
    if (found === undefined) return undefined;
    const changed = made.get(found) ?? change(found);
    made.set(found, changed);
    return changed;
  };
}
