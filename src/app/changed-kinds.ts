/** Kinds of objects that came, went, or are not as they were: of manifests, and of what was rendered as far as that is known. */
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Resource } from '../model/index.ts';
import { parseApiVersion } from '../policy/index.ts';
import { saysWhatIsDeployed } from '../render/gitops/kinds.ts';
import {
  type FileChanges,
  KUSTOMIZATION_NAMES,
  namedKinds,
  readBlobs,
  readManifest,
} from '../sources/index.ts';
import { decodeText } from '../sources/manifests/text.ts';
import { hasLostEntries } from './kustomization-entries.ts';
import type { Making } from './makings.ts';
import { readText } from './text.ts';

/** Without a group: one of any; without either: anything at all. */
export interface ChangedKind {
  readonly kind?: string | undefined;
  readonly group?: string;
}

interface Known {
  readonly root: string;
  readonly commit: string;
  readonly changed: FileChanges;
  /** Resources of the manifests that changed, as they were, by name. */
  readonly before: ReadonlyMap<string, readonly Resource[]>;
  /** What is rendered from something that changed. */
  readonly made: readonly Making[];
  /** Whether what was rendered before is known, so that files of then need not be guessed at. */
  readonly exact: boolean;
}

export function changedKinds(known: Known): ChangedKind[] {
  const all = [
    ...ofManifests(known),
    ...(known.exact ? [] : [...ofTemplatesBefore(known), ...ofKustomizationsBefore(known)]),
    ...known.made.flatMap(({ kinds }) => byName(kinds)),
  ];
  return [...new Map(all.map((kind) => [`${kind.kind}.${kind.group}`, kind])).values()];
}

/** As the keys of `before` are made. */
export function nameOf({ ref }: Resource): string {
  return JSON.stringify([ref.apiVersion, ref.kind, ref.namespace, ref.name]);
}

export function isManifest(path: string): boolean {
  return /\.(ya?ml|json)$/i.test(path);
}

function ofManifests({ root, changed, before, exact }: Known): ChangedKind[] {
  const now = [...changed.now.keys()].filter(isManifest).flatMap((path) => {
    const text = textNow(root, path);
    return text === undefined ? [] : readManifest(text, { file: '', named: true }).resources;
  });
  const then = [...before.values()].flat();
  const named = new Set(now.map(nameOf));
  const same = (a: Resource, b: Resource) => nameOf(a) === nameOf(b) && isDeepStrictEqual(a.object, b.object);
  const differing = [
    ...now.filter((one) => !before.get(nameOf(one))?.some((other) => same(one, other))),
    ...then.filter((one) => !now.some((other) => same(one, other))),
  ];
  // What it deployed is gone with it, whatever that was.
  const undeployed =
    !exact &&
    then.some(
      (one) => one.ref.kind !== 'ConfigMap' && saysWhatIsDeployed(one.ref) && !named.has(nameOf(one)),
    );
  return [
    ...differing.map(({ ref }) => ({ kind: ref.kind, group: parseApiVersion(ref.apiVersion).group })),
    ...(undeployed ? [{}] : []),
  ];
}

function ofTemplatesBefore({ root, commit, changed }: Known): ChangedKind[] {
  const paths = changed.before.filter((path) => isManifest(path) || path.endsWith('.tpl'));
  return readBlobs(root, commit, paths).flatMap((bytes, i) => {
    const text = bytes === undefined ? undefined : decodeText(bytes);
    return text?.includes('{{') ? byName(namedKinds(paths[i]!, text)) : [];
  });
}

function ofKustomizationsBefore({ root, commit, changed }: Known): ChangedKind[] {
  const paths = changed.before.filter((path) => KUSTOMIZATION_NAMES.includes(basename(path)));
  const moved = new Map([...changed.now].map(([now, before]) => [before, now]));
  const lost = readBlobs(root, commit, paths).some((bytes, i) => {
    const then = bytes === undefined ? undefined : decodeText(bytes);
    return hasLostEntries(then ?? '', textNow(root, moved.get(paths[i]) ?? paths[i]!) ?? '');
  });
  return lost ? [{}] : [];
}

function byName(kinds: readonly string[] | undefined): ChangedKind[] {
  return kinds === undefined ? [{}] : kinds.map((kind) => ({ kind }));
}

function textNow(root: string, path: string): string | undefined {
  return readText(join(root, path));
}
