import type { Result, Severity, Verdict } from './finding.ts';
import type { Reason } from './reasons.ts';

/** A result with what only people read: it is printed by `pretty`, not part of the results schema. */
export interface Reported extends Result {
  /** What to do about an error. */
  readonly help?: string;
  /** Source line and caret, when the fault is inside an expression. */
  readonly excerpt?: string;
  /** What the fingerprint is made of beside the file; only while results are compared with a baseline. */
  readonly identity?: string;
  /** Keys of the allowances that stand where they cover it; only until it is decided what they are worth. */
  readonly allowedBy?: readonly string[];
  /** It makes the exit code 1, or 3 where it is an error. */
  readonly fails?: true;
  /** Keys of what tells other tools not to report it; only where that is looked for. */
  readonly suppressedBy?: readonly string[];
  /** What it comes from beside its place, if it was rendered; only until it is decided whether that changed. */
  readonly inputs?: readonly RenderInput[];
}

/** Something that a rendered result hangs on. */
export interface RenderInput {
  /** A file or folder, named as results name files. */
  readonly file: string;
  /**
   * The object that begins on `line`, the whole file, all that is in the folder, what is deleted from the folder, or what a
   * rampart.yaml says of how charts are deployed; that one may be missing.
   */
  readonly part: 'object' | 'file' | 'folder' | 'deletions' | 'environments';
  readonly line?: number;
}

/** What a report says of a policy beside its id. */
export interface PolicyInfo {
  readonly id: string;
  /** Short noun phrase. */
  readonly title: string;
  readonly severity: Severity;
  /** Kind of the object it was written as: `HardeningPolicy`, `ValidatingAdmissionPolicy`. */
  readonly kind: string;
  readonly layer?: string;
  readonly owner?: string;
  /** What is forbidden and allowed, in paragraphs. */
  readonly description?: string;
  /** What to change. */
  readonly remediation?: string;
  /** Framework → ids. */
  readonly frameworks?: Readonly<Record<string, readonly string[]>>;
  /** Ids of peers' checks. */
  readonly equivalents?: readonly string[];
  /** Those of them that ask for a part only of what they stand beside. */
  readonly narrower?: readonly string[];
  /** Set when it is to go. `removal`: `YYYY-MM-DD`. */
  readonly deprecation?: { readonly replacedBy?: string; readonly removal?: string };
  /** True when its findings point at secrets: reports do not show the value that stands there. */
  readonly conceal?: boolean;
}

/** One cause for which a policy gave no answer, however many resources it met. */
export interface Undecided {
  readonly policy: string;
  readonly verdict: 'skip' | 'error';
  readonly reason: Reason;
  readonly detail: string;
  readonly count: number;
}

export interface Summary {
  /** Files read, also those without a Kubernetes object. */
  readonly files: number;
  /** Kubernetes objects evaluated. */
  readonly resources: number;
  /** Policies selected. */
  readonly policies: number;
  /** Documents (or whole files) that are no Kubernetes objects. */
  readonly notKubernetes: number;
  /** Results of each verdict, also of those that are not listed without --all. */
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Violations of each severity; those that are known, or of a stage that fails no run, are not counted. */
  readonly severities: Readonly<Record<Severity, number>>;
  /** Violations that the baseline knows. */
  readonly known: number;
  /** Violations, not known, of policies whose stage only reports or annotates. */
  readonly staged: Readonly<Record<'audit' | 'warn', number>>;
  /** Violations and errors left out because nothing of theirs changed; null without --changed. */
  readonly unchanged: number | null;
  /** Skips and errors by cause, in the order of policy, reason, detail. */
  readonly undecided: readonly Undecided[];
  /** What --fail-on says. */
  readonly failOn: Severity | 'none';
  /** Violations at or above it, and those of policies at the stage enforce. */
  readonly failing: number;
  readonly exitCode: 0 | 1 | 3;
}

/** Everything a report prints, in printing order. */
export interface Report {
  readonly results: readonly Reported[];
  readonly summary: Summary;
  readonly policies: ReadonlyMap<string, PolicyInfo>;
  /** Said once, before the summary: a policy applied without a binding, a chart's folder. */
  readonly notices: readonly string[];
}
