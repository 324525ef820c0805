/** One index over relatives: by name, labels, selector or key, within namespaces or everywhere. */

import type { JsonMap } from '../../model/index.ts';
import type { Lookup, LookupCode, LookupKey } from '../form.ts';
import { mapAt } from '../json.ts';
import { type Selector, selects } from '../match/labels.ts';
import type { Relative } from './relative.ts';
import { selectorOf } from './selector.ts';

/** What a policy asks of the index for one object. */
export type Asked =
  | { readonly kind: 'all' }
  | { readonly kind: 'name' | 'key'; readonly texts: readonly string[] }
  | { readonly kind: 'labels'; readonly selector: Selector }
  | { readonly kind: 'selector'; readonly labels: Readonly<Record<string, unknown>> };

export interface Found {
  /** Those that fit, as expressions see them. */
  readonly items: readonly JsonMap[];
  /** Why others may fit as well: one cannot be read, or its namespace is not known. Undefined: none does. */
  readonly doubt: string | undefined;
  /** How many were looked at: what the look-up costs. */
  readonly examined: number;
}

export interface Table {
  put(relative: Relative): void;
  delete(relative: Relative): void;
  /** @param namespace Undefined for a table over all namespaces. */
  find(asked: Asked, namespace: string | undefined): Found;
}

/** Under this namespace stand the objects that may be applied to any. */
const UNPLACED = '?';
/** The posting of objects that any question may mean. */
const ANY = '';

interface Entry {
  readonly relative: Relative;
  readonly postings: readonly string[];
  /** Of the candidate, where it selects. */
  readonly selector: Selector;
  readonly texts: readonly string[];
  /** Why it cannot be known what the candidate is found by. */
  readonly broken: string | undefined;
}

const EXPRESSION_LIMIT = 1_000_000;
/** Answers kept. */
const ANSWERS = 256;

export function createTable({ of, by, namespace: within }: Lookup, code: LookupCode): Table {
  const entries = new Map<string, Entry>();
  const postings = new Map<string, Set<Entry>>();
  /** To questions that were asked since anything changed: of one object several times, of its neighbours often again. */
  const answers = new Map<string, Found>();

  function entryOf(relative: Relative): Entry {
    const bare = { relative, selector: [], texts: [], broken: undefined };
    switch (by.kind) {
      case 'all':
        return { ...bare, postings: [ANY] };
      case 'name':
        return { ...bare, postings: [relative.name], texts: [relative.name] };
      case 'labels':
        return { ...bare, postings: [ANY, ...pairs(labelsOf(relative, of))] };
      default:
        return itemEntry(relative, by);
    }
  }

  function itemEntry(relative: Relative, { kind }: LookupKey): Entry {
    const bare = { relative, selector: [], texts: [], broken: undefined };
    const outcome = code.item!.evaluate({ item: itemOf(relative, of) }, EXPRESSION_LIMIT);
    if (!outcome.ok) return { ...bare, postings: [ANY], broken: outcome.error.$message };
    if (kind === 'key') {
      const texts = textsOf(outcome.value);
      return texts === undefined
        ? { ...bare, postings: [ANY], broken: 'its key is neither a string nor a list of strings' }
        : { ...bare, postings: texts, texts };
    }
    const selector = selectorOf(outcome.value);
    if (selector === undefined) return { ...bare, postings: [ANY], broken: 'its selector cannot be read' };
    return { ...bare, selector, postings: selectorPostings(selector) };
  }

  const scopes = (relative: Relative): string[] =>
    within === 'everywhere' ? [ANY] : relative.placed ? [relative.namespace] : [relative.namespace, UNPLACED];

  const identity = ({ group, kind, namespace, name, at }: Relative) =>
    `${group}\n${kind}\n${namespace}\n${name}\n${at}`;

  function remove(relative: Relative): void {
    const key = identity(relative);
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    answers.clear();
    for (const scope of scopes(entry.relative))
      for (const posting of entry.postings) postings.get(`${scope}\n${posting}`)?.delete(entry);
  }

  /** Candidates of one scope: those posted under any of the words. */
  function candidates(scope: string, words: readonly string[], into: Set<Entry>): void {
    for (const word of words) for (const entry of postings.get(`${scope}\n${word}`) ?? []) into.add(entry);
  }

  return {
    put(relative) {
      if (itemOf(relative, of) === null) return;
      remove(relative);
      answers.clear();
      const entry = entryOf(relative);
      entries.set(identity(relative), entry);
      for (const scope of scopes(relative))
        for (const posting of entry.postings) {
          const key = `${scope}\n${posting}`;
          const known = postings.get(key);
          if (known === undefined) postings.set(key, new Set([entry]));
          else known.add(entry);
        }
    },
    delete: remove,
    find(asked, namespace) {
      const question = questionOf(asked, namespace);
      if (question === undefined) return answer(asked, namespace);
      const found = answers.get(question) ?? answer(asked, namespace);
      if (answers.size >= ANSWERS) answers.clear();
      answers.set(question, found);
      return found;
    },
  };

  function answer(asked: Asked, namespace: string | undefined): Found {
    const words = wordsOf(asked, (word) => postings.get(`${namespace ?? ANY}\n${word}`)?.size ?? 0);
    const near = new Set<Entry>();
    // Cluster-scoped objects belong to every namespace.
    for (const scope of namespace === undefined || namespace === '' ? [ANY] : [namespace, ANY])
      candidates(scope, words, near);
    const fitting = [...near].filter((entry) => entry.broken === undefined && fits(entry, asked, of));
    const broken = [...near].find((entry) => entry.broken !== undefined);
    const far = new Set<Entry>();
    if (namespace !== undefined && namespace !== '') candidates(UNPLACED, words, far);
    const unplaced = [...far].some(
      (entry) => !near.has(entry) && (entry.broken !== undefined || fits(entry, asked, of)),
    );
    const doubt =
      broken !== undefined
        ? `${broken.relative.kind} ${broken.relative.name} cannot be read: ${broken.broken}`
        : unplaced
          ? 'objects of the files that name no namespace may belong to it'
          : undefined;
    return {
      items: fitting
        .map(({ relative }) => relative)
        .sort(byPlace)
        .map((relative) => itemOf(relative, of)!),
      doubt,
      examined: near.size + far.size,
    };
  }
}

