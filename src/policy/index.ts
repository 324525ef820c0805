/**
 * @module Policies of every dialect in one compiled form, one evaluator for them, their selection, their check and
 * their tests.
 */

export { type ApiCalls, type ApiRead, apiCalls } from './api-calls.ts';
export { type CheckReport, checkPolicies, type KindKnowledge } from './check/check.ts';
export { checkForms, MUTATION, meaningOf } from './check-form.ts';
export { type CompileOptions, compilePolicies, compilingPolicies } from './compile.ts';
export { type ConflictOptions, findConflicts } from './conflicts/conflicts.ts';
export type { ConflictReport } from './conflicts/report.ts';
export { type Conversion, type ConvertTarget, convertPolicy } from './convert/convert.ts';
export { type Beside, decidesWhere } from './dialects/decides.ts';
export { roleOf } from './dialects/kinds.ts';
export type { ExpressionMemory } from './environment/compiler.ts';
export { type Answer, answer, type Denial } from './evaluate/answer.ts';
export { decodedObject, type EvaluationContext, shareContext } from './evaluate/context.ts';
export { type PodPath, templatesAt } from './evaluate/embedded.ts';
export {
  type Begun,
  createEvaluator,
  type Evaluator,
  type EvaluatorOptions,
  type ReviewedPolicy,
  type Tally,
} from './evaluate/evaluator.ts';
export type { Follower } from './evaluate/follower.ts';
export type {
  AppliedMutation,
  MutationAnswer,
  MutationDenial,
  MutationError,
} from './evaluate/mutation-answer.ts';
export type { ParamSource } from './evaluate/params.ts';
export { NOTHING_KNOWN } from './evaluate/related.ts';
export { type Shares, startShares } from './evaluate/shares.ts';
export { type Stopwatch, startStopwatch } from './evaluate/stopwatch.ts';
export { turnOf } from './evaluate/turns.ts';
export type { Authorize } from './evaluate/vars.ts';
export type { Binding, CompiledPolicy, Dialect, GroupKind, Lookup, Validation } from './form.ts';
export { type KeptSet, type KeptText, keepSet, type ProgramSource, reviveSet } from './kept.ts';
export type { PolicySet } from './load.ts';
export type { NamespaceSource } from './match/namespaces.ts';
export { isSeenThrough, looksBeyondMetadata, type ReachedKind, reaches } from './match/reach.ts';
export { type PatchOperation, patchBetween } from './mutate/diff.ts';
export { assessReadiness, type Readiness, type ReadinessStatus } from './readiness.ts';
export { policyReferencePages } from './reference.ts';
export { isMeant, kindsOf, type Place, placesOf } from './related/places.ts';
export {
  isWanted,
  mayBeWanted,
  type Relative,
  relativeOf,
  type Wanted,
  wantedBy,
} from './related/relative.ts';
export {
  type Coverage as RelatedCoverage,
  createSurroundings,
  type LookedUp,
  type Surroundings,
} from './related/surroundings.ts';
export type { Asked as LookupQuestion, Found } from './related/table.ts';
export { type AdmissionRequest, type Original, parseApiVersion, type UserInfo } from './request.ts';
export { newReuse, type Reuse } from './reuse.ts';
export {
  isSelected,
  RECOMMENDED,
  SELECTION_KEYS,
  type Selection,
  type SelectionResult,
  selectPolicies,
  setsOf,
  unknownTerms,
} from './select.ts';
export {
  DEFAULT_SETTINGS,
  parseSettings,
  SETTINGS,
  type SettingName,
  type Settings,
  type SettingsResult,
} from './settings/settings.ts';
export type { PolicySource } from './source/places.ts';
export type { Entry } from './test/folders.ts';
export type { TestIo } from './test/io.ts';
export type { Coverage, TestReport, TestResult, TestSummary } from './test/report.ts';
export { runPolicyTests } from './test/run.ts';
export { createTestSession, type SessionRun } from './test/session.ts';
