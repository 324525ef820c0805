/** Go's answer against ours. */
import { isDeepStrictEqual } from 'node:util';
import { normalize } from './encode.ts';
import type { Answer } from './subject.ts';

export interface Difference {
  readonly what: 'compile' | 'issues' | 'type' | 'outcome' | 'value' | 'error' | 'cost';
  readonly go: unknown;
  readonly ours: unknown;
}

/** All that differs; nothing when the answers agree. */
export function differences(go: Answer, ours: Answer): Difference[] {
  const found: Difference[] = [];
  const compare: Compare = (what, a, b) => {
    if (!isDeepStrictEqual(a, b)) found.push({ what, go: a, ours: b });
  };
  if (refuses(go) !== refuses(ours)) return [{ what: 'compile', go: summary(go), ours: summary(ours) }];
  if (refuses(go)) {
    if (go.issues !== undefined) compareIssues(go, ours, compare);
    return found;
  }
  compare('type', typeName(go.type), ours.type);
  if ((go.error === undefined) !== (ours.error === undefined)) {
    return [...found, { what: 'outcome', go: summary(go), ours: summary(ours) }];
  }
  if (go.error === undefined) compare('value', normalize(go.value), ours.value);
  else compare('error', withoutGoTypes(go.error), withoutGoTypes(ours.error));
  compare('cost', go.cost, ours.cost);
  return found;
}

type Compare = (what: Difference['what'], a: unknown, b: unknown) => void;

/**
 * Type errors one by one, wording included. Of syntax errors, which cel-go's generated parser words by its tables and
 * recovers from in its own way, the first place.
 */
function compareIssues(go: Answer, ours: Answer, compare: Compare): void {
  const [wanted, got] = [places(go), places(ours)];
  const isSyntax = wanted.some((issue) => /Syntax error|unsupported syntax/.test(issue));
  if (isSyntax) compare('issues', firstPlace(go), firstPlace(ours));
  // Both stop somewhere.
  else if (wanted.length < MOST_ISSUES && got.length < MOST_ISSUES) compare('issues', wanted, got);
}

const MOST_ISSUES = 20;

function firstPlace({ issues = [] }: Answer): string {
  const first = [...issues].sort((a, b) => a.line - b.line || a.column - b.column)[0];
  return `${first?.line}:${first?.column}`;
}

function refuses(answer: Answer): boolean {
  return answer.compileError !== undefined;
}

function summary({ compileError, error, value }: Answer): unknown {
  return compileError ?? error ?? value;
}

/** cel-go orders issues of one place by chance. */
function places(answer: Answer): string[] {
  return (answer.issues ?? [])
    .map(({ line, column, message }) => `${line}:${column} ${withoutGoTypes(withoutHint(message))}`)
    .sort();
}

/** Ours are called as cel-go's messages call them. */
function typeName(type: string | undefined): string | undefined {
  return type
    ?.replace(/google\.protobuf\.(Duration|Timestamp)/g, (_, name: string) => name.toLowerCase())
    .replace(/null_type/g, 'null');
}

/**
 * Some messages name the Go type behind a value (`[]interface {}`, `*types.baseList`), which depends on where the value
 * came from and means nothing outside Go, or show a value of any type as Go prints it. Both are cut out here.
 */
function withoutGoTypes(message: string | undefined): string | undefined {
  return message
    ?.replace(/(invalid qualifier type: ).*$/s, '$1…')
    .replace(/(got ')[^']*(', expected iterable type)/, '$1…$2')
    .replace(/(unsupported comprehension range type: ).*$/s, '$1…')
    .replace(/(value ).*( is not optional)/s, '$1…$2')
    .replace(/(from non-optional value ).*$/s, '$1…');
}

/** Ours says which name may have been meant, and names the field also where cel-go knows no fields of a type. */
function withoutHint(message: string): string {
  return message
    .replace(/; did you mean .*$/s, '')
    .replace(/^(unexpected failed resolution of|undefined field) '.*'$/, 'undefined field');
}
