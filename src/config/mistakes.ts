/** Issues of the schema in sentences: what is wrong, what was meant, what to do. */
import type { core } from 'zod/mini';
import type { KeyName, Keys } from './keys.ts';
import type { Kind } from './kinds.ts';
import { SECTIONS, type SectionName } from './schema.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface Mistake {
  /** Keys and indexes that lead to it. */
  readonly path: readonly string[];
  readonly message: string;
}

type Step = PropertyKey;
type Nearest = Vocabulary['nearest'];

/** What one issue says, once for each key that it is about. `value` is the whole that was read. */
export function mistakesOf(issue: core.$ZodIssue, value: unknown, keys: Keys, nearest: Nearest): Mistake[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => ({ path: [...path, name], message: unknown(path, name, keys, nearest) }));
  // What is wrong with a name of a mapping is that it has the wrong form.
  const [inner = issue] = issue.code === 'invalid_key' ? issue.issues : [issue];
  const given = issue.code === 'invalid_key' ? path.at(-1) : valueAt(value, issue.path);
  const subject = path.length === 0 ? 'rampart.yaml' : shown(path);
  if (given === undefined) return [{ path: path.slice(0, -1), message: `${subject} is missing` }];
  const meant = inner.code === 'invalid_value' ? near(given, inner.values.map(String), nearest) : '';
  const quotes = typeof given === 'number' && inner.code === 'invalid_type' && inner.expected === 'string';
  const advice = quotes ? '; put it in quotes' : meant;
  const message = `${subject}: expected ${expectation(inner, keys, path)}, got ${described(given)}${advice}`;
  return [{ path, message }];
}

function expectation(issue: core.$ZodIssue, keys: Keys, path: readonly string[]): string {
  switch (issue.code) {
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_type':
      return TYPES[issue.expected] ?? (keyAt(keys, path)?.kind.says || issue.message);
    default:
      // Forms say themselves what they expect.
      return issue.message || keyAt(keys, path)?.kind.says || 'something else';
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function unknown(path: readonly string[], name: string, keys: Keys, nearest: Nearest): string {
  const said = `unknown key ${JSON.stringify(shorten(name))}`;
  const inner = keyAt(keys, path);
  // Inside the value of a key: which names there are is the key's affair.
  if (inner !== undefined) {
    const { names: known = [] } = inner.kind as Kind;
    const names = typeof known === 'function' ? known(insideOf(path)) : known;
    return `${said} in ${shown(path)}${near(name, names, nearest) || `; expected ${names.join(', ')}`}`;
  }
  const [section] = path as [SectionName?];
  const scopes = section === undefined ? undefined : section === 'paths' ? ['path'] : ['path', 'environment'];
  if (scopes !== undefined && (Object.hasOwn(keys, name) || Object.hasOwn(SECTIONS, name)))
    return `${name} cannot be set in ${section}, only for all files`;
  const known = Object.entries(keys).filter(([, { scope }]) => scopes?.includes(scope) ?? true);
  const names = [...known.map(([known]) => known), ...(section === undefined ? Object.keys(SECTIONS) : [])];
  const meant = near(name, names, nearest);
  return meant === '' ? `${said}; the keys are ${names.join(', ')}` : said + meant;
}

function keyAt(keys: Keys, path: readonly string[]): Keys[KeyName] | undefined {
  const name = path[depthOf(path)];
  return name !== undefined && Object.hasOwn(keys, name) ? keys[name as KeyName] : undefined;
}

/** What leads to a place inside of a key's value. */
function insideOf(path: readonly string[]): readonly string[] {
  return path.slice(depthOf(path) + 1);
}

/** Where on a path the key stands: behind a section and a name in it, or first. */
function depthOf(path: readonly string[]): number {
  return Object.hasOwn(SECTIONS, path[0] ?? '') ? 2 : 0;
}

function near(given: unknown, names: readonly string[], nearest: Nearest): string {
  const found = typeof given === 'string' ? nearest(given, names) : undefined;
  return found === undefined ? '' : `; did you mean ${found}?`;
}

function valueAt(value: unknown, path: readonly Step[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<Step, unknown>)[step];
  }
  return at;
}

/** `paths."legacy/**".failOn`, `select[0]`. */
export function shown(path: readonly string[]): string {
  return path
    .map((step) => (/^\d+$/.test(step) ? `[${step}]` : /^[\w-]+$/.test(step) ? step : JSON.stringify(step)))
    .join('.')
    .replaceAll('.[', '[');
}

function described(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return JSON.stringify(shorten(value));
  return typeof value === 'object' ? 'a mapping' : String(value);
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}
