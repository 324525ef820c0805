/** From fields of built objects back to bases, patches and the fields of kustomizations. */

import type { Resource, ResourceRef } from '../../model/index.ts';
import { createLocator, type Locate, readManifest } from '../../sources/index.ts';
import type { Shown } from '../names.ts';
import type { Place, RenderedObject } from '../rendering.ts';
import { asList, asText, equal, field, follow, isMap, pointerOf, readText, tokensOf } from '../values.ts';
import { correspond } from './correspond.ts';
import { closureInputs, sharedInputs } from './inputs.ts';
import type { Overrides } from './overrides.ts';
import { type Layer, layerOf, type Patch, patchesOf, type Setting, type Spot, setBy } from './patches.ts';
import { type Closure, type Kustomization, kustomizationFile } from './read.ts';

/** What kustomize says of where an object came from; paths to open. */
export interface Origin {
  readonly path: string | undefined;
  readonly configuredIn: string | undefined;
  /** Kind of the generator. */
  readonly generator: string | undefined;
}

export type Traced = Omit<RenderedObject, 'resource'>;

export interface Tracer {
  of(resource: Resource, origin: Origin): Traced;
}

export interface Built {
  readonly closure: Closure;
  readonly overrides: Overrides | undefined;
  /** Whether `${…}` was replaced in what was built. */
  readonly edited: boolean;
}

export function createTracer({ closure, overrides, edited }: Built, shown: Shown): Tracer {
  const { root, kustomizations } = closure;
  const sources = new Map<string, readonly Resource[]>();
  const locators = new Map<string, Locate>();
  const layers = new Map<Kustomization, PatchedLayer>();
  const top = overrides === undefined ? [] : [withPatches(overrideLayer(overrides, root.folder))];
  const outermost =
    kustomizations.get(root.folder)?.yaml.path ?? kustomizationFile(root.folder) ?? root.folder;
  const shared = sharedInputs(closure, shown);
  const coarse: Place = { file: shown(outermost), line: 1, column: 1 };

  const objectsIn = (path: string): readonly Resource[] =>
    kept(sources, path, () => readManifest(readText(path) ?? '', { file: path }).resources);
  const layerIn = (one: Kustomization) => kept(layers, one, () => withPatches(layerOf(one)));
  const placeOf = (spot: Spot): Place => {
    if ('place' in spot) return spot.place;
    const { path, document, pointer } = spot;
    const locate = kept(locators, path, () => createLocator(readText(path) ?? ''));
    const { line, column } = locate(document, pointer);
    return { file: shown(path), line, column };
  };

  function fromFile(resource: Resource, path: string): Traced {
    const source = twinOf(resource, objectsIn(path));
    const below = applicable(closure, ({ resources }) => resources.includes(path));
    const applied = [...below.map(layerIn), ...top];
    const spot = source === undefined ? undefined : { path, document: source.origin.document };
    const own = (tokens: readonly string[]): Spot | undefined =>
      spot && { ...spot, pointer: source!.origin.pointer + pointerOf(tokens) };
    const whole = spot === undefined ? { file: shown(path), line: 1, column: 1 } : placeOf(own([])!);
    return {
      identity: JSON.stringify([
        shown(path),
        source?.origin.document,
        source?.origin.pointer,
        resource.ref.kind,
      ]),
      subject: source === undefined ? resource.ref : source.ref,
      inputs: [
        source === undefined
          ? { file: shown(path), part: 'file' }
          : { file: shown(path), part: 'object', line: source.origin.line },
        ...shared,
      ],
      place(pointer) {
        const tokens = existing(resource.object, tokensOf(pointer));
        if (tokens.length === 0) return whole;
        const unchanged =
          source === undefined ? undefined : unchangedIn(resource.object, tokens, source.object, edited);
        if (unchanged !== undefined) return placeOf(own(unchanged)!);
        const [setter, ...others] = setters(
          applied,
          { object: resource.object, tokens, before: source?.ref, now: resource.ref },
          source,
        );
        return setter !== undefined && others.length === 0 ? placeOf(setter) : coarse;
      },
    };
  }

  function setters(applied: readonly PatchedLayer[], setting: Setting, source: Resource | undefined): Spot[] {
    return applied.flatMap(({ layer, patches }) => [
      ...patches.flatMap((patch) => {
        const pointer = setBy(patch, setting);
        return pointer === undefined ? [] : [patch.spot(pointer)];
      }),
      ...fieldsThatSet(layer, setting, source).map((pointer) => layer.spot(pointer)),
    ]);
  }

  function fromGenerator(resource: Resource, { configuredIn, generator }: Origin): Traced {
    const one = [...kustomizations.values()].find(({ yaml }) => yaml.path === configuredIn);
    const list = generator === 'SecretGenerator' ? 'secretGenerator' : 'configMapGenerator';
    const entries = asList(field(one?.yaml.value, list)).flatMap((entry, index) =>
      resource.ref.name.includes(asText(field(entry, 'name')) ?? '\0') ? [index] : [],
    );
    const isOne = one !== undefined && entries.length === 1;
    const place = isOne
      ? placeOf({ path: one.yaml.path, document: one.yaml.document, pointer: `/${list}/${entries[0]}` })
      : coarse;
    const identity = isOne
      ? [place.file, list, entries[0]]
      : [place.file, resource.ref.kind, resource.ref.name];
    const name = asText(field(isOne ? asList(field(one.yaml.value, list))[entries[0]!] : undefined, 'name'));
    const subject = name === undefined ? resource.ref : { namespace: '', name };
    return { identity: JSON.stringify(identity), subject, inputs: shared, place: () => place };
  }

  return {
    of(resource, origin) {
      if (origin.path !== undefined) return fromFile(resource, origin.path);
      if (origin.configuredIn !== undefined) return fromGenerator(resource, origin);
      return {
        identity: JSON.stringify([coarse.file, resource.ref]),
        subject: resource.ref,
        inputs: closureInputs(closure, shown),
        place: () => coarse,
      };
    },
  };
}

