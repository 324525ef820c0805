import type { Report } from '../model/index.ts';

export interface FormatOptions {
  readonly color: boolean;
  /** Columns that lines should keep to. */
  readonly width: number;
  /** Of Rampart. */
  readonly version: string;
  /** Only findings and errors: no notices, no summary. */
  readonly quiet: boolean;
  /** Also passes and skips, one by one. */
  readonly all: boolean;
  /** Text of a file by the name it has in results; undefined when it cannot be read any more. */
  readonly source: (file: string) => string | undefined;
}

/** Yields the output in pieces, so that a report of any length is written without being held twice. */
export type Format = (report: Report, options: FormatOptions) => Iterable<string>;
