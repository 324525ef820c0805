import type { Severity } from '../model/index.ts';

/** What to scan and how: plain data, so that it travels to worker threads as it is. */
export interface ScanOptions {
  /** Files and folders; `-` is standard input. */
  readonly paths: readonly string[];
  readonly cwd: string;
  /** The name that standard input has in results. */
  readonly stdinFilename: string;
  readonly exclude: readonly string[];
  /** `builtin`, files, folders. */
  readonly policies: readonly string[];
  /** `key=value[,value…]`, each repeated key one more condition. */
  readonly select: readonly string[];
  readonly skip: readonly string[];
  /** `NAME=VALUE`. */
  readonly set: readonly string[];
  /** Of namespaced objects that name none. */
  readonly namespace: string;
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
  readonly failOn: Severity | 'none';
  /** Also passes, skips and what is not Kubernetes. */
  readonly all: boolean;
  /** Whether results need fingerprints; else they are empty. */
  readonly fingerprints: boolean;
  /** What is not Kubernetes is an error. */
  readonly strict: boolean;
  /** Whether results name the commit that their file is of. */
  readonly commits: boolean;
  /** Threads at most; undefined: one for each core. */
  readonly jobs: number | undefined;
  readonly cache: CacheOptions | undefined;
}

/** Where to find and keep what is learnt of policies. */
export interface CacheOptions {
  /** Of the user's own, which nobody else can write; undefined: nothing is kept. */
  readonly folder: string | undefined;
  /** Tells this engine from others. */
  readonly engine: string;
  /** The built-in library prepared: a path without ending (prepared.ts); undefined where there is none, or the library is not what it was made of. */
  readonly prepared: string | undefined;
}
