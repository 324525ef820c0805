/** The patches of a kustomization, and where each sets a field. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ResourceRef } from '../../model/index.ts';
import { DEFAULT_LIMITS } from '../../sources/index.ts';
import { readDocuments } from '../../sources/manifests/documents.ts';
import type { Place } from '../rendering.ts';
import { asList, asText, equal, field, follow, isMap, pointerOf, readText, tokensOf } from '../values.ts';
import { correspond } from './correspond.ts';
import type { Kustomization } from './read.ts';

/** A document of a patch. */
export interface Patch {
  readonly value: unknown;
  /** Undefined: a strategic merge patch names its object itself. */
  readonly target: unknown;
  /** Of a field of it. */
  readonly spot: (pointer: string) => Spot;
}

/** A field of a file, or a place that is known already. */
export type Spot =
  | { readonly path: string; readonly document: number; readonly pointer: string }
  | { readonly place: Place };

/** A kustomization, or what a deployment puts on top of one. */
export interface Layer {
  /** That its paths are relative to. */
  readonly folder: string;
  readonly value: unknown;
  readonly spot: (pointer: string) => Spot;
}

export function layerOf({ folder, yaml: { path, value, document } }: Kustomization): Layer {
  return { folder, value, spot: (pointer) => ({ path, document, pointer }) };
}

export function patchesOf(layer: Layer): Patch[] {
  const { value } = layer;
  const entries = (name: string) =>
    asList(field(value, name)).map((entry, index) => ({ entry, at: `/${name}/${index}` }));
  return [
    ...entries('patchesStrategicMerge').flatMap(({ entry, at }) => {
      const text = asText(entry) ?? '';
      return isFile(join(layer.folder, text))
        ? fromFile(layer, text, undefined)
        : inline(layer, text, at, undefined);
    }),
    ...[...entries('patches'), ...entries('patchesJson6902')].flatMap(({ entry, at }) => {
      const [path, text, target] = [
        asText(field(entry, 'path')),
        asText(field(entry, 'patch')),
        field(entry, 'target'),
      ];
      if (path !== undefined && path !== '') return fromFile(layer, path, target);
      return text === undefined ? [] : inline(layer, text, `${at}/patch`, target);
    }),
  ];
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function fromFile({ folder }: Layer, name: string, target: unknown): Patch[] {
  const path = join(folder, name);
  return documentsOf(readText(path) ?? '').map(({ value, index }) => ({
    value,
    target,
    spot: (pointer) => ({ path, document: index, pointer }),
  }));
}

/** Its fields have no places of their own: they stand inside a text. */
function inline({ spot }: Layer, text: string, at: string, target: unknown): Patch[] {
  return documentsOf(text).map(({ value }) => ({
    value,
    target,
    spot: () => spot(at),
  }));
}

function documentsOf(text: string): { value: unknown; index: number }[] {
  return readDocuments(text, DEFAULT_LIMITS).flatMap(({ value, index }) =>
    value === undefined || value === null ? [] : [{ value, index }],
  );
}

export interface Setting {
  /** The object as it is now. */
  readonly object: unknown;
  readonly tokens: readonly string[];
  /** What it was called before kustomize. */
  readonly before: ResourceRef | undefined;
  readonly now: ResourceRef;
}

/** Where the patch sets the field to the value that it has; undefined where it does not. */
export function setBy(patch: Patch, setting: Setting): string | undefined {
  if (Array.isArray(patch.value))
    return aims(patch.target, setting) ? setByOperation(patch.value, setting) : undefined;
  if (!isMap(patch.value)) return undefined;
  const isMeant = isMap(patch.target) ? aims(patch.target, setting) : names(patch.value, setting);
  if (!isMeant) return undefined;
  const found = correspond(setting.object, setting.tokens, patch.value);
  if (found === undefined) return undefined;
  return sets(follow(patch.value, found), follow(setting.object, setting.tokens))
    ? pointerOf(found)
    : undefined;
}

/** Mappings and lists are put together from several places; single values are not. */
function sets(given: unknown, has: unknown): boolean {
  if (isMap(has)) return isMap(given);
  return Array.isArray(has) ? Array.isArray(given) : equal(given, has);
}

/** JSON Patch: the operation whose value reaches down to the field. */
function setByOperation(operations: readonly unknown[], { object, tokens }: Setting): string | undefined {
  const value = follow(object, tokens);
  const setting = operations.flatMap((operation, index) => {
    const kind = field(operation, 'op');
    const path = tokensOf(asText(field(operation, 'path')) ?? '');
    const isParent = path.every(
      (token, at) => token === tokens[at] || (token === '-' && /^\d+$/.test(tokens[at] ?? '')),
    );
    if ((kind !== 'add' && kind !== 'replace') || path.length > tokens.length || !isParent) return [];
    const rest = tokens.slice(path.length);
    const given = follow(field(operation, 'value'), rest);
    return given !== undefined && sets(given, value) ? [`/${index}/value${pointerOf(rest)}`] : [];
  });
  return setting.length === 1 ? setting[0] : undefined;
}

function names(patch: unknown, { before, now }: Setting): boolean {
  const name = asText(field(field(patch, 'metadata'), 'name'));
  return field(patch, 'kind') === now.kind && (name === before?.name || name === now.name);
}

function aims(target: unknown, { before, now }: Setting): boolean {
  const matches = (name: string, ...values: (string | undefined)[]): boolean => {
    const wanted = asText(field(target, name));
    return (
      wanted === undefined || wanted === '' || values.some((value) => value === wanted) || mayMatch(wanted)
    );
  };
  return matches('kind', now.kind) && matches('name', now.name, before?.name);
}

/** A regular expression of kustomize's; whether it matches need not be known, since the value has to be the same. */
function mayMatch(wanted: string): boolean {
  return /[^\w./-]/.test(wanted);
}
