import type { Problem, RenderInput, Resource, ResourceRef } from '../model/index.ts';
import { type Comment, findComments } from '../sources/index.ts';
import type { Shown } from './names.ts';
import { readText } from './values.ts';

export type { Root } from '../sources/index.ts';

/** Where a field of a rendered object was written. From 1; columns in UTF-16 units. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Where its value comes from, when that is another place. */
  readonly note?: string;
}

export interface RenderedObject {
  readonly resource: Resource;
  /** The same for what one source makes in several environments, whatever these call it. */
  readonly identity: string;
  /** What its source calls it, whatever an environment makes of that. */
  readonly subject: Pick<ResourceRef, 'namespace' | 'name'>;
  /** What it would be another object without. */
  readonly inputs: readonly RenderInput[];
  /** It is as it was before a change, whatever became of its inputs. */
  readonly unchanged?: boolean;
  /** Of a JSON Pointer into the object; the nearest place that is certain. */
  readonly place: (pointer: string) => Place;
}

/** What one chart, kustomization or deployment comes to in one environment. */
export interface Rendering {
  /** What findings say it was rendered for; undefined where there is only one way. */
  readonly environment: string | undefined;
  /** Of namespaced objects that name none; undefined: that of the scan. */
  readonly namespace?: string;
  readonly objects: readonly RenderedObject[];
  readonly problems: readonly Problem[];
  /** What its problems hang on. */
  readonly inputs: readonly RenderInput[];
  /** What each of its objects hangs on, whichever file makes it. */
  readonly shared: readonly RenderInput[];
  /** What was read for it; empty where nothing could be. */
  readonly files: readonly RenderedFile[];
}

type Remark = Pick<Comment, 'line' | 'column' | 'text' | 'about'>;

export interface RenderedFile {
  /** To open. */
  readonly path: string;
  /** To show. */
  readonly file: string;
  /** Those that begin with a marker. */
  readonly comments: (marker: string) => readonly Remark[];
}

/** A file of YAML; comments of anything else say nothing to anybody. */
export function renderedFile(
  path: string,
  shown: Shown,
  find: (text: string, marker: string) => readonly Remark[] = findComments,
): RenderedFile {
  const isYaml = /\.(?:ya?ml|tpl)$|(?:^|[/\\])Kustomization$/.test(path);
  return {
    path,
    file: shown(path),
    comments: (marker) => (isYaml ? find(readText(path) ?? '', marker) : []),
  };
}

export function failed(
  file: string,
  inputs: readonly RenderInput[],
  { detail, help, line = 1, column = 1 }: { detail: string; help?: string; line?: number; column?: number },
): Rendering {
  const origin = { file, line, column };
  return problems(inputs, {
    reason: 'not-rendered',
    detail,
    origin,
    ...(help === undefined ? {} : { help }),
  });
}

export function problems(inputs: readonly RenderInput[], ...list: Problem[]): Rendering {
  return { environment: undefined, objects: [], problems: list, inputs, shared: [], files: [] };
}
