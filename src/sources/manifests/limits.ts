/** Bounds on what is read, so that no file can take the memory or the stack. All can be set by the caller. */
export interface ReadLimits {
  /** Bytes of one file. */
  readonly fileBytes: number;
  /** Nesting of mappings and sequences, aliases expanded. */
  readonly depth: number;
  /** Documents in one file. */
  readonly documents: number;
}

export const DEFAULT_LIMITS: ReadLimits = {
  fileBytes: 64 * 1024 * 1024,
  depth: 500,
  documents: 100_000,
};
