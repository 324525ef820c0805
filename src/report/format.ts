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

/** The formats, each loaded when it is asked for. */
export const FORMATS = {
  pretty: async (): Promise<Format> => (await import('./pretty.ts')).pretty,
  json: async (): Promise<Format> => (await import('./json.ts')).json,
  ndjson: async (): Promise<Format> => (await import('./json.ts')).ndjson,
  sarif: async (): Promise<Format> => (await import('./sarif.ts')).sarif,
} as const;

export type FormatName = keyof typeof FORMATS;

export const FORMAT_NAMES = Object.keys(FORMATS) as readonly FormatName[];
