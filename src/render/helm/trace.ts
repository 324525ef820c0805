/** From fields of rendered objects back to lines of templates. */
import type { Resource } from '../../model/index.ts';
import {
  createLocator,
  DEFAULT_LIMITS,
  type Locate,
  type Manifest,
  readManifest,
} from '../../sources/index.ts';
import { outline } from '../../sources/manifests/documents.ts';
import { type Shown, shownIn } from '../names.ts';
import type { Place } from '../rendering.ts';
import { follow, pointerOf, readText, sameShape, tokensOf } from '../values.ts';
import type { Chart } from './chart.ts';
import type { Found } from './found.ts';
import { readMark } from './markers.ts';
import { noteOf } from './note.ts';
import type { Release } from './release.ts';

/** A rendering with marks, and what their numbers stand for. */
export interface Marked {
  readonly text: string;
  readonly nonce: string;
  /** By index: the template as it lies in the repository; undefined for what does not. */
  readonly files: readonly (string | undefined)[];
  readonly texts: readonly string[];
}

export interface Rendered {
  readonly output: string;
  readonly marked: Marked | undefined;
  readonly manifest: Manifest;
  readonly chart: Chart;
  readonly release: Release;
  readonly shown: Shown;
}

export interface Tracer {
  /** The template as Helm names it: `shop/templates/web.yaml`. */
  sourceOf(resource: Resource): string | undefined;
  /** `source`: that template in the repository. */
  placer(resource: Resource, index: number, source: string | undefined): (pointer: string) => Place;
  /** The template that printed a line of the output. */
  originOfLine(line: number, fileOf: (name: string) => string | undefined): Place;
}

export function createTracer({ output, marked, manifest, chart, release, shown }: Rendered): Tracer {
  const lines = output.split('\n');
  const names = sourceNames(output, lines);
  const whole: Place = { file: shownIn(chart.file, 'Chart.yaml'), line: 1, column: 1 };
  const find = marked === undefined ? undefined : markFinder(marked, manifest);

  return {
    sourceOf: ({ origin }) => names[origin.document],
    placer(resource, index, source) {
      const coarse: Place =
        source === undefined ? whole : { file: shown(source), line: kindLine(resource, source), column: 1 };
      return (pointer) => {
        const found = find?.(resource, index, pointer);
        if (found === undefined) return coarse;
        const { file, line, column } = found;
        const note = noteOf(found, resource.object, chart, release, shown);
        return { file: shown(file), line, column, ...(note === undefined ? {} : { note }) };
      };
    },
    originOfLine(line, fileOf) {
      const head = lines
        .slice(0, line)
        .findLastIndex((text, at) => text === '---' && isSource(lines[at + 1]));
      const name = head === -1 ? undefined : sourceName(lines[head + 1]!);
      const file = name === undefined ? undefined : fileOf(name);
      return file === undefined ? whole : { file: shown(file), line: 1, column: 1 };
    },
  };
}

const SOURCE = /^# Source: (\S.*)$/;

function isSource(line: string | undefined): boolean {
  return line !== undefined && SOURCE.test(line);
}

function sourceName(line: string): string | undefined {
  return SOURCE.exec(line)?.[1];
}

/** By document. Only the first line counts: Helm writes it, what follows is the template's. */
function sourceNames(output: string, lines: readonly string[]): readonly (string | undefined)[] {
  let known: string | undefined;
  return outline(output, DEFAULT_LIMITS).map(({ line }) => {
    const first = lines.slice(line - 1, line + 1).find((text) => text !== '---');
    known = (first === undefined ? undefined : sourceName(first)) ?? known;
    return known;
  });
}

function markFinder(
  marked: Marked,
  plain: Manifest,
): (resource: Resource, index: number, pointer: string) => Found | undefined {
  const manifest = readManifest(marked.text, { file: '' });
  const lines = marked.text.split('\n');
  const templates = marked.texts.map((text) => text.split('\n'));
  const inOrder = manifest.resources.length === plain.resources.length;
  let locate: Locate | undefined;
  return (resource, index, wanted) => {
    const twin = inOrder ? manifest.resources[index] : undefined;
    if (twin === undefined || !isTwin(resource, twin)) return undefined;
    locate ??= createLocator(marked.text);
    const { document, pointer: base } = twin.origin;
    for (const pointer of upwards(wanted)) {
      const place = locate(document, base + pointer);
      if (pointer !== wanted && !place.exists) continue;
      const mark = readMark(lines[place.line - 1] ?? '', marked.nonce);
      const file = mark === undefined ? undefined : marked.files[mark.file];
      if (mark === undefined || file === undefined) continue;
      const template = templates[mark.file]!;
      const exact = place.exists ? pointer : existing(resource.object, pointer);
      const column = columnOf(template[mark.line - 1] ?? '', exact);
      return { file, line: mark.line, column, pointer: exact, wanted, lines: template };
    }
    return undefined;
  };
}

/** The same object as far as its places go: the marks changed no key and no length. */
function isTwin(resource: Resource, twin: Resource): boolean {
  return (
    resource.ref.kind === twin.ref.kind &&
    resource.ref.name === twin.ref.name &&
    sameShape(resource.object, twin.object)
  );
}

/** A pointer, its parents, and last a field that stands at the top of every object. */
function upwards(pointer: string): string[] {
  const tokens = tokensOf(pointer);
  const parents = tokens.map((_, index) => pointerOf(tokens.slice(0, tokens.length - index)));
  return [...parents, '', '/kind', '/apiVersion'];
}

function existing(object: unknown, pointer: string): string {
  const tokens = tokensOf(pointer);
  while (tokens.length > 0 && follow(object, tokens) === undefined) tokens.pop();
  return pointerOf(tokens);
}

/** Of the key, from 1; of the first sign where the key does not stand there as it is. */
function columnOf(line: string, pointer: string): number {
  const key = tokensOf(pointer).at(-1);
  const start = line.length - line.trimStart().length;
  if (key === undefined || /^\d+$/.test(key))
    return start + 1 + (/^- +/.exec(line.trimStart())?.[0].length ?? 0);
  const at = [...line.matchAll(/(?<=^|[\s{,"'])[\w./-]+(?=["']?\s*:)/g)].filter(([found]) => found === key);
  return at.length === 1 ? at[0]!.index + 1 : start + 1;
}

/** The line of a template's only literal `kind:` of that kind; else its first. */
function kindLine({ ref }: Resource, file: string): number {
  const lines = (readText(file) ?? '').split('\n');
  const found = lines.flatMap((line, index) =>
    /^kind:\s*(\S+)\s*$/.exec(line)?.[1] === ref.kind ? [index + 1] : [],
  );
  return found.length === 1 ? found[0]! : 1;
}
