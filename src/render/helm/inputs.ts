/** What objects of a chart hang on, so that a change of it is one of theirs. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import type { RenderInput } from '../../model/index.ts';
import type { Shown } from '../names.ts';
import { readText } from '../values.ts';
import { type Chart, localDependencies, originalOf, type StagedChart, templateFiles } from './chart.ts';
import type { Release } from './release.ts';

/** Everything a chart may be rendered from. */
export function chartInputs(chart: Chart, release: Release, shown: Shown): RenderInput[] {
  const folders = [chart.file, ...localDependencies(chart).map(shown)];
  return [...folders.map((file): RenderInput => ({ file, part: 'folder' })), ...valuesInputs(release)];
}

function valuesInputs({ values, inputs }: Release): RenderInput[] {
  return [...inputs, ...values.flatMap((layer) => layer.inputs)];
}

/**
 * What every object hangs on, whichever template makes it: values, templates with definitions, what templates read by
 * `.Files`, and what is missing by now.
 */
export function sharedInputs(staged: StagedChart, release: Release, shown: Shown): RenderInput[] {
  const templates = new Map(templateFiles(staged.folder).map((path) => [path, readFileSync(path, 'utf8')]));
  const readsFiles = [...templates.values()].some((text) => text.includes('.Files'));
  const isShared = (path: string): boolean => {
    const text = templates.get(path);
    if (text !== undefined) return /\{\{-?\s*(?:define|block)\b/.test(text);
    return readsFiles || SETTINGS.test(basename(path));
  };
  const files = readdirSync(staged.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes(`${sep}crds${sep}`) && isShared(path))
    .flatMap((path) => originalOf(path, staged) ?? []);
  return [
    ...files.map((path): RenderInput => ({ file: shown(path), part: 'file' })),
    ...staged.copies.map(({ from }): RenderInput => ({ file: shown(from), part: 'deletions' })),
    ...valuesInputs(release),
  ];
}

/** Whether a template prints others by their path, other than as a checksum, which no policy looks into. */
export function readsOthers(template: string): boolean {
  const lines = (readText(template) ?? '').split('\n');
  return lines.some((line) => line.includes('.BasePath') && !line.includes('sha256sum'));
}

/** Files of a chart that Helm itself reads. */
const SETTINGS =
  /^(?:Chart\.yaml|Chart\.lock|requirements\.(?:yaml|lock)|values\.yaml|\.helmignore|.*\.tgz)$/;
