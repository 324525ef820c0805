/** Findings about what exists, in memory: open ones as long as they are, fixed ones for a week. */
import {
  type LiveFinding,
  type LiveRef,
  type Observation,
  SEVERITIES,
  type UnlistedKind,
} from '../model/index.ts';
import type { FindingStore, PolicyFindings, StoredFinding } from './store.ts';

const FIXED_KEPT_MS = 7 * 86_400_000;
const MOST_FIXED = 20_000;
const MOST_KEYS = 10_000;

interface Known {
  readonly resource: LiveRef;
  /** The last that saw it. */
  run: string;
  readonly findings: Map<string, StoredFinding>;
  snapshot: string;
  owner: string | undefined;
  unevaluated: boolean;
}

export function createMemoryFindings(now: number): FindingStore {
  const objects = new Map<string, Known>();
  /** By object and name, in the order in which they were fixed. */
  const fixed = new Map<string, StoredFinding>();
  let looked: Readonly<Record<string, number>> = {};
  const keys = new Set<string>();
  let dropped = 0;
  let complete = false;
  let unlisted: readonly UnlistedKind[] = [];

  function observe(
    { resource, findings, time, snapshot, owner, unevaluated }: Observation,
    run: string,
  ): void {
    const id = identity(resource);
    const before = objects.get(id);
    if (before !== undefined && before.resource.uid !== resource.uid) leave(id, time);
    const known = objects.get(id) ?? {
      resource,
      run,
      findings: new Map<string, StoredFinding>(),
      snapshot,
      owner,
      unevaluated: false,
    };
    objects.set(id, known);
    const changed = known.snapshot === snapshot ? 'object-changed' : 'policy-changed';
    known.run = run;
    known.snapshot = snapshot;
    known.owner = owner;
    known.unevaluated ||= unevaluated === true;
    const present = new Set(findings.map(nameOf));
    for (const [name, finding] of known.findings)
      if (!present.has(name)) {
        known.findings.delete(name);
        fix(finding, time, changed);
      }
    for (const finding of findings) known.findings.set(nameOf(finding), seen(known, finding, time, snapshot));
  }

  function seen(known: Known, finding: LiveFinding, time: number, snapshot: string): StoredFinding {
    const name = nameOf(finding);
    const { resource, unevaluated } = known;
    const open = known.findings.get(name);
    const state = { lastSeen: time, fixedAt: undefined, fixedBy: undefined, snapshot, unevaluated };
    if (open !== undefined)
      return { ...finding, ...state, resource, firstSeen: open.firstSeen, reopened: open.reopened };
    const former = fixed.get(fixedKey(resource, name));
    if (former === undefined) return { ...finding, ...state, resource, firstSeen: time, reopened: 0 };
    fixed.delete(fixedKey(resource, name));
    return { ...finding, ...state, resource, firstSeen: former.firstSeen, reopened: former.reopened + 1 };
  }

  function fix(finding: StoredFinding, time: number, by: NonNullable<StoredFinding['fixedBy']>): void {
    fixed.set(fixedKey(finding.resource, nameOf(finding)), { ...finding, fixedAt: time, fixedBy: by });
    const since = time - FIXED_KEPT_MS;
    for (const [key, { fixedAt }] of fixed) {
      if (fixedAt! >= since && fixed.size <= MOST_FIXED) return;
      fixed.delete(key);
      dropped++;
    }
  }

  /** What a run that has seen everything has not seen; of what it may not see, former runs know more. */
  function leaveOthers(run: string, time: number): void {
    const unseen = new Set(unlisted.map(({ group, kind }) => `${group}/${kind}`));
    for (const [id, known] of objects)
      if (known.run !== run && !unseen.has(kindOf(known.resource))) leave(id, time);
  }

  function leave(
    id: string,
    time: number,
    by: NonNullable<StoredFinding['fixedBy']> = 'object-deleted',
  ): void {
    for (const finding of objects.get(id)?.findings.values() ?? []) fix(finding, time, by);
    objects.delete(id);
  }

  const open = () => [...objects.values()].flatMap(({ findings }) => [...findings.values()]);
  const fixedOnes = () => [...fixed.values()];
  return {
    add(batch) {
      if (keys.has(batch.key)) return false;
      keys.add(batch.key);
      if (keys.size > MOST_KEYS) keys.delete(keys.values().next().value!);
      for (const observation of batch.observed) observe(observation, batch.run);
      for (const { resource, time, unlooked } of batch.gone) {
        const known = objects.get(identity(resource));
        // What was made again under its name is another object, and is there.
        if (known?.resource.uid === resource.uid)
          leave(identity(resource), time, unlooked === true ? 'policy-changed' : 'object-deleted');
      }
      unlisted = batch.unlisted ?? unlisted;
      if (batch.complete) leaveOthers(batch.run, batch.time);
      looked = batch.looked ?? looked;
      complete ||= batch.complete;
      return true;
    },
    list({ policy, namespace, verdict, state, once = false } = {}) {
      const isRepeated = once ? repeatedIn(objects.values()) : () => false;
      const all = state === 'open' ? open() : state === 'fixed' ? fixedOnes() : [...open(), ...fixedOnes()];
      return all
        .filter(
          (one) =>
            (policy === undefined || one.policy === policy) &&
            (namespace === undefined || one.resource.namespace === namespace) &&
            (verdict === undefined || one.verdict === verdict) &&
            !isRepeated(one),
        )
        .sort(worstFirst);
    },
    mark(resource, unevaluated) {
      const known = objects.get(identity(resource));
      if (known?.resource.uid !== resource.uid) return;
      known.unevaluated = unevaluated;
      for (const [name, finding] of known.findings) known.findings.set(name, { ...finding, unevaluated });
    },
    progress: () => ({ since: now, complete }),
    totals: () => ({
      open: open().length,
      fixed: fixed.size,
      dropped,
      objects: objects.size,
      unevaluated: [...objects.values()].filter((known) => known.unevaluated).length,
      policies: policiesIn(open(), looked),
      namespaces: countBy(open(), ({ resource }) => resource.namespace),
      since: now,
      complete,
      unlisted,
    }),
  };
}

