/** @module The output formats: one file each, from a Report to text. */
export type { Format, FormatOptions } from './format.ts';
export { FORMAT_NAMES, FORMATS, type FormatName, loadJobSummary } from './formats.ts';
export { junitXml, type Outcome, type TestCase } from './junit-xml.ts';
export { resultsSchema } from './results-schema.ts';
export { plainLines } from './text.ts';
