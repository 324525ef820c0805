/** What built objects hang on, so that a change of it is one of theirs. */
import type { RenderInput } from '../../model/index.ts';
import type { Shown } from '../names.ts';
import { field } from '../values.ts';
import type { Closure } from './read.ts';

/** Everything a kustomization is built from. */
export function closureInputs({ files, kustomizations }: Closure, shown: Shown): RenderInput[] {
  return [
    ...[...files].map((path): RenderInput => ({ file: shown(path), part: 'file' })),
    ...[...kustomizations.keys()].map((folder): RenderInput => ({ file: shown(folder), part: 'folder' })),
  ];
}

/** Fields by which one object gets what stands in another, or anything may become of it. */
const MIXING = ['replacements', 'vars', 'transformers', 'generators'];

/** What every object of it hangs on, whichever base it comes from: kustomizations, patches, and what those read. */
export function sharedInputs({ files, kustomizations }: Closure, shown: Shown): RenderInput[] {
  const all = [...kustomizations.values()];
  const mixes = all.some(({ yaml }) => MIXING.some((name) => field(yaml.value, name) !== undefined));
  const objects = new Set(mixes ? [] : all.flatMap(({ resources }) => resources));
  return [...files]
    .filter((path) => !objects.has(path))
    .map((path): RenderInput => ({ file: shown(path), part: 'file' }));
}
