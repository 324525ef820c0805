import type { Format } from './format.ts';

/** The formats, each loaded when it is asked for. */
export const FORMATS = {
  pretty: async (): Promise<Format> => (await import('./pretty.ts')).pretty,
  json: async (): Promise<Format> => (await import('./json.ts')).json,
  ndjson: async (): Promise<Format> => (await import('./json.ts')).ndjson,
  sarif: async (): Promise<Format> => (await import('./sarif.ts')).sarif,
} as const;

export type FormatName = keyof typeof FORMATS;

export const FORMAT_NAMES = Object.keys(FORMATS) as readonly FormatName[];
