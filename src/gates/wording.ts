/** What whoever made a request is told: which policy, which field, why, what to do, whom to ask. */
import type { Outcome, PolicyInfo } from '../model/index.ts';

/** What is known of policies, by id. */
export type Describe = (policy: string) => Pick<PolicyInfo, 'remediation' | 'owner'> | undefined;

/** Of a denial; more would only be cut by whoever shows it. */
const MOST_MESSAGE = 4_096;
const MOST_DENIALS = 10;
/** The API server cuts longer warnings once all of them are long (k8s.io/apiserver pkg/warning). */
const MOST_WARNING = 256;
const MOST_WARNINGS = 10;
const MOST_DETAIL = 1_024;
const MOST_REMEDY = 400;
/** Lines. */
const MOST_EXAMPLE = 8;

/** In several lines, one policy after the other. */
export function denialMessage(outcomes: readonly Outcome[], describe: Describe): string {
  const denied = outcomes.filter(({ effect }) => effect === 'deny');
  const lines = denied.slice(0, MOST_DENIALS).flatMap((outcome) => denialLines(outcome, describe));
  if (denied.length > MOST_DENIALS) lines.push(`and ${denied.length - MOST_DENIALS} more`);
  return cut(lines.join('\n'), MOST_MESSAGE);
}

function denialLines(outcome: Outcome, describe: Describe): string[] {
  const { policy, resource, verdict } = outcome;
  const { remediation, owner } = policy === null ? {} : (describe(policy) ?? {});
  const lines = [`${verb(outcome, true)} ${subject(outcome)}: ${cut(line(outcome.detail), MOST_DETAIL)}`];
  if (verdict === 'violation' && remediation !== undefined) lines.push(...remedyLines(remediation));
  if (verdict === 'violation') {
    const where = resource === null || resource.namespace === '' ? 'rampart' : resource.namespace;
    const whom = owner === undefined ? '' : ` to ${owner}`;
    lines.push(`  To be exempted: propose a PolicyExemption of ${policy} in namespace ${where}${whom}.`);
  }
  return lines;
}

/** Each once, each within what the API server passes on. */
export function warningsOf(outcomes: readonly Outcome[]): string[] {
  const texts = new Set<string>();
  for (const outcome of outcomes) {
    if (outcome.effect !== 'warn') continue;
    const enforced = outcome.stage === 'enforce';
    texts.add(cut(`${verb(outcome, enforced)} ${subject(outcome)}: ${line(outcome.detail)}`, MOST_WARNING));
  }
  const all = [...texts];
  if (all.length <= MOST_WARNINGS) return all;
  return [
    ...all.slice(0, MOST_WARNINGS - 1),
    `and ${all.length - MOST_WARNINGS + 1} more warnings of policies`,
  ];
}

function verb({ verdict }: Outcome, enforced: boolean): string {
  if (verdict === 'error') return 'cannot be checked by';
  return enforced ? 'violates' : 'would violate';
}

/** `pss-privileged at spec.containers[0].securityContext.privileged`. */
function subject({ policy, validation, path }: Outcome): string {
  const named = validation === undefined || validation.startsWith('validations[') ? '' : `/${validation}`;
  const at = path === undefined || path === '' ? '' : ` at ${fieldOf(path)}`;
  return `${policy}${named}${at}`;
}

/** A JSON Pointer as people write fields. */
function fieldOf(pointer: string): string {
  let field = '';
  for (const step of pointer.slice(1).split('/')) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (/^\d+$/.test(name)) field += `[${name}]`;
    else if (/^[\w-]+$/.test(name)) field += field === '' ? name : `.${name}`;
    else field += `[${JSON.stringify(name)}]`;
  }
  return line(field);
}

/** Without control characters, in one line: the text reaches terminals and HTTP headers. */
function line(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .toWellFormed()
    .trim();
}

/** The first paragraph, and the example that it leads up to. */
function remedyLines(text: string): string[] {
  const parts = text.trimEnd().split(/\n\s*\n/);
  // Some begin with what to write.
  const [first = '', example = ''] = parts[0]!.startsWith(' ') ? [':', ...parts] : parts;
  const said = first === ':' ? first : `: ${cut(line(first), MOST_REMEDY)}`;
  const sentence = `  To put it right${said}`;
  if (!line(first).endsWith(':')) return [sentence];
  const lines = example.split('\n').slice(0, MOST_EXAMPLE);
  return [sentence, ...lines.map((one) => `  ${/^ */.exec(one)![0]}${cut(line(one), MOST_REMEDY)}`)];
}

/** At most so many characters, none of them halved. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text
    .slice(0, most - 1)
    .toWellFormed()
    .replace(/\ufffd$/, '')}…`;
}
