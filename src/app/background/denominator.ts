/** How many objects each policy looks at: without it nobody knows what its findings are of. */

export interface Denominator {
  /** @param looked Ids of the policies that look at the object now. */
  set(object: string, looked: readonly string[]): void;
  delete(object: string): void;
  /** Objects by id of the policy. */
  counts(): Record<string, number>;
}

interface Shared {
  readonly looked: readonly string[];
  objects: number;
}

/** Objects of one kind are mostly looked at by the same policies: they share one list. */
export function createDenominator(): Denominator {
  const shared = new Map<string, Shared>();
  const byObject = new Map<string, string>();

  function remove(object: string): void {
    const key = byObject.get(object);
    if (key === undefined) return;
    byObject.delete(object);
    const entry = shared.get(key)!;
    if (--entry.objects === 0) shared.delete(key);
  }

  return {
    set(object, looked) {
      const key = looked.join('\n');
      if (byObject.get(object) === key) return;
      remove(object);
      const entry = shared.get(key) ?? { looked, objects: 0 };
      entry.objects++;
      shared.set(key, entry);
      byObject.set(object, key);
    },
    delete: remove,
    counts() {
      const counts = new Map<string, number>();
      for (const { looked, objects } of shared.values())
        for (const id of looked) counts.set(id, (counts.get(id) ?? 0) + objects);
      return Object.fromEntries(counts);
    },
  };
}
