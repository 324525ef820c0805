/** @module The output formats: one file each, from a Report to text. */
export type { Format, FormatOptions } from './format.ts';
export { FORMAT_NAMES, FORMATS, type FormatName } from './formats.ts';
export { resultsSchema } from './results-schema.ts';
export { plainLines } from './text.ts';
