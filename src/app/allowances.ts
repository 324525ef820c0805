/** Where `rampart:allow` stands in a file, and which findings it stands for. */
import { type PlacedAllowance, parseAllowance } from '../decision/index.ts';
import type { Finding, Origin, Resource } from '../model/index.ts';
import { findComments, type Locate } from '../sources/index.ts';

const MARKER = 'rampart:allow';
const ANNOTATION = 'rampart.dev/allow';
/** The annotation's name as a step of a JSON Pointer. */
const ANNOTATION_POINTER = '/metadata/annotations/rampart.dev~1allow';

/** The allowances of one file, found while its objects are looked at. */
export interface FileAllowances {
  /** All that were found so far. */
  readonly found: readonly KeyedAllowance[];
  /** Notes those in the annotations of an object. */
  annotated(resource: Resource, locate: Locate): void;
  /** Keys of those that cover the place of a finding. */
  covering(finding: Finding, resource: Resource, locate: Locate): readonly string[];
}

export interface KeyedAllowance extends PlacedAllowance {
  /** Tells it from all others of a scan. */
  readonly key: string;
}

const NONE: FileAllowances = { found: [], annotated: () => {}, covering: () => [] };

export function allowancesIn(text: string, file: string): FileAllowances {
  // Nearly no file has any, and this is asked of every file.
  return text.includes('rampart') && (text.includes(MARKER) || text.includes(ANNOTATION))
    ? readAllowances(text, file)
    : NONE;
}

function readAllowances(text: string, file: string): FileAllowances {
  const found: KeyedAllowance[] = [];
  const add = (origin: Origin, said: string): string => {
    const key = JSON.stringify([file, found.length]);
    found.push({ key, origin, said: parseAllowance(said) });
    return key;
  };
  const comments = findComments(text, MARKER).map(({ document, line, column, text: said, about }) => ({
    document,
    about,
    key: add({ file, line, column }, said),
  }));
  const byObject = new Map<string, string[]>();
  const idOf = ({ origin }: Resource) => `${origin.document}${origin.pointer}`;
  return {
    found,
    annotated(resource, locate) {
      const text = annotationOf(resource);
      if (text === undefined) return;
      const { line, column } = locate(resource.origin.document, resource.origin.pointer + ANNOTATION_POINTER);
      const said = text.split('\n').filter((one) => one.trim() !== '');
      byObject.set(
        idOf(resource),
        said.map((one) => add({ file, line, column }, one)),
      );
    },
    covering(finding, resource, locate) {
      const { document, pointer } = resource.origin;
      const inDocument = comments.filter((comment) => comment.document === document);
      const annotated = byObject.get(idOf(resource)) ?? [];
      if (inDocument.length === 0) return annotated;
      const lines = linesAbove(pointer, finding.path ?? '', (at) => locate(document, at).line);
      return [...annotated, ...inDocument.filter(({ about }) => lines.has(about)).map(({ key }) => key)];
    },
  };
}

function annotationOf({ object }: Resource): string | undefined {
  const metadata = object['metadata'] as Readonly<Record<string, unknown>> | undefined;
  const annotations = metadata?.['annotations'] as Readonly<Record<string, unknown>> | undefined;
  const value = annotations?.[ANNOTATION];
  return typeof value === 'string' ? value : undefined;
}

/** Lines of a field, of what it lies in, up to the object itself: what is said about any of them is said about it. */
function linesAbove(object: string, path: string, lineOf: (pointer: string) => number): Set<number> {
  const steps = path.split('/').slice(1);
  return new Set(
    Array.from({ length: steps.length + 1 }, (_, length) =>
      lineOf(
        object +
          steps
            .slice(0, length)
            .map((step) => `/${step}`)
            .join(''),
      ),
    ),
  );
}
