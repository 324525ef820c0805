/** @module What the controller remembers: decisions with their counts, and findings about what exists. */
export { createMemoryDecisions } from './memory.ts';
export { createMemoryFindings } from './memory-findings.ts';
export type {
  DecisionStore,
  DecisionTotals,
  FindingFilter,
  FindingStore,
  FindingTotals,
  PolicyFindings,
  StoredFinding,
} from './store.ts';
