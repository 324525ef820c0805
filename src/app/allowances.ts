/** Where `rampart:allow` stands in a file, and which findings it stands for. */
import { type PlacedAllowance, parseAllowance } from '../decision/index.ts';
import type { Finding, Origin, Resource } from '../model/index.ts';
import type { RenderedFile } from '../render/index.ts';
import { type Comment, findComments } from '../sources/index.ts';
import type { Placer } from './placer.ts';

const MARKER = 'rampart:allow';
const ANNOTATION = 'rampart.dev/allow';
/** The annotation's name as a step of a JSON Pointer. */
const ANNOTATION_POINTER = '/metadata/annotations/rampart.dev~1allow';

/** The allowances of one file or one rendering, found while its objects are looked at. */
export interface FileAllowances {
  /** All that were found so far. */
  readonly found: readonly KeyedAllowance[];
  /** Notes those in the annotations of an object. */
  annotated(resource: Resource, placer: Placer): void;
  /** Keys of those that cover the place of a finding. */
  covering(finding: Finding, resource: Resource, placer: Placer): readonly string[];
}

export interface KeyedAllowance extends PlacedAllowance {
  /** Tells it from all others of a scan: the same wherever it is met again. */
  readonly key: string;
}

/** Where a comment stands, and the line that it is about. */
type Remark = Pick<Comment, 'line' | 'column' | 'text' | 'about'>;

const NONE: FileAllowances = { found: [], annotated: () => {}, covering: () => [] };

export function allowancesIn(text: string, file: string): FileAllowances {
  // Nearly no file has any, and this is asked of every file.
  return text.includes('rampart') && (text.includes(MARKER) || text.includes(ANNOTATION))
    ? readAllowances([{ file, remarks: findComments(text, MARKER) }])
    : NONE;
}

/** Of all the files that something was rendered from. */
export function renderedAllowances(files: readonly RenderedFile[]): FileAllowances {
  return readAllowances(files.map(({ file, comments }) => ({ file, remarks: comments(MARKER) })));
}

function readAllowances(
  files: readonly { readonly file: string; readonly remarks: readonly Remark[] }[],
): FileAllowances {
  const found: KeyedAllowance[] = [];
  const add = (origin: Origin, said: string): string => {
    const key = JSON.stringify([origin.file, origin.line, origin.column, said]);
    found.push({ key, origin, said: parseAllowance(said) });
    return key;
  };
  const commented = new Map<string, readonly string[]>();
  for (const { file, remarks } of files)
    for (const { line, column, text, about } of remarks) {
      const place = placeId(file, about);
      commented.set(place, [...(commented.get(place) ?? []), add({ file, line, column }, text)]);
    }
  const byObject = new Map<Resource, readonly string[]>();
  return {
    found,
    annotated(resource, placer) {
      const text = annotationOf(resource);
      if (text === undefined) return;
      const { file, line, column } = placer.field(ANNOTATION_POINTER);
      const said = text.split('\n').filter((one) => one.trim() !== '');
      byObject.set(
        resource,
        said.map((one) => add({ file, line, column }, one)),
      );
    },
    covering(finding, resource, placer) {
      const annotated = byObject.get(resource) ?? [];
      if (commented.size === 0) return annotated;
      const places = placesAbove(finding.path ?? '', placer);
      return [...annotated, ...[...places].flatMap((place) => commented.get(place) ?? [])];
    },
  };
}

function annotationOf({ object }: Resource): string | undefined {
  const metadata = object['metadata'] as Readonly<Record<string, unknown>> | undefined;
  const annotations = metadata?.['annotations'] as Readonly<Record<string, unknown>> | undefined;
  const value = annotations?.[ANNOTATION];
  return typeof value === 'string' ? value : undefined;
}

/** Of a field, of what it lies in, up to the object itself: what is said about any of them is said about it. */
function placesAbove(path: string, placer: Placer): Set<string> {
  const steps = path.split('/').slice(1);
  return new Set(
    Array.from({ length: steps.length + 1 }, (_, length) => {
      const above = steps.slice(0, length).map((step) => `/${step}`);
      const { file, line } = placer.field(above.join(''));
      return placeId(file, line);
    }),
  );
}

function placeId(file: string, line: number): string {
  return `${line} ${file}`;
}
