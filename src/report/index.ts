/** @module The output formats: one file each, from a Report to text. */
export { FORMAT_NAMES, FORMATS, type Format, type FormatName, type FormatOptions } from './format.ts';
export { resultsSchema } from './results-schema.ts';
export { plainLines } from './text.ts';