interface PatchedLayer {
  readonly layer: Layer;
  readonly patches: readonly Patch[];
}

function withPatches(layer: Layer): PatchedLayer {
  return { layer, patches: patchesOf(layer) };
}

function overrideLayer({ fields, place }: Overrides, folder: string): Layer {
  return { folder, value: fields, spot: (pointer) => ({ place: place(pointer) }) };
}

function kept<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** The object of a base that was built to this one; undefined where several could be it. */
function twinOf({ ref }: Resource, candidates: readonly Resource[]): Resource | undefined {
  const ofKind = candidates.filter(
    (one) => one.ref.kind === ref.kind && one.ref.apiVersion === ref.apiVersion,
  );
  const choices = [
    (one: ResourceRef) => one.name === ref.name && one.namespace === ref.namespace,
    (one: ResourceRef) => one.name === ref.name,
    (one: ResourceRef) => one.name !== '' && ref.name.includes(one.name),
  ];
  for (const isIt of choices) {
    const found = ofKind.filter((one) => isIt(one.ref));
    if (found.length > 0) return found.length === 1 ? found[0] : undefined;
  }
  // A patch may have renamed it.
  return ofKind.length === 1 ? ofKind[0] : undefined;
}

/** Kustomizations that change what some of them bring: these, what builds on them, and the components of all. */
function applicable({ kustomizations }: Closure, brings: (one: Kustomization) => boolean): Kustomization[] {
  const all = [...kustomizations.values()];
  const found = new Set(all.filter(brings));
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const one of all) {
      const below = one.bases.map((folder) => kustomizations.get(folder));
      if (below.some((base) => base !== undefined && found.has(base))) found.add(one);
    }
  }
  for (const one of found)
    for (const folder of one.bases) {
      const base = kustomizations.get(folder);
      if (base?.component) found.add(base);
    }
  return [...found];
}

/** The field in the source, if what stands there is what was built. */
function unchangedIn(
  object: unknown,
  tokens: readonly string[],
  source: unknown,
  edited: boolean,
): string[] | undefined {
  const found = correspond(object, tokens, source);
  if (found === undefined) return undefined;
  const [now, before] = [follow(object, tokens), follow(source, found)];
  if (edited && typeof before === 'string' && before.includes('${')) return found;
  const isSame = isMap(now) ? isMap(before) : Array.isArray(now) ? Array.isArray(before) : equal(now, before);
  return isSame ? found : undefined;
}

function existing(object: unknown, tokens: readonly string[]): string[] {
  const left = [...tokens];
  while (left.length > 0 && follow(object, left) === undefined) left.pop();
  return left;
}

/** Fields of a kustomization, beside patches, that give a field the value it has. */
function fieldsThatSet({ value }: Layer, setting: Setting, source: Resource | undefined): string[] {
  const { object, tokens, before } = setting;
  const now = follow(object, tokens);
  const key = tokens.at(-1)!;
  const parent = tokens.at(-2) ?? '';
  const entries = (name: string) => [...asList(field(value, name)).entries()];
  const found: string[] = [];
  if (tokens.join('/') === 'metadata/namespace' && field(value, 'namespace') === now)
    found.push('/namespace');
  if (tokens.join('/') === 'spec/replicas')
    for (const [index, entry] of entries('replicas'))
      if (field(entry, 'name') === before?.name && equal(field(entry, 'count'), now))
        found.push(`/replicas/${index}/count`);
  if (key === 'image' && source !== undefined) {
    const at = correspond(object, tokens.slice(0, -1), source.object);
    const image = at === undefined ? undefined : follow(source.object, [...at, key]);
    for (const name of ['images', 'imageTags'])
      for (const [index, entry] of entries(name)) {
        const part = imageField(entry, image, now);
        if (part !== undefined) found.push(`/${name}/${index}/${part}`);
      }
  }
  if (parent === 'labels' || parent === 'matchLabels' || parent === 'selector') {
    if (equal(field(field(value, 'commonLabels'), key), now)) found.push(pointerOf(['commonLabels', key]));
    for (const [index, entry] of entries('labels'))
      if (equal(field(field(entry, 'pairs'), key), now))
        found.push(pointerOf(['labels', `${index}`, 'pairs', key]));
  }
  if (parent === 'annotations' && equal(field(field(value, 'commonAnnotations'), key), now))
    found.push(pointerOf(['commonAnnotations', key]));
  return found;
}

/** Which field of an entry of `images` makes the image what it is now. */
function imageField(entry: unknown, before: unknown, now: unknown): string | undefined {
  if (typeof before !== 'string' || typeof now !== 'string') return undefined;
  const [name, newName] = [asText(field(entry, 'name')), asText(field(entry, 'newName'))];
  const { base, rest } = splitImage(before);
  if (name === undefined || name !== base) return undefined;
  const tag = field(entry, 'newTag');
  const digest = asText(field(entry, 'digest'));
  const suffix =
    digest !== undefined
      ? `@${digest}`
      : tag !== undefined && tag !== null && tag !== ''
        ? `:${String(tag)}`
        : rest;
  if (`${newName ?? name}${suffix}` !== now) return undefined;
  return digest !== undefined ? 'digest' : suffix !== rest ? 'newTag' : 'newName';
}

function splitImage(image: string): { base: string; rest: string } {
  const at = /(?:@[^@]+|:[^:/@]+(?:@[^@]+)?)$/.exec(image)?.index ?? image.length;
  return { base: image.slice(0, at), rest: image.slice(at) };
}
