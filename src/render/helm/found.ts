/** The line of a template on which a field's line, or that of its nearest marked parent, was written. */
export interface Found {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The field that the line is of. */
  readonly pointer: string;
  /** The field that was asked for. */
  readonly wanted: string;
  /** The lines of the template. */
  readonly lines: readonly string[];
}
