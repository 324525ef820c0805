import type { Reported, Severity } from '../model/index.ts';
import type { CacheOptions, RenderingOptions } from './options.ts';

export interface DiffOptions {
  /** `builtin`, a file, a folder, a commit, or a lock: the policies as they are. */
  readonly before: string;
  /** The same: the policies as they would be. */
  readonly after: string;
  /** Manifests to find the difference on; none: only the policies are compared. */
  readonly paths: readonly string[];
  readonly cwd: string;
  /** `NAME=VALUE`. */
  readonly set: readonly string[];
  readonly namespace: string;
  readonly defaults: boolean;
  /** Files with Namespaces and parameter objects. */
  readonly context: readonly string[];
  readonly cache: CacheOptions | undefined;
  readonly rendering: RenderingOptions;
}

export interface PolicyDiff {
  readonly added: readonly { readonly id: string; readonly severity: Severity }[];
  /** A lock does not say what severity they had. */
  readonly removed: readonly { readonly id: string; readonly severity: Severity | null }[];
  /** With the parts that differ: `severity`, `validations`, `match`, … */
  readonly changed: readonly { readonly id: string; readonly parts: readonly string[] }[];
  /** Violations that only the new set finds. */
  readonly newFindings: readonly Reported[];
  /** Violations that only the old set found. */
  readonly goneFindings: readonly Reported[];
  /** What could not be evaluated under the new set, and documents of it that were refused. */
  readonly errors: readonly Reported[];
}
