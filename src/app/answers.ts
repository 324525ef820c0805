import type { Authorize } from '../policy/index.ts';
import { openSource } from './source.ts';
import { UsageError } from './usage.ts';
import { readValue } from './value.ts';

/** One answer of --answers: what it does not say, it does not ask about. Plain data. */
export type Answer = { readonly allowed: boolean; readonly reason?: string } & {
  readonly [K in (typeof ASKED)[number]]?: string;
};

const ASKED = [
  'verb',
  'group',
  'resource',
  'subresource',
  'namespace',
  'name',
  'path',
  'serviceAccount',
] as const;
const SHAPE = `it holds authorizer: a list of {${ASKED.join(', ')}, allowed, reason}`;

/** Reads `{authorizer: [{verb, group, resource, …, allowed, reason}]}`; the first answer that fits a check counts. */
export function readAnswers(file: string, cwd: string): Answer[] {
  const wrong = (what: string) => new UsageError(`--answers: ${file}: ${what}`, SHAPE);
  const { path } = openSource(file, { flag: '--answers', cwd });
  const value = readValue('--answers', path, file) as { authorizer?: unknown } | null;
  if (typeof value !== 'object' || value === null || !Array.isArray(value.authorizer))
    throw wrong('there is no list authorizer');
  for (const name of Object.keys(value)) if (name !== 'authorizer') throw wrong(`unknown field ${name}`);
  return value.authorizer.map((answer: unknown, index) =>
    readAnswer(answer, (what) => wrong(`authorizer[${index}]: ${what}`)),
  );
}

function readAnswer(answer: unknown, wrong: (what: string) => UsageError): Answer {
  if (typeof answer !== 'object' || answer === null) throw wrong('it is no mapping');
  for (const [name, field] of Object.entries(answer)) {
    const known = name === 'reason' || (ASKED as readonly string[]).includes(name);
    if (known && typeof field !== 'string') throw wrong(`${name} is no text`);
    if (!known && name !== 'allowed') throw wrong(`unknown field ${name}`);
  }
  if (typeof (answer as Answer).allowed !== 'boolean') throw wrong('allowed is neither true nor false');
  return answer as Answer;
}

/** Answers authorizer checks by a list of answers; what is not on the list is `needs-answer`. */
export function authorizeBy(answers: readonly Answer[]): Authorize {
  return (check) => {
    const answer = answers.find((candidate) => fits(candidate, check));
    if (answer === undefined) return undefined;
    const { allowed, reason } = answer;
    return reason === undefined ? { allowed } : { allowed, reason };
  };
}

type Check = Parameters<Authorize>[0];

function fits(answer: Answer, check: Check): boolean {
  const asked: Record<string, string> = { verb: check.verb };
  if (check.kind === 'path') asked['path'] = check.path;
  else
    for (const field of ['group', 'resource', 'subresource', 'namespace', 'name'] as const)
      asked[field] = check[field];
  asked['serviceAccount'] =
    check.subject.kind === 'request-user' ? '' : `${check.subject.namespace}/${check.subject.name}`;
  // An answer about the request's user is not one about a service account, nor the reverse.
  if ((answer.serviceAccount ?? '') !== asked['serviceAccount']) return false;
  return ASKED.every((field) => answer[field] === undefined || answer[field] === asked[field]);
}
