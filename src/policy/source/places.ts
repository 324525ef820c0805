import { type Issue, indexOfOffset } from '../../cel/source.ts';
import type { Problem, Reason, ResourceOrigin } from '../../model/index.ts';
import type { Expression } from '../form.ts';
import { mapScalar, type Position } from './scalar.ts';

/**
 * How policy documents are found again in their files. Injected, since reading files is the business of `sources`.
 * Without it, problems point at the first line of the document.
 */
export interface PolicySource {
  /** The text of a file that policies were read from. */
  text(file: string): string | undefined;
  /** The place of the value at a pointer, or of its nearest existing parent. */
  locate(text: string, document: number, pointer: string): Position;
}

/** Makes problems out of faults, with their places. */
export interface Places {
  /** A fault of a field. */
  problem(fault: Fault): Problem;
  /** A fault inside an expression. */
  expression(
    origin: ResourceOrigin,
    policy: string,
    expression: Expression,
    issue: Issue,
    text?: string,
  ): Problem;
}

export interface Fault {
  readonly origin: ResourceOrigin;
  readonly reason: Reason;
  readonly detail: string;
  /** JSON Pointer inside the object. */
  readonly pointer?: string;
  readonly policy?: string;
  readonly help?: string;
}

export function createPlaces(source: PolicySource | undefined): Places {
  const placeOf = (origin: ResourceOrigin, pointer: string): Position => {
    const text = source?.text(origin.file);
    if (text === undefined) return { line: origin.line, column: 1 };
    return source!.locate(text, origin.document, origin.pointer + pointer);
  };
  return {
    problem: ({ origin, reason, detail, pointer, policy, help }) => {
      const { line, column } = placeOf(origin, pointer ?? '');
      return {
        reason,
        detail,
        origin: { file: origin.file, line, column },
        ...(policy === undefined ? {} : { policy }),
        ...(help === undefined ? {} : { help }),
      };
    },
    expression: (origin, policy, expression, issue, detail = issue.message) => {
      const start = placeOf(origin, expression.pointer);
      const text = source?.text(origin.file);
      const map = text === undefined ? undefined : mapScalar(text, start, expression.text);
      const { line, column } = map?.(indexOfOffset(expression.text, issue.offset)) ?? start;
      return {
        reason: 'invalid-policy',
        detail: `${fieldName(expression.pointer)}: ${detail}`,
        origin: { file: origin.file, line, column },
        policy,
        excerpt: issue.excerpt,
      };
    },
  };
}

/** `/spec/validations/0/expression` → `spec.validations[0].expression`, as the API server names fields. */
export function fieldName(pointer: string): string {
  const steps = pointer.split('/').slice(1);
  let name = '';
  for (const step of steps) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (/^\d+$/.test(key)) name += `[${key}]`;
    else name += name === '' ? key : `.${key}`;
  }
  return name;
}
