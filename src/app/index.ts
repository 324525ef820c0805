/** @module Wiring: the room that knows all others, and what each command does. */
export { celReferencePages } from '../cel/libraries/reference.ts';
export { policyReferencePages } from '../policy/index.ts';
export type { ScanOptions } from './options.ts';
export { type ScanOutcome, scan } from './scan.ts';
export { testPolicies } from './test.ts';
export { UsageError } from './usage.ts';
