/** Seeded choices: the same seed makes the same manifests. */

export type Json = null | boolean | number | string | Json[] | Fields;
export interface Fields {
  [key: string]: Json;
}

export class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to 1 (mulberry32). */
  number(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  chance(probability: number): boolean {
    return this.number() < probability;
  }

  below(limit: number): number {
    return Math.floor(this.number() * limit);
  }

  one<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** Between `least` and `most` different ones, in the order of the list. */
  some<T>(items: readonly T[], least: number, most: number): T[] {
    const wanted = Math.min(items.length, least + this.below(most - least + 1));
    const chosen = new Set<number>();
    while (chosen.size < wanted) chosen.add(this.below(items.length));
    return [...chosen].sort((a, b) => a - b).map((index) => items[index] as T);
  }
}
