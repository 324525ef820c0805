/** `policies diff rampart.lock NEW`: what is not accepted yet, and what it finds. */
import { compileSet, readCompileSetup } from './compile.ts';
import type { DiffOptions, PolicyDiff } from './diff-options.ts';
import { checkDigests, lockedSettings, readLock } from './lock.ts';
import { placeProblem } from './place.ts';
import { findingsOf } from './policy-findings.ts';

export function isLock(source: string): boolean {
  return source.endsWith('.lock');
}

/** Policies of this repository are in no lock, and not compared. */
export async function diffFromLock(options: DiffOptions): Promise<PolicyDiff> {
  const { before, after, cwd, paths, cache } = options;
  const lock = readLock(before, cwd);
  const set = [...lockedSettings(lock), ...options.set];
  const { setup, memory } = readCompileSetup({ policies: [after], cwd, set, cache });
  const compiled = compileSet(setup, memory);
  const digests = new Map(
    compiled.policies.map(({ id }) => [
      id,
      checkDigests(compiled.policies.filter((policy) => policy.id === id)),
    ]),
  );
  const isAccepted = (policy: string, check: string): boolean => {
    const now = digests.get(policy);
    return now === undefined || lock.policies.get(policy)?.checks?.get(check) === now.get(check);
  };
  const infos = [...new Map(compiled.policies.map(({ id, info }) => [id, info])).values()];
  const open = infos.flatMap(({ id, severity }) => {
    const checks = [...(digests.get(id)?.keys() ?? [])].filter((check) => !isAccepted(id, check));
    return checks.length === 0 ? [] : [{ id, severity, checks, isNew: !lock.policies.has(id) }];
  });
  const found = paths.length === 0 ? [] : await findingsOf(after, { ...options, set });
  return {
    added: open.filter(({ isNew }) => isNew).map(({ id, severity }) => ({ id, severity })),
    // What severity it had is not in the lock.
    removed: [...lock.policies.keys()].filter((id) => !digests.has(id)).map((id) => ({ id, severity: null })),
    changed: open.filter(({ isNew }) => !isNew).map(({ id, checks }) => ({ id, parts: checks })),
    newFindings: found.filter(
      ({ verdict, policy, validation }) =>
        verdict === 'violation' && policy !== null && !isAccepted(policy, validation ?? ''),
    ),
    goneFindings: [],
    errors:
      paths.length === 0
        ? [...setup.problems, ...compiled.problems].map(placeProblem)
        : found.filter(({ verdict }) => verdict === 'error'),
  };
}