/** Whether what controls an object, however far up, is found to have the same: a Deployment's violation is that of its Pods. */
function repeatedIn(objects: Iterable<Known>): (finding: StoredFinding) => boolean {
  const byUid = new Map<string, Known>();
  for (const known of objects) if (known.resource.uid !== '') byUid.set(known.resource.uid, known);
  return (finding) => {
    const name = nameOf(finding);
    const passed = new Set<string>();
    let owner = byUid.get(finding.resource.uid)?.owner;
    while (owner !== undefined && !passed.has(owner)) {
      passed.add(owner);
      const above = byUid.get(owner);
      if (above?.findings.has(name) === true) return true;
      owner = above?.owner;
    }
    return false;
  };
}

/** With its group, which is empty for the core. */
function kindOf({ apiVersion, kind }: LiveRef): string {
  return `${apiVersion.slice(0, Math.max(0, apiVersion.lastIndexOf('/')))}/${kind}`;
}

function identity({ apiVersion, kind, namespace, name }: LiveRef): string {
  // A kind is the same in all its versions.
  return `${apiVersion.slice(0, apiVersion.lastIndexOf('/') + 1)}${kind}\n${namespace}\n${name}`;
}

function fixedKey(resource: LiveRef, name: string): string {
  return `${identity(resource)}\n${resource.uid}\n${name}`;
}

function policiesIn(
  open: readonly StoredFinding[],
  looked: Readonly<Record<string, number>>,
): Record<string, PolicyFindings> {
  const counts = countBy(open, ({ policy }) => policy);
  const ids = new Set([...Object.keys(looked), ...Object.keys(counts)]);
  return Object.fromEntries(
    [...ids].sort().map((id) => [id, { looked: looked[id] ?? 0, open: counts[id] ?? 0 }]),
  );
}

function countBy<T>(all: readonly T[], keyOf: (one: T) => string): Record<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function nameOf({ policy, validation, verdict }: LiveFinding): string {
  return `${policy}\n${validation}\n${verdict === 'exempted' ? 'violation' : verdict}`;
}

function worstFirst(a: StoredFinding, b: StoredFinding): number {
  const order = SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
  if (order !== 0) return order;
  const [left, right] = [keyOf(a), keyOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function keyOf({ resource, policy, validation }: StoredFinding): string {
  return `${resource.namespace}\n${resource.kind}\n${resource.name}\n${policy}\n${validation}`;
}
