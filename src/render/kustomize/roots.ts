/** Which kustomizations are built by themselves. */
import type { Root } from '../rendering.ts';
import { type Closure, type ReadOptions, readClosure } from './read.ts';

/** Those that no other builds on. Of some that build on each other, the first: its closure says what is wrong. */
export function kustomizationRoots(found: readonly Root[], options: ReadOptions): Closure[] {
  const closures = found.map((root) => readClosure(root, options));
  const based = new Set(
    closures.flatMap(({ kustomizations }) => [...kustomizations.values()].flatMap(({ bases }) => bases)),
  );
  const roots = closures.filter(({ root }) => !based.has(root.folder));
  const reached = new Set(roots.flatMap(({ kustomizations }) => [...kustomizations.keys()]));
  for (const closure of closures) {
    if (reached.has(closure.root.folder)) continue;
    roots.push(closure);
    for (const folder of closure.kustomizations.keys()) reached.add(folder);
  }
  return roots;
}
