/** What is under way, in no order. */

export interface Placed {
  /** Where the list has it. */
  place: number;
}

export interface OpenList<T extends Placed> {
  add(item: T): void;
  remove(item: T): void;
  /** As they are now. */
  all(): readonly T[];
}

/**
 * An array in which the last takes the place of what goes. Not a Set: under load that makes itself anew again and again, and what
 * it leaves behind keeps all that was in it alive until the next full collection, which doubled the memory of a worker.
 */
export function createOpenList<T extends Placed>(): OpenList<T> {
  const items: T[] = [];
  return {
    add(item) {
      item.place = items.length;
      items.push(item);
    },
    remove(item) {
      const last = items.pop()!;
      if (last === item) return;
      items[item.place] = last;
      last.place = item.place;
    },
    all: () => items.slice(),
  };
}
