/** @module From findings to what becomes of them: exemptions, allowances, what was known before. Pure. */
export {
  type Allowance,
  covers,
  isOver,
  type PlacedAllowance,
  parseAllowance,
} from './allowance.ts';
export {
  type BaselineEntry,
  baselineText,
  type Candidate,
  matchBaseline,
  parseBaseline,
} from './baseline.ts';
export { type Circumstances, decide } from './decide.ts';
export { exempts, isExpired, names } from './exemption.ts';
export { type Lock, type LockedPolicy, lockText, parseLock, stageOf } from './lock.ts';
export { type Place, stageAt } from './stages.ts';
export { TIER_LABEL, tierOf } from './tiers.ts';
