import type { Reason } from '../../model/index.ts';
import type { ShapeIssue } from '../shape/read.ts';

/** What is wrong with a policy document, by pointer; the loader turns it into a problem with line and column. */
export interface DocumentFault {
  readonly pointer: string;
  readonly detail: string;
  readonly severity: 'error' | 'warning';
  readonly reason?: Reason;
  readonly help?: string;
}

export function error(pointer: string, detail: string): DocumentFault {
  return { pointer, detail, severity: 'error' };
}

export function warning(pointer: string, detail: string): DocumentFault {
  return { pointer, detail, severity: 'warning' };
}

export function ofShape(issue: ShapeIssue, severity: DocumentFault['severity']): DocumentFault {
  return { pointer: issue.pointer, detail: issue.message, severity };
}
