/** What comments and annotations of manifests say to a reader, and which findings stand where they say it. */
import type { Finding, Origin, Resource } from '../model/index.ts';
import type { Comment } from '../sources/index.ts';
import type { Placer } from './placer.ts';

/** One thing that is said at a place of a file. */
export interface Remark<T> {
  /** Tells it from all others of a scan: the same wherever it is met again. */
  readonly key: string;
  readonly origin: Origin;
  readonly said: T;
}

/** The remarks of one file or one rendering, found while its objects are looked at. */
export interface FileRemarks<T> {
  /** All that were found so far. */
  readonly found: readonly Remark<T>[];
  /** Notes those in the annotations of an object. */
  annotated(resource: Resource, placer: Placer): void;
  /** Keys of those that cover the place of a finding. */
  covering(finding: Finding, resource: Resource, placer: Placer): readonly string[];
}

/** What a reader makes of a text; `text` tells it from others at the same place. */
interface Read<T> {
  readonly text: string;
  readonly said: T;
}

export interface Annotation<T> extends Read<T> {
  /** JSON Pointer of the annotation. */
  readonly pointer: string;
  /** JSON Pointer: only what lies at or below it is covered. */
  readonly below: string;
}

export interface RemarkReader<T> {
  /** What comments begin with that say something. */
  readonly markers: readonly string[];
  comment(marker: string, text: string): readonly Read<T>[];
  annotations(resource: Resource): readonly Annotation<T>[];
}

export interface CommentedFile {
  /** To show. */
  readonly file: string;
  readonly comments: (marker: string) => readonly Pick<Comment, 'line' | 'column' | 'text' | 'about'>[];
}

export function readRemarks<T>(reader: RemarkReader<T>, files: readonly CommentedFile[]): FileRemarks<T> {
  const found: Remark<T>[] = [];
  const add = (origin: Origin, { text, said }: Read<T>): string => {
    const key = JSON.stringify([origin.file, origin.line, origin.column, text]);
    found.push({ key, origin, said });
    return key;
  };
  const commented = new Map<string, readonly string[]>();
  for (const { file, comments } of files)
    for (const marker of reader.markers)
      for (const { line, column, text, about } of comments(marker)) {
        const place = placeId(file, about);
        const keys = reader.comment(marker, text).map((read) => add({ file, line, column }, read));
        commented.set(place, [...(commented.get(place) ?? []), ...keys]);
      }
  const byObject = new Map<Resource, readonly { readonly key: string; readonly below: string }[]>();
  return {
    found,
    annotated(resource, placer) {
      const annotations = reader.annotations(resource);
      if (annotations.length === 0) return;
      byObject.set(
        resource,
        annotations.map(({ pointer, below, ...read }) => {
          const { file, line, column } = placer.field(pointer);
          return { key: add({ file, line, column }, read), below };
        }),
      );
    },
    covering(finding, resource, placer) {
      const path = `${finding.path ?? ''}/`;
      const annotated = (byObject.get(resource) ?? [])
        .filter(({ below }) => path.startsWith(`${below}/`))
        .map(({ key }) => key);
      if (commented.size === 0) return annotated;
      const places = placesAbove(finding.path ?? '', placer);
      return [...annotated, ...[...places].flatMap((place) => commented.get(place) ?? [])];
    },
  };
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
