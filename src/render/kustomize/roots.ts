/** Which kustomizations are built by themselves. */
import type { Root } from '../rendering.ts';
import { realOf } from '../stage.ts';
import { type Closure, type ReadOptions, readClosure } from './read.ts';

export interface KustomizationRoots {
  readonly closures: readonly Closure[];
  /** Files, without links, that are part of a kustomization and no manifests of their own. */
  readonly covered: ReadonlySet<string>;
}

/**
 * Those that no other builds on. Of some that build on each other, the first: its closure says what is wrong. A component
 * that nobody uses cannot be built: what it would bring along is left to be scanned as it stands.
 */
export function kustomizationRoots(found: readonly Root[], options: ReadOptions): KustomizationRoots {
  const all = found.map((root) => readClosure(root, options));
  const whole = all.filter((closure) => !isComponent(closure));
  const based = new Set(
    whole.flatMap(({ kustomizations }) => [...kustomizations.values()].flatMap(({ bases }) => bases)),
  );
  const closures = whole.filter(({ root }) => !based.has(root.folder));
  const reached = new Set(closures.flatMap(({ kustomizations }) => [...kustomizations.keys()]));
  for (const closure of whole) {
    if (reached.has(closure.root.folder)) continue;
    closures.push(closure);
    for (const folder of closure.kustomizations.keys()) reached.add(folder);
  }
  const idle = all.filter((closure) => isComponent(closure) && !reached.has(closure.root.folder));
  return {
    closures,
    covered: new Set([...closures.flatMap(({ covered }) => [...covered]), ...idle.flatMap(partsOf)]),
  };
}

function isComponent({ root, kustomizations }: Closure): boolean {
  return kustomizations.get(root.folder)?.component === true;
}

/** The kustomization itself and its patches: without the rest they deploy nothing. */
function partsOf({ covered, kustomizations }: Closure): string[] {
  const resources = new Set([...kustomizations.values()].flatMap((one) => one.resources.map(realOf)));
  return [...covered].filter((path) => !resources.has(path));
}
