/** @module Where verdicts meet requests and objects: thin gates from an input to a decision and its reply. */
export {
  type AdmissionGate,
  type AdmissionGateOptions,
  type AskedElsewhere,
  createAdmissionGate,
  type GateJob,
  type GateReply,
  MOST_LOOKS,
  type Said,
} from './admission.ts';
export {
  type BackgroundGate,
  createBackgroundGate,
  type Judgement,
  liveRefOf,
} from './background.ts';
export type { DecidingSnapshot } from './deciding.ts';
export { type Change, changeOf, changeWith } from './mutation.ts';
export { readReview } from './review.ts';
export { createTally, type DecisionTally } from './tally.ts';
export { unfinishedFinding } from './unfinished.ts';
