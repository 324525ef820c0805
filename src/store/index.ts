/** @module What the controller remembers: decisions and their counts. */
export { createMemoryDecisions } from './memory.ts';
export type { DecisionStore, DecisionTotals } from './store.ts';