/** The same text for the same question; undefined where labels are asked for, which may have any values. */
function questionOf(asked: Asked, namespace: string | undefined): string | undefined {
  return asked.kind === 'selector' ? undefined : JSON.stringify([namespace ?? null, asked]);
}

/** What expressions see of a relative; null when the lookup does not mean it. */
export function itemOf({ object, pod, ...relative }: Relative, of: Lookup['of']): Relative['object'] {
  if (of === 'pods') return pod;
  return of.some(({ group, kind }) => group === relative.group && kind === relative.kind) ? object : null;
}

function labelsOf({ object, pod }: Relative, of: Lookup['of']): Readonly<Record<string, unknown>> {
  if (of === 'pods') return pod!.labels;
  return mapAt(mapAt(object!, 'metadata') ?? {}, 'labels') ?? {};
}

function pairs(labels: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`);
}

/** A selector that asks for some value of a label is posted under each of them. */
function selectorPostings(selector: Selector): readonly string[] {
  const bound = selector.find(({ operator }) => operator === 'In');
  return bound === undefined ? [ANY] : bound.values.map((value) => `${bound.key}=${value}`);
}

function wordsOf(asked: Asked, sizeOf: (word: string) => number): readonly string[] {
  switch (asked.kind) {
    case 'all':
      return [ANY];
    case 'name':
    case 'key':
      return [ANY, ...asked.texts];
    case 'selector':
      return [ANY, ...pairs(asked.labels)];
    case 'labels':
      return rarest(asked.selector, sizeOf);
  }
}

/** The requirement that the fewest objects meet; without one that asks for values, all objects. */
function rarest(selector: Selector, sizeOf: (word: string) => number): readonly string[] {
  let best: readonly string[] = [ANY];
  let least = Number.POSITIVE_INFINITY;
  for (const { key, operator, values } of selector) {
    if (operator !== 'In') continue;
    const words = values.map((value) => `${key}=${value}`);
    const size = words.reduce((sum, word) => sum + sizeOf(word), 0);
    if (size >= least) continue;
    best = words;
    least = size;
  }
  return best;
}

function fits(entry: Entry, asked: Asked, of: Lookup['of']): boolean {
  switch (asked.kind) {
    case 'all':
      return true;
    case 'name':
    case 'key':
      return entry.texts.some((text) => asked.texts.includes(text));
    case 'selector':
      return selects(entry.selector, asked.labels);
    case 'labels':
      return selects(asked.selector, labelsOf(entry.relative, of));
  }
}

/** One string or several; undefined for anything else. */
export function textsOf(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((text) => typeof text === 'string') ? value : undefined;
}

/** The same order on every machine and in every thread. */
function byPlace(a: Relative, b: Relative): number {
  return (
    order(a.kind, b.kind) ||
    order(a.group, b.group) ||
    order(a.namespace, b.namespace) ||
    order(a.name, b.name) ||
    order(a.at, b.at)
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
