import type { JsonMap } from '../model/index.ts';
import type { Authorize } from '../policy/index.ts';
import { openSource } from './source.ts';
import { UsageError } from './usage.ts';
import { readLocated } from './value.ts';

/** What --answers says. What an answer does not say, it does not ask about; the first that fits counts. Plain data. */
export interface Answers {
  readonly authorizer: readonly AuthorizerAnswer[];
  readonly resources: readonly ResourcesAnswer[];
  readonly http: readonly HttpAnswer[];
  readonly globalContext: readonly GlobalContextAnswer[];
  readonly images: readonly ImageAnswer[];
}

type AuthorizerAnswer = { readonly allowed: boolean; readonly reason?: string } & {
  readonly [K in (typeof CHECKED)[number]]?: string;
};

/** All objects there are of a resource, in a namespace or in all. */
interface ResourcesAnswer {
  readonly apiVersion: string;
  /** Plural. */
  readonly resource: string;
  readonly namespace?: string;
  readonly items: readonly JsonMap[];
}

interface HttpAnswer {
  readonly url: string;
  readonly method?: string;
  /** Default 200. */
  readonly status?: number;
  readonly body: unknown;
}

interface GlobalContextAnswer {
  readonly name: string;
  readonly value?: unknown;
  readonly projections?: JsonMap;
}

interface ImageAnswer {
  readonly image: string;
  readonly data: JsonMap;
}

const CHECKED = [
  'verb',
  'group',
  'resource',
  'subresource',
  'namespace',
  'name',
  'path',
  'serviceAccount',
] as const;

type Field = 'text' | 'flag' | 'number' | 'mapping' | 'list of mappings' | 'value';

/** Fields of the answers in each list; those that end in `!` are required. */
const LISTS: Readonly<Record<keyof Answers, Readonly<Record<string, Field>>>> = {
  authorizer: {
    ...Object.fromEntries(CHECKED.map((field) => [field, 'text'] as const)),
    'allowed!': 'flag',
    reason: 'text',
  },
  resources: {
    'apiVersion!': 'text',
    'resource!': 'text',
    namespace: 'text',
    'items!': 'list of mappings',
  },
  http: { 'url!': 'text', method: 'text', status: 'number', 'body!': 'value' },
  globalContext: { 'name!': 'text', value: 'value', projections: 'mapping' },
  images: { 'image!': 'text', 'data!': 'mapping' },
};

/** Reads the file of --answers: lists of answers, by what is asked. */
export function readAnswers(file: string, cwd: string): Answers {
  const { path } = openSource(file, { flag: '--answers', cwd });
  const { value, place } = readLocated('--answers', path, file);
  const wrong = (pointer: string, what: string) =>
    new UsageError(`--answers: ${place(pointer)}: ${what}`, shapes());
  if (!isMap(value)) throw wrong('', 'it is no mapping');
  for (const name of Object.keys(value))
    if (!Object.hasOwn(LISTS, name)) throw wrong(`/${name}`, `unknown field ${name}`);
  const lists = Object.entries(LISTS).map(([name, fields]) => {
    const list = Object.hasOwn(value, name) ? value[name] : [];
    if (!Array.isArray(list)) throw wrong(`/${name}`, `${name} is no list`);
    list.forEach((answer: unknown, i) => {
      checkAnswer(answer, fields, (pointer, what) =>
        wrong(`/${name}/${i}${pointer}`, `${name}[${i}]: ${what}`),
      );
    });
    return [name, list] as const;
  });
  return Object.fromEntries(lists) as unknown as Answers;
}

function shapes(): string {
  const shown = Object.entries(LISTS).map(
    ([name, fields]) =>
      `${name}: {${Object.keys(fields)
        .map((field) => field.replace('!', ''))
        .join(', ')}}`,
  );
  return `it holds lists: ${shown.join('; ')}`;
}

function checkAnswer(
  answer: unknown,
  fields: Readonly<Record<string, Field>>,
  wrong: (pointer: string, what: string) => UsageError,
): void {
  if (!isMap(answer)) throw wrong('', 'it is no mapping');
  const known = new Map(Object.entries(fields).map(([name, field]) => [name.replace('!', ''), field]));
  for (const [name, value] of Object.entries(answer)) {
    const field = known.get(name);
    if (field === undefined) throw wrong(`/${name}`, `unknown field ${name}`);
    if (!FITS[field](value)) throw wrong(`/${name}`, `${name} is no ${field}`);
  }
  for (const name of Object.keys(fields))
    if (name.endsWith('!') && !Object.hasOwn(answer, name.slice(0, -1)))
      throw wrong('', `${name.slice(0, -1)} is missing`);
}

const FITS: Readonly<Record<Field, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  flag: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  mapping: isMap,
  'list of mappings': (value) => Array.isArray(value) && value.every(isMap),
  value: () => true,
};

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Number);
}

/** Answers authorizer checks by a list of answers; what is not on the list is `needs-answer`. */
export function authorizeBy({ authorizer }: Answers): Authorize {
  return (check) => {
    const answer = authorizer.find((candidate) => fits(candidate, check));
    if (answer === undefined) return undefined;
    const { allowed, reason } = answer;
    return reason === undefined ? { allowed } : { allowed, reason };
  };
}

type Check = Parameters<Authorize>[0];

function fits(answer: AuthorizerAnswer, check: Check): boolean {
  const asked: Record<string, string> = { verb: check.verb };
  if (check.kind === 'path') asked['path'] = check.path;
  else
    for (const field of ['group', 'resource', 'subresource', 'namespace', 'name'] as const)
      asked[field] = check[field];
  asked['serviceAccount'] =
    check.subject.kind === 'request-user' ? '' : `${check.subject.namespace}/${check.subject.name}`;
  // An answer about the request's user is not one about a service account, nor the reverse.
  if ((answer.serviceAccount ?? '') !== asked['serviceAccount']) return false;
  return CHECKED.every((field) => answer[field] === undefined || answer[field] === asked[field]);
}
