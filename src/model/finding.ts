import type { Reason } from './reasons.ts';

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

export type Verdict = 'pass' | 'violation' | 'error' | 'skip' | 'exempted';

export const STAGES = ['audit', 'warn', 'enforce'] as const;
/** How far a policy has come: audit reports, warn annotates, enforce fails. */
export type Stage = (typeof STAGES)[number];

/** What the cluster would do with the request. */
export type Action = 'deny' | 'warn' | 'audit' | 'allow';

export interface ResourceRef {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  /** `metadata.name`, or `metadata.generateName` followed by `*`. */
  readonly name: string;
}

/** One policy × one resource × (for violations) one validation. Knows pointers into the resource, not files. */
export interface Finding {
  readonly policy: string | null;
  /** Name of the validation, or `validations[0]`. */
  readonly validation?: string;
  readonly severity: Severity;
  readonly verdict: Verdict;
  readonly action: Action;
  readonly reason: Reason;
  /** What exactly, in a sentence: the policy's message for violations, the error's text for errors. */
  readonly detail: string;
  readonly resource: ResourceRef | null;
  /** JSON Pointer (RFC 6901) of the field that decided; it need not exist in the resource. */
  readonly path?: string;
}

/** A place in a file. Lines and columns count from 1; columns in UTF-16 code units. */
export interface Origin {
  /** Relative to the working directory, with `/`; as given for files outside it; `<stdin>` for standard input. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly commit?: string;
}

/** A finding with its place: what every output format prints. */
export interface Result extends Finding {
  readonly origin: Origin;
  /** It is in the baseline: it is listed, and fails no run. */
  readonly known?: true;
  /** What rampart.lock says of its policy; without it --fail-on decides. Audit and warn fail no run, enforce does. */
  readonly stage?: Stage;
  /** What it was rendered for: environments of a chart, kustomizations, deployments; absent for files as they stand. */
  readonly environments?: readonly string[];
  /** Where the value comes from that a template only takes over. */
  readonly note?: string;
  /** Stays the same when the file is reformatted or list-map items are reordered; hex. Empty when no report shows it. */
  readonly fingerprint: string;
}
