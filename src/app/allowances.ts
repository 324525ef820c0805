/** Where `rampart:allow` stands in a file, and which findings it stands for. */
import { type Allowance, parseAllowance } from '../decision/index.ts';
import type { Resource } from '../model/index.ts';
import type { RenderedFile } from '../render/index.ts';
import { findComments } from '../sources/index.ts';
import { type Annotation, type FileRemarks, type Remark, type RemarkReader, readRemarks } from './remarks.ts';

const MARKER = 'rampart:allow';
const ANNOTATION = 'rampart.dev/allow';
/** The annotation's name as a step of a JSON Pointer. */
const ANNOTATION_POINTER = '/metadata/annotations/rampart.dev~1allow';

type Said = Allowance | { readonly fault: string };

export type FileAllowances = FileRemarks<Said>;
export type KeyedAllowance = Remark<Said>;

const NONE: FileAllowances = { found: [], annotated: () => {}, covering: () => [] };

export function allowancesIn(text: string, file: string): FileAllowances {
  // Nearly no file has any, and this is asked of every file.
  return text.includes('rampart') && (text.includes(MARKER) || text.includes(ANNOTATION))
    ? readRemarks(ALLOWANCES, [{ file, comments: (marker) => findComments(text, marker) }])
    : NONE;
}

/** Of all the files that something was rendered from. */
export function renderedAllowances(files: readonly RenderedFile[]): FileAllowances {
  return readRemarks(ALLOWANCES, files);
}

const ALLOWANCES: RemarkReader<Said> = {
  markers: [MARKER],
  comment: (_, text) => [{ text, said: parseAllowance(text) }],
  annotations: (resource) =>
    (annotationOf(resource) ?? '')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(
        (text): Annotation<Said> => ({
          text,
          said: parseAllowance(text),
          pointer: ANNOTATION_POINTER,
          below: '',
        }),
      ),
};

function annotationOf({ object }: Resource): string | undefined {
  const metadata = object['metadata'] as Readonly<Record<string, unknown>> | undefined;
  const annotations = metadata?.['annotations'] as Readonly<Record<string, unknown>> | undefined;
  const value = annotations?.[ANNOTATION];
  return typeof value === 'string' ? value : undefined;
}
