/** What a new snapshot would change. */
import type { StageEntry } from '../../model/index.ts';
import { type CompiledPolicy, meaningOf } from '../../policy/index.ts';
import { canonicalJson } from './canonical.ts';
import type { CompiledSnapshot } from './compile.ts';
import { byCodeUnit } from './content.ts';

export interface SnapshotDiff {
  readonly before: string;
  readonly after: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** `meaning`: it can decide otherwise. `severity`: only how much it matters. `text`: only what it says. */
  readonly changed: readonly { readonly id: string; readonly what: 'meaning' | 'severity' | 'text' }[];
  readonly stages: readonly {
    readonly id: string;
    readonly before: readonly StageEntry[];
    readonly after: readonly StageEntry[];
  }[];
  /** `NAMESPACE/NAME`. */
  readonly exemptions: Changes;
  /** Namespaces; the default of all others by the name `*`. */
  readonly tiers: readonly { readonly namespace: string; readonly before: string; readonly after: string }[];
  /** Ids of policies that are only looked at. */
  readonly observed: Changes;
  readonly settings: readonly { readonly name: string; readonly before: string; readonly after: string }[];
  /** Whether documents differ that are none of these: parameters, or where something stands. */
  readonly others: boolean;
}

export interface Changes {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export function diffSnapshots(before: CompiledSnapshot, after: CompiledSnapshot): SnapshotDiff {
  const policies = changesOf(policiesOf(before), policiesOf(after));
  const found: Omit<SnapshotDiff, 'others'> = {
    before: before.digest,
    after: after.digest,
    added: policies.added,
    removed: policies.removed,
    changed: changedPolicies(before, after),
    stages: movedStages(before, after),
    exemptions: changesOf(exemptionsOf(before), exemptionsOf(after)),
    tiers: otherValues(tiersOf(before), tiersOf(after)).map(({ name, ...rest }) => ({
      namespace: name,
      ...rest,
    })),
    observed: changesOf(observedOf(before), observedOf(after)),
    settings: otherValues(before.content.settings, after.content.settings),
  };
  return { ...found, others: before.digest !== after.digest && isQuiet(found) };
}

function isQuiet({ before: _, after: __, ...parts }: Omit<SnapshotDiff, 'others'>): boolean {
  return Object.values(parts).every((part) =>
    Array.isArray(part) ? part.length === 0 : Object.values(part).every((list) => list.length === 0),
  );
}

type Forms = ReadonlyMap<string, string>;

function changesOf(before: Forms, after: Forms): Changes {
  const ids = [...new Set([...before.keys(), ...after.keys()])].sort(byCodeUnit);
  return {
    added: ids.filter((id) => !before.has(id)),
    removed: ids.filter((id) => !after.has(id)),
    changed: ids.filter((id) => before.has(id) && after.has(id) && before.get(id) !== after.get(id)),
  };
}

function policiesOf({ set }: CompiledSnapshot): Forms {
  return formsOf(set.policies);
}

function observedOf({ observed }: CompiledSnapshot): Forms {
  return formsOf(observed.policies);
}

function formsOf(policies: readonly CompiledPolicy[]): Forms {
  return new Map([...byId(policies)].map(([id, readings]) => [id, meaningOf(readings)]));
}

function byId(policies: readonly CompiledPolicy[]): Map<string, CompiledPolicy[]> {
  const groups = new Map<string, CompiledPolicy[]>();
  for (const policy of policies) groups.set(policy.id, [...(groups.get(policy.id) ?? []), policy]);
  return groups;
}

function changedPolicies(before: CompiledSnapshot, after: CompiledSnapshot): SnapshotDiff['changed'] {
  const [old, now] = [byId(before.set.policies), byId(after.set.policies)];
  return [...now.keys()].sort(byCodeUnit).flatMap((id) => {
    const was = old.get(id);
    const what = was === undefined ? undefined : differenceOf(was, now.get(id)!);
    return what === undefined ? [] : [{ id, what }];
  });
}

function differenceOf(before: readonly CompiledPolicy[], after: readonly CompiledPolicy[]) {
  if (meaningOf(before) !== meaningOf(after)) return 'meaning' as const;
  const severities = (policies: readonly CompiledPolicy[]) =>
    policies.map(({ info }) => info.severity).join();
  if (severities(before) !== severities(after)) return 'severity' as const;
  return wordsOf(before) === wordsOf(after) ? undefined : ('text' as const);
}

/** All but where it stands. */
function wordsOf(policies: readonly CompiledPolicy[]): string {
  return canonicalJson(
    policies.map(({ origin: _, codeOrigin: __, code: ___, exceptions: ____, ...rest }) => rest),
  );
}

function movedStages(before: CompiledSnapshot, after: CompiledSnapshot): SnapshotDiff['stages'] {
  const ids = [...new Set([...before.stages.keys(), ...after.stages.keys()])].sort(byCodeUnit);
  return ids.flatMap((id) => {
    const [old, now] = [before.stages.get(id) ?? [], after.stages.get(id) ?? []];
    return canonicalJson(old) === canonicalJson(now) ? [] : [{ id, before: old, after: now }];
  });
}

function exemptionsOf({ exemptions }: CompiledSnapshot): Forms {
  return new Map(
    exemptions.map(({ origin: _, ...one }) => [`${one.namespace}/${one.name}`, canonicalJson(one)]),
  );
}

/** What holds for all that is not named has the one name that no namespace can have. */
const REST = '*';

function tiersOf({ tiers }: CompiledSnapshot): Readonly<Record<string, string>> {
  return { ...tiers.namespaces, [REST]: tiers.default };
}

function otherValues(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(byCodeUnit);
  return names.flatMap((name) => {
    const [old = 'none', now = 'none'] = [before[name], after[name]];
    return old === now ? [] : [{ name, before: old, after: now }];
  });
}
