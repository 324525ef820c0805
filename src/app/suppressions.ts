/** Where other tools were told not to report something, and which findings that is about. */
import { compileRegex } from '../cel/regex/index.ts';
import type { JsonMap } from '../model/index.ts';
import type { RenderedFile } from '../render/index.ts';
import {
  CHECKOV_COMMENTS,
  findComments,
  isAbout,
  type Matches,
  readCheckovAnnotation,
  readCheckovComment,
  readKubeLinterAnnotation,
  readTrivyComment,
  type Said,
  type Scope,
  TRIVY_COMMENTS,
} from '../sources/index.ts';
import { type Annotation, type FileRemarks, type Remark, type RemarkReader, readRemarks } from './remarks.ts';

export type KeyedSuppression = Remark<Said>;
export type FileSuppressions = FileRemarks<Said>;

/** One of a file of suppressions. */
export interface ListedSuppression extends KeyedSuppression {
  readonly scope: Scope | undefined;
  /** The folder it is about, as results name it; empty: everything. */
  readonly folder: string;
}

/** What a scan looks for beside its own allowances; plain data. */
export interface SuppressionSetup {
  readonly listed: readonly ListedSuppression[];
  /** Those that are about a check that a policy is equivalent to, by index. */
  readonly byPolicy: ReadonlyMap<string, readonly number[]>;
  /** Folders that were scanned, as results name them: other tools name files from there. */
  readonly roots: readonly string[];
}

/** Linear in the text, whatever the pattern. */
export const matchesWhole: Matches = (pattern, text) => {
  const regex = compileRegex(whole(pattern));
  return !('error' in regex) && regex.test(text);
};

/** Why a pattern is none; undefined for one that compiles. */
export function patternFault(pattern: string): string | undefined {
  const regex = compileRegex(whole(pattern));
  return 'error' in regex ? regex.error : undefined;
}

function whole(pattern: string): string {
  const [, flags = '', rest = ''] = /^(\(\?i\))?([\s\S]*)$/.exec(pattern)!;
  return `${flags}^(?:${rest})$`;
}

export function suppressionsIn(text: string, file: string, setup: SuppressionSetup): FileSuppressions {
  return withListed(
    readRemarks(SUPPRESSIONS, [{ file, comments: (marker) => findComments(text, marker) }]),
    setup,
  );
}

/** Of all the files that something was rendered from. */
export function renderedSuppressions(
  files: readonly RenderedFile[],
  setup: SuppressionSetup,
): FileSuppressions {
  return withListed(readRemarks(SUPPRESSIONS, files), setup);
}

export const NO_SUPPRESSIONS: FileSuppressions = { found: [], annotated: () => {}, covering: () => [] };

function withListed(
  remarks: FileSuppressions,
  { listed, byPolicy, roots }: SuppressionSetup,
): FileSuppressions {
  return {
    ...remarks,
    covering(finding, resource, placer) {
      const own = remarks.covering(finding, resource, placer);
      const candidates = byPolicy.get(finding.policy ?? '') ?? [];
      if (candidates.length === 0) return own;
      const { file } = placer.object();
      const subject = { ref: finding.resource ?? resource.ref, object: resource.object };
      const others = candidates
        .map((index) => listed[index]!)
        .filter(({ folder }) => isIn(file, folder))
        .filter(({ scope, folder }) =>
          isAbout(scope, { ...subject, files: namesOf(file, [...roots, folder]) }, matchesWhole),
        );
      return [...own, ...others.map(({ key }) => key)];
    },
  };
}

function isIn(file: string, folder: string): boolean {
  return folder === '' || folder === '.' || file.startsWith(`${folder}/`);
}

/** A file as it is called from each folder it lies in, and as it is shown. */
function namesOf(file: string, folders: readonly string[]): string[] {
  const within = folders
    .filter((folder) => folder !== '' && file.startsWith(`${folder}/`))
    .map((folder) => file.slice(folder.length + 1));
  return [...new Set([file, ...within])];
}

const SUPPRESSIONS: RemarkReader<Said> = {
  markers: [...CHECKOV_COMMENTS, ...TRIVY_COMMENTS],
  comment(marker, text) {
    const all = CHECKOV_COMMENTS.includes(marker) ? readCheckovComment(text) : readTrivyComment(text);
    return all.map((said) => ({ said, text: identityOf(said) }));
  },
  annotations: ({ object }) => [
    ...annotationsOf(object).flatMap(([key, value]) => annotation(key, value, '')),
    // Checkov makes a resource of its own of a pod template.
    ...annotationsOf(templateOf(object)).flatMap(([key, value]) =>
      readKubeLinterAnnotation(key, value) === undefined ? annotation(key, value, TEMPLATE) : [],
    ),
  ],
};

const TEMPLATE = '/spec/template';

function annotation(key: string, value: unknown, below: string): Annotation<Said>[] {
  const said = readCheckovAnnotation(key, value) ?? readKubeLinterAnnotation(key, value);
  if (said === undefined) return [];
  const pointer = `${below}/metadata/annotations/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return [{ said, text: identityOf(said), pointer, below }];
}

/** Several on one line differ in what they say. */
function identityOf(said: Said): string {
  return JSON.stringify(said);
}

function annotationsOf(object: JsonMap): [string, unknown][] {
  return Object.entries(mapOf(mapOf(object['metadata'])['annotations']));
}

function templateOf(object: JsonMap): JsonMap {
  return mapOf(mapOf(object['spec'])['template']);
}

function mapOf(value: unknown): JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonMap) : {};
}
