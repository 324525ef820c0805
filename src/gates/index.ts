/** @module Where verdicts meet requests: thin gates from an input to a decision and its reply. */
export {
  type AdmissionGate,
  type AdmissionGateOptions,
  createAdmissionGate,
  type DecidingSnapshot,
  type GateJob,
  type GateReply,
} from './admission.ts';
export { readReview } from './review.ts';
export { createTally, type DecisionTally } from './tally.ts';
export { unfinishedFinding } from './unfinished.ts';
