/**
 * What an expression asks of an object, in logic: conditions on single fields, joined by and, or, and quantifiers over
 * lists. Built in one canonical form, so that the same question asked in other words has the same {@link keyOf}.
 *
 * A path is a root (`object`, `oldObject`, `@` for the element a quantifier is at) and the steps of a JSON Pointer:
 * `object/metadata/labels/app.kubernetes.io~1name`.
 */

export type Constant = null | boolean | number | string;
export type TextOperation = 'startsWith' | 'endsWith' | 'contains' | 'matches';
export type NumberOperation = '<' | '<=' | '>' | '>=';

/** A condition on one field. All but `absent` say that the field is there. */
export type Test =
  | { readonly test: 'absent' }
  | { readonly test: 'present' }
  | { readonly test: 'is'; readonly values: readonly Constant[] }
  | { readonly test: 'not'; readonly values: readonly Constant[] }
  | { readonly test: 'number'; readonly operation: NumberOperation; readonly value: number }
  | {
      readonly test: 'text';
      readonly operation: TextOperation;
      readonly text: string;
      readonly holds: boolean;
    }
  | { readonly test: 'size'; readonly least: number; readonly most: number };

export interface CellFormula {
  readonly kind: 'cell';
  readonly path: string;
  readonly test: Test;
  readonly key: string;
}

export interface ElementsFormula {
  /** `every`: of all elements of the list (keys of the map) at the path; `some`: of one of them. */
  readonly kind: 'every' | 'some';
  readonly path: string;
  readonly of: Formula;
  readonly key: string;
}

export interface OpaqueFormula {
  /** An expression that is not understood: of one text it is true, or false, or neither. */
  readonly kind: 'opaque';
  readonly text: string;
  readonly holds: boolean;
  readonly key: string;
}

interface Join<K extends 'and' | 'or'> {
  readonly kind: K;
  readonly parts: readonly Formula[];
  readonly key: string;
}

export type JoinFormula = Join<'and'> | Join<'or'>;

export interface ConstantFormula {
  readonly kind: 'true' | 'false';
  readonly key: string;
}

export type Formula = CellFormula | ElementsFormula | OpaqueFormula | JoinFormula | ConstantFormula;

export const TRUE: Formula = { kind: 'true', key: 'true' };
export const FALSE: Formula = { kind: 'false', key: 'false' };

export function truth(value: boolean): Formula {
  return value ? TRUE : FALSE;
}

export function opaque(text: string, holds: boolean): Formula {
  return { kind: 'opaque', text, holds, key: `${holds ? '' : '!'}{${text}}` };
}

export function cell(path: string, test: Test): Formula {
  // A root is always there; so is the element that a quantifier is at.
  if (!path.includes('/') && test.test === 'present') return TRUE;
  if (!path.includes('/') && test.test === 'absent') return FALSE;
  if (test.test === 'is' && test.values.length === 0) return FALSE;
  return { kind: 'cell', path, test: sorted(test), key: `${path} ${JSON.stringify(sorted(test))}` };
}

function sorted(test: Test): Test {
  if (test.test !== 'is' && test.test !== 'not') return test;
  const values = [...new Set(test.values)].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return { test: test.test, values };
}

export const present = (path: string): Formula => cell(path, { test: 'present' });
export const absent = (path: string): Formula => cell(path, { test: 'absent' });
export const is = (path: string, ...values: Constant[]): Formula => cell(path, { test: 'is', values });
export const isNot = (path: string, ...values: Constant[]): Formula => cell(path, { test: 'not', values });

export function sized(path: string, least: number, most: number): Formula {
  if (most < least) return FALSE;
  return cell(path, { test: 'size', least: Math.max(0, least), most });
}

export function elements(kind: 'every' | 'some', path: string, of: Formula): Formula {
  if (kind === 'every' && of.kind === 'true') return present(path);
  if (kind === 'every' && of.kind === 'false') return sized(path, 0, 0);
  if (kind === 'some' && of.kind === 'true') return sized(path, 1, Number.POSITIVE_INFINITY);
  if (kind === 'some' && of.kind === 'false') return FALSE;
  return { kind, path, of, key: `${kind}(${path}: ${of.key})` };
}

export function and(...parts: readonly Formula[]): Formula {
  const flat = flatten('and', parts);
  if (flat.some(({ kind }) => kind === 'false')) return FALSE;
  return joined('and', withoutImplied(mergeValues('not', unique(flat))), TRUE);
}

export function or(...parts: readonly Formula[]): Formula {
  const flat = flatten('or', parts);
  if (flat.some(({ kind }) => kind === 'true')) return TRUE;
  const alternatives = simplifyAlternatives(mergeValues('is', unique(flat)));
  if (alternatives.some(({ kind }) => kind === 'true')) return TRUE;
  return joined('or', alternatives, FALSE);
}

function joined(kind: 'and' | 'or', parts: readonly Formula[], empty: Formula): Formula {
  if (parts.length === 0) return empty;
  if (parts.length === 1) return parts[0]!;
  const ordered = [...parts].sort((a, b) => (a.key < b.key ? -1 : 1));
  return { kind, parts: ordered, key: `${kind}(${ordered.map(({ key }) => key).join(', ')})` };
}

