/** @module The words of Rampart as types; no behaviour. */
export type { AskedAbout, DecisionBatch, DecisionCounts } from './batch.ts';
export { changedAt, lastChange, WHOLE_SUBRESOURCES } from './changed.ts';
export type { Decision, DecisionRecord, Effect, Outcome, PolicyCounts } from './decision.ts';
export type { Environment, HelmRelease } from './environment.ts';
export type { Exemption } from './exemption.ts';
export type { Action, Finding, Origin, ResourceRef, Result, Severity, Stage, Verdict } from './finding.ts';
export { SEVERITIES, STAGES } from './finding.ts';
export type { Change, LiveKind, LiveName, LiveObjects, LiveState } from './live.ts';
export type {
  Departure,
  FindingBatch,
  LiveFinding,
  LiveRef,
  Observation,
  UnlistedKind,
} from './live-finding.ts';
export type { Problem } from './problem.ts';
export type { Reason } from './reasons.ts';
export { REASONS } from './reasons.ts';
export type { PolicyInfo, RenderInput, Report, Reported, Summary, Undecided } from './report.ts';
export type { JsonMap, Resource, ResourceOrigin } from './resource.ts';
export type {
  Defaults,
  Discovery,
  EquivalentResource,
  FieldSchema,
  FieldType,
  ResourceInfo,
  Schemas,
} from './schema.ts';
export type { SnapshotContent, SnapshotDocument, StageEntry, StageScope, Tier, Tiers } from './snapshot.ts';
export { TIERS } from './snapshot.ts';
