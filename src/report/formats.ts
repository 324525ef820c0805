import type { Report } from '../model/index.ts';
import type { Format } from './format.ts';

/** The formats, each loaded when it is asked for. */
export const FORMATS = {
  pretty: async (): Promise<Format> => (await import('./pretty.ts')).pretty,
  json: async (): Promise<Format> => (await import('./json.ts')).json,
  ndjson: async (): Promise<Format> => (await import('./json.ts')).ndjson,
  sarif: async (): Promise<Format> => (await import('./sarif.ts')).sarif,
  junit: async (): Promise<Format> => (await import('./junit.ts')).junit,
  github: async (): Promise<Format> => (await import('./github.ts')).github,
  gitlab: async (): Promise<Format> => (await import('./gitlab.ts')).gitlab,
  markdown: async (): Promise<Format> => (await import('./markdown.ts')).markdown,
  html: async (): Promise<Format> => (await import('./html.ts')).html,
  openreports: async (): Promise<Format> => (await import('./openreports.ts')).openreports,
  policyreport: async (): Promise<Format> => (await import('./openreports.ts')).policyreport,
} as const;

export type FormatName = keyof typeof FORMATS;

export const FORMAT_NAMES = Object.keys(FORMATS) as readonly FormatName[];

/** The Markdown that `github` adds to the summary of a job. */
export async function loadJobSummary(): Promise<(report: Report, limit: number) => string> {
  return (await import('./markdown.ts')).jobSummary;
}
