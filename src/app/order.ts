import { type Reported, SEVERITIES } from '../model/index.ts';

const RANK = new Map(SEVERITIES.map((severity, index) => [severity, index]));

/** Printing order: by place, the gravest first, then by whatever tells two results apart; total, so runs diff empty. */
export function compareResults(a: Reported, b: Reported): number {
  return (
    compareText(a.origin.file, b.origin.file) ||
    a.origin.line - b.origin.line ||
    a.origin.column - b.origin.column ||
    RANK.get(a.severity)! - RANK.get(b.severity)! ||
    compareText(a.policy ?? '', b.policy ?? '') ||
    compareText(a.validation ?? '', b.validation ?? '') ||
    compareText(a.resource?.namespace ?? '', b.resource?.namespace ?? '') ||
    compareText(a.resource?.name ?? '', b.resource?.name ?? '') ||
    compareText(a.path ?? '', b.path ?? '') ||
    compareText(a.verdict, b.verdict) ||
    compareText(a.reason, b.reason) ||
    compareText(a.detail, b.detail)
  );
}

/** By code units: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
