/** A bounded queue in which users take turns, however many each of them brings. */

export interface FairQueue<T extends object> {
  /** `full`: there is no room, and none is made. Else what had to leave for it, of the user with the most; null: nothing. */
  add(user: string, item: T): { readonly displaced: T | null } | 'full';
  /** The oldest item of the user whose turn it is. */
  take(): T | undefined;
  /** Of an item that is no longer wanted; false when it is not there. */
  remove(user: string, item: T): boolean;
  size(): number;
}

export function createFairQueue<T extends object>(limit: number): FairQueue<T> {
  /** In the order of their turns; never an empty list. */
  const users = new Map<string, T[]>();
  let size = 0;

  const removeAt = (user: string, items: T[], at: number): T => {
    const [item] = items.splice(at, 1);
    if (items.length === 0) users.delete(user);
    size--;
    return item!;
  };

  const displaceFor = (user: string): T | null => {
    const [most, items] = longest(users);
    const own = users.get(user)?.length ?? 0;
    // Only who keeps more than the newcomer would have then: nobody is displaced back and forth.
    if (items.length <= own + 1) return null;
    return removeAt(most, items, items.length - 1);
  };

  return {
    add(user, item) {
      let displaced: T | null = null;
      if (size >= limit) {
        displaced = size === 0 ? null : displaceFor(user);
        if (displaced === null) return 'full';
      }
      const items = users.get(user);
      if (items === undefined) users.set(user, [item]);
      else items.push(item);
      size++;
      return { displaced };
    },
    take() {
      for (const [user, items] of users) {
        users.delete(user);
        const item = items.shift()!;
        if (items.length > 0) users.set(user, items);
        size--;
        return item;
      }
      return undefined;
    },
    remove(user, item) {
      const items = users.get(user);
      const at = items?.indexOf(item) ?? -1;
      if (at < 0) return false;
      removeAt(user, items!, at);
      return true;
    },
    size: () => size,
  };
}

function longest<T>(users: ReadonlyMap<string, T[]>): readonly [string, T[]] {
  let most: readonly [string, T[]] = ['', []];
  for (const entry of users) if (entry[1].length > most[1].length) most = entry;
  return most;
}
