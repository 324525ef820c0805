/** What charts and kustomizations make, and may make under other values: kinds, each with what that hangs on. */
import type { RenderInput } from '../model/index.ts';
import { DEPLOYING_KINDS } from '../render/gitops/kinds.ts';
import type { Rendering } from '../render/index.ts';
import { namedKinds } from '../sources/index.ts';
import { readText } from './text.ts';

export interface Making {
  /** Undefined: any. */
  readonly kinds: readonly string[] | undefined;
  readonly inputs: readonly RenderInput[];
}

/** Objects as they are, and what the files name: an object that a value switched off is in no rendering. */
export function makingsOf({ objects, files, shared }: Rendering): Making[] {
  return [
    ...objects.map(({ resource, inputs }): Making => ({ kinds: [resource.ref.kind], inputs })),
    ...files.map(
      ({ file, path }): Making => ({
        kinds: deployedBy(namedKinds(file, readText(path) ?? '')),
        inputs: [{ file, part: 'file' }, ...shared],
      }),
    ),
  ];
}

/** What an Application or the like deployed under other values may be anything. */
function deployedBy(kinds: Making['kinds']): Making['kinds'] {
  return kinds?.some((kind) => DEPLOYING_KINDS.has(kind)) ? undefined : kinds;
}
