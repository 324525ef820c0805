import { byCodeUnit, isMap, step } from './document.ts';

/** The findings that were there on a certain day: known, listed, and no reason to fail a run. */

export interface BaselineEntry {
  /** From the repository's root, or from the working directory outside of any. */
  readonly file: string;
  readonly fingerprint: string;
  readonly policy: string;
  readonly severity: string;
  readonly validation?: string;
  /** For people: `Deployment shop/web`. */
  readonly resource?: string;
  readonly path?: string;
}

/** A finding as far as a baseline tells one from another. */
export interface Candidate {
  readonly fingerprint: string;
  /** The fingerprint it would have in another file. */
  fingerprintIn(file: string): string;
}

export interface Matched<C> {
  readonly known: ReadonlySet<C>;
  /** Entries that match nothing. */
  readonly left: readonly BaselineEntry[];
}

/**
 * Each entry knows one finding: where two have one fingerprint, two entries do. What lay in a file that is gone is
 * followed to where it lies now.
 *
 * @param gone Whether a file of the baseline is no longer there.
 */
export function matchBaseline<C extends Candidate>(
  entries: readonly BaselineEntry[],
  candidates: readonly C[],
  gone: (file: string) => boolean,
): Matched<C> {
  const open = new Map<string, BaselineEntry[]>();
  for (const entry of entries) open.set(entry.fingerprint, [...(open.get(entry.fingerprint) ?? []), entry]);
  const known = new Set<C>();
  const take = (candidate: C, fingerprint: string): boolean => {
    if (open.get(fingerprint)?.pop() === undefined) return false;
    known.add(candidate);
    return true;
  };
  const others = candidates.filter((candidate) => !take(candidate, candidate.fingerprint));
  const lost = [...new Set(entries.map(({ file }) => file))].filter(gone);
  for (const candidate of others) lost.some((file) => take(candidate, candidate.fingerprintIn(file)));
  return { known, left: [...open.values()].flat() };
}

const HEADER = `# Findings that are known: they are listed as such and fail no run. Written by rampart scan --update-baseline; one
# line is one finding, and a line that is deleted is a finding that counts again.
`;

/** One line for each finding, in a stable order, so that a change of the file reads well. */
export function baselineText(entries: readonly BaselineEntry[]): string {
  const files = [...new Set(entries.map(({ file }) => file))].sort(byCodeUnit);
  const lines = files.flatMap((file) => [
    `  ${JSON.stringify(file)}:`,
    ...entries
      .filter((entry) => entry.file === file)
      .map(entryText)
      .sort(byCodeUnit),
  ]);
  return `${HEADER}version: 1\nfindings:${lines.length === 0 ? ' {}' : ''}\n${lines.map((line) => `${line}\n`).join('')}`;
}

function entryText({ policy, validation, resource, path, severity, fingerprint }: BaselineEntry): string {
  const pairs = Object.entries({ policy, validation, resource, path, severity, fingerprint })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return `    - {${pairs.join(', ')}}`;
}

export type ParsedBaseline =
  | { readonly entries: readonly BaselineEntry[] }
  /** JSON Pointer to what is wrong. */
  | { readonly fault: string; readonly pointer: string };

/** Reads the value of a baseline file. */
export function parseBaseline(value: unknown): ParsedBaseline {
  if (!isMap(value)) return { fault: 'expected a baseline: version and findings', pointer: '' };
  const unknown = Object.keys(value).find((key) => key !== 'version' && key !== 'findings');
  if (unknown !== undefined) return { fault: `a baseline has no ${unknown}`, pointer: step('', unknown) };
  if (Number(value['version']) !== 1)
    return { fault: 'version must be 1; another version of rampart wrote this file', pointer: '/version' };
  const findings = value['findings'];
  if (!isMap(findings)) return { fault: 'findings must be lists by file', pointer: '/findings' };
  const entries: BaselineEntry[] = [];
  for (const [file, list] of Object.entries(findings)) {
    const pointer = step('/findings', file);
    if (!Array.isArray(list)) return { fault: 'expected a list of findings', pointer };
    for (const [i, item] of list.entries()) {
      const fault = faultOf(item);
      if (fault !== undefined) return { fault, pointer: `${pointer}/${i}` };
      entries.push({ file, ...(item as Omit<BaselineEntry, 'file'>) });
    }
  }
  return { entries };
}

const TEXTS = new Set(['policy', 'validation', 'resource', 'path', 'severity', 'fingerprint']);

function faultOf(item: unknown): string | undefined {
  if (!isMap(item)) return 'expected a finding: {policy, …, fingerprint}';
  for (const [key, value] of Object.entries(item)) {
    if (!TEXTS.has(key)) return `a finding of a baseline has no ${key}`;
    if (typeof value !== 'string') return `${key} must be text`;
  }
  if (!/^[0-9a-f]{32}$/.test(String(item['fingerprint']))) return 'fingerprint must be 32 hex digits';
  if (typeof item['policy'] !== 'string') return 'a finding names its policy';
  return undefined;
}
