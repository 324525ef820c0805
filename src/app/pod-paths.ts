import type { Resource } from '../model/index.ts';
import type { PodPath } from '../policy/index.ts';
import { templatesAt } from '../policy/index.ts';
import { UsageError } from './usage.ts';

const FORM = 'KIND.GROUP=FIELD[.FIELD…], such as Rollout.argoproj.io=spec.template';

/** `RayCluster.ray.io=spec.workerGroupSpecs[*].template`; `*` also for the values of a map. Throws UsageError. */
export function parsePodPath(text: string): PodPath {
  const [, kind, group, written] = /^([A-Z][A-Za-z0-9]*)\.([a-z0-9.-]+)=(.+)$/.exec(text) ?? [];
  if (kind === undefined || group === undefined || written === undefined)
    throw new UsageError(`--pod-path: ${text} is no place of a pod template`, FORM);
  const path = written.replaceAll(/\[(?:\*|\d+)\]/g, (index) => `.${index.slice(1, -1)}`).split('.');
  const odd = path.find((key) => !/^(?:\*|[A-Za-z_][\w-]*)$/.test(key));
  if (odd !== undefined)
    throw new UsageError(
      `--pod-path: ${text}: ${odd === '' ? 'a field has no name' : `${odd} is no field`}`,
      FORM,
    );
  return { kind, group, path };
}

export function podPathText({ kind, group, path }: PodPath): string {
  return `${kind}.${group}=${path.join('.').replaceAll('.*', '[*]')}`;
}

/** Which of them were of use: one that finds no template in any object is probably misspelt. */
export interface PodPathUse {
  readonly met: Set<number>;
  readonly used: Set<number>;
}

export function newPodPathUse(): PodPathUse {
  return { met: new Set(), used: new Set() };
}

export function notePodPaths(use: PodPathUse, podPaths: readonly PodPath[], { ref, object }: Resource): void {
  for (const [index, { kind, group, path }] of podPaths.entries()) {
    if (ref.kind !== kind || !ref.apiVersion.startsWith(`${group}/`)) continue;
    use.met.add(index);
    if (templatesAt(object, path).length > 0) use.used.add(index);
  }
}

export function mergePodPathUse(into: PodPathUse, from: PodPathUse): void {
  for (const index of from.met) into.met.add(index);
  for (const index of from.used) into.used.add(index);
}

export function podPathNotices({ met, used }: PodPathUse, podPaths: readonly PodPath[]): string[] {
  return podPaths.flatMap((one, index) =>
    met.has(index) && !used.has(index)
      ? [`no ${one.kind} has a pod template where --pod-path ${podPathText(one)} says it is`]
      : [],
  );
}
