import type { Environment, Severity } from '../model/index.ts';
import type { PodPath } from '../policy/index.ts';
import type { SuppressionSetup } from './suppressions.ts';

/** What may differ from file to file. */
export interface FileOptions {
  /** `key=value[,value…]`, each repeated key one more condition. */
  readonly select: readonly string[];
  readonly skip: readonly string[];
  /** `NAME=VALUE`. */
  readonly set: readonly string[];
  /** Of namespaced objects that name none. */
  readonly namespace: string;
  readonly failOn: Severity | 'none';
  /** Instead of what policies say, by their id. */
  readonly severity?: Readonly<Record<string, Severity>>;
  /** What errors call `select`, `skip` or `severity.ID`: a flag, or a place in a file. Absent: the flag. */
  readonly says?: (name: string) => string;
}

/** A policy that cannot be run, and that somebody knows of. */
export interface Acknowledged {
  readonly policy: string;
  readonly reason: string;
}

/** What to scan and how. */
export interface ScanOptions extends FileOptions {
  /** Files and folders; `-` is standard input. */
  readonly paths: readonly string[];
  readonly cwd: string;
  /** The name that standard input has in results. */
  readonly stdinFilename: string;
  readonly exclude: readonly string[];
  /** `builtin`, files, folders. */
  readonly policies: readonly string[];
  /** Whether objects are seen with what the API server fills in. */
  readonly defaults: boolean;
  /** Files with Namespaces and parameter objects. */
  readonly context: readonly string[];
  /** Whether the files and `context` are all there is. */
  readonly complete: boolean;
  /** File with one UserInfo. */
  readonly userinfo: string | undefined;
  /** File with answers that need a cluster. */
  readonly answers: string | undefined;
  /** Files and folders with CustomResourceDefinitions. */
  readonly schemas: readonly string[];
  /** What becomes of findings. */
  readonly gate: GateOptions;
  /** Also passes, skips and what is not Kubernetes. */
  readonly all: boolean;
  /** Whether results need fingerprints; else they are empty. */
  readonly fingerprints: boolean;
  /** Nothing to scan is no mistake of the caller's. */
  readonly allowEmpty: boolean;
  /** What is not Kubernetes is an error. */
  readonly strict: boolean;
  /** Whether results name the commit that their file is of. */
  readonly commits: boolean;
  /** Threads at most; undefined: one for each core. */
  readonly jobs: number | undefined;
  readonly cache: CacheOptions | undefined;
  readonly rendering: RenderingOptions;
  /** Where custom kinds carry pod templates. */
  readonly podPaths: readonly PodPath[];
  /** Options of a file's own, by its absolute path: the same object for files that are alike, undefined for those above. */
  readonly at?: (path: string) => FileOptions | undefined;
  /** Policies whose want of support does not fail the run. */
  readonly unsupported?: readonly Acknowledged[];
  /** Context of the kubeconfig whose cluster is scanned, too; empty: the current one. */
  readonly cluster?: string | undefined;
  /** What other tools suppress is looked for: where, and what files of their own say. */
  readonly suppressions?: SuppressionSetup;
  /** The configuration in force, an absolute path: it is no manifest. */
  readonly config?: string;
}

/** How charts and kustomizations are rendered. */
export interface RenderingOptions {
  /** False: nothing is run. Charts are errors, and what kustomizations build on is scanned as it stands. */
  readonly run: boolean;
  readonly allowNetwork: boolean;
  /** URLs by which Argo CD and Flux know this repository, beside those of its remotes. */
  readonly repositories: readonly string[];
  /** Ways in which the charts are deployed. */
  readonly environments: readonly Environment[];
  /** For each rendering; undefined: a minute. */
  readonly seconds: number | undefined;
  /** Of the process: where the programs are, and how the network is reached if it may be. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Where to find and keep what is learnt of policies. */
export interface CacheOptions {
  /** Of the user's own, which nobody else can write; undefined: nothing is kept. */
  readonly folder: string | undefined;
  /** Tells this engine from others. */
  readonly engine: string;
  /** The built-in library prepared: a path without ending (prepared.ts); undefined where there is none, or the library is not what it was made of. */
  readonly prepared: string | undefined;
  /** Where results of scans are kept; undefined: they are not. */
  readonly results?: () => string | undefined;
  /** A folder of the user's own that is no part of any cache: the key that seals results is in it. */
  readonly state?: () => string | undefined;
}

export interface GateOptions {
  /** The branch, tag or commit that decides: policies, baseline and the like are read from it; undefined: from here. */
  readonly ref: string | undefined;
  /** File with the checks that are accepted; undefined: the nearest rampart.lock; null: none. */
  readonly lock: string | null | undefined;
  /** File with the findings that are known; undefined: none is. */
  readonly baseline: string | undefined;
  /** Whether to write it anew. */
  readonly updateBaseline: boolean;
  /** Commit to compare with: only what changed since counts; null: what the branch is to be merged into. */
  readonly changed: string | null | undefined;
  /** Allowances in manifests count for findings less severe than this. */
  readonly allowBelow: Severity;
  /** Whether to say who added what excuses findings. */
  readonly blame: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Findings as they are. */
export const NO_GATE: GateOptions = {
  ref: undefined,
  lock: null,
  baseline: undefined,
  updateBaseline: false,
  changed: undefined,
  allowBelow: 'high',
  blame: false,
  env: {},
};