function flatten(kind: 'and' | 'or', parts: readonly Formula[]): Formula[] {
  const neutral = kind === 'and' ? 'true' : 'false';
  return parts.flatMap((part) =>
    part.kind === kind && 'parts' in part ? part.parts : part.kind === neutral ? [] : [part],
  );
}

function unique(parts: readonly Formula[]): Formula[] {
  return [...new Map(parts.map((part) => [part.key, part])).values()];
}

/** `x != 1 && x != 2`, `x == 1 || x == 2`: one condition on the field. */
function mergeValues(test: 'is' | 'not', parts: readonly Formula[]): Formula[] {
  const byPath = new Map<string, Constant[]>();
  const others: Formula[] = [];
  for (const part of parts) {
    if (part.kind !== 'cell' || part.test.test !== test) others.push(part);
    else byPath.set(part.path, [...(byPath.get(part.path) ?? []), ...part.test.values]);
  }
  return [...others, ...[...byPath].map(([path, values]) => cell(path, { test, values }))];
}

/** Paths that a formula says are there, without looking into alternatives. */
function* provenPresent(formula: Formula): Iterable<string> {
  if (formula.kind === 'cell' && formula.test.test !== 'absent') yield formula.path;
  else if (formula.kind === 'every' || formula.kind === 'some') yield formula.path;
  else if (formula.kind === 'and') for (const part of formula.parts) yield* provenPresent(part);
}

function isBelow(path: string, above: string): boolean {
  return path.startsWith(above) && path[above.length] === '/';
}

/** That a field is there goes without saying beside a condition on it, or on a field below it. */
function withoutImplied(parts: readonly Formula[]): Formula[] {
  return parts.filter((part) => {
    if (part.kind !== 'cell' || part.test.test !== 'present') return true;
    return !parts.some(
      (other) =>
        other !== part &&
        [...impliedPresent(other)].some((path) => path === part.path || isBelow(path, part.path)),
    );
  });
}

/** The same with alternatives that all say so. */
function* impliedPresent(formula: Formula): Iterable<string> {
  if (formula.kind !== 'or') {
    yield* provenPresent(formula);
    return;
  }
  const [first, ...rest] = formula.parts.map((part) => [...impliedPresent(part)]);
  for (const path of first ?? [])
    if (rest.every((paths) => paths.some((other) => other === path || isBelow(other, path)))) yield path;
}

/**
 * Where a field is absent, so is what is below it; and beside that alternative the others need not say that the field
 * is there. So `!has(a.b) || !has(a.b.c)` and `!a.?b.?c.hasValue()` become one.
 */
function simplifyAlternatives(parts: readonly Formula[]): Formula[] {
  const missing = parts.flatMap((part) =>
    part.kind === 'cell' && part.test.test === 'absent' ? [part.path] : [],
  );
  if (missing.length === 0) return [...parts];
  const cut = unique(
    parts.flatMap((part) => {
      const rest = withoutPresence(part, missing);
      return rest.kind === 'or' ? rest.parts : [rest];
    }),
  );
  const gone = new Set(
    cut.flatMap((part) => (part.kind === 'cell' && part.test.test === 'absent' ? [part.path] : [])),
  );
  const kept = cut.filter(
    (part) =>
      !(part.kind === 'cell' && part.test.test === 'absent') ||
      ![...gone].some((path) => isBelow(path, part.path)),
  );
  return kept.length === parts.length && kept.every((part, i) => part === parts[i])
    ? kept
    : simplifyAlternatives(mergeValues('is', unique(kept)));
}

function withoutPresence(part: Formula, missing: readonly string[]): Formula {
  const isSaid = (formula: Formula): boolean =>
    formula.kind === 'cell' && formula.test.test === 'present' && missing.includes(formula.path);
  if (isSaid(part)) return TRUE;
  if (part.kind !== 'and') return part;
  const rest = part.parts.filter((inner) => !isSaid(inner));
  return rest.length === part.parts.length ? part : joined('and', rest, TRUE);
}

/** The conditions that must all hold. */
export function conjuncts(formula: Formula): readonly Formula[] {
  if (formula.kind === 'true') return [];
  return formula.kind === 'and' ? formula.parts : [formula];
}

/** Expressions in it that are not understood. */
export function opaqueTexts(formula: Formula): readonly string[] {
  switch (formula.kind) {
    case 'opaque':
      return [formula.text];
    case 'every':
    case 'some':
      return opaqueTexts(formula.of);
    case 'and':
    case 'or':
      return formula.parts.flatMap(opaqueTexts);
    default:
      return [];
  }
}

/** Fields that a formula is about; those of elements below the list's path and `*`. */
export function pathsOf(formula: Formula): readonly string[] {
  switch (formula.kind) {
    case 'cell':
      return [formula.path];
    case 'every':
    case 'some':
      return [formula.path, ...pathsOf(formula.of).map((path) => `${formula.path}/*${path.slice(1)}`)];
    case 'and':
    case 'or':
      return formula.parts.flatMap(pathsOf);
    default:
      return [];
  }
}
