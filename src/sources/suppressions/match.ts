/** Which policies a suppression is about, and which objects. */
import type { JsonMap, ResourceRef } from '../../model/index.ts';
import { checkovNames } from './checkov.ts';
import { isMap } from './document.ts';
import type { Designator, Scope, Suppression, Tool } from './suppression.ts';

/** Whether a pattern of RE2 matches the whole of a text; one that does not compile matches nothing. */
export type Matches = (pattern: string, text: string) => boolean;

/** Whether one of a policy's `equivalents` is meant. */
export function asks(suppression: Suppression, equivalents: readonly string[], matches: Matches): boolean {
  return equivalents.some((equivalent) =>
    spellingsOf(suppression.tool, equivalent).some((id) => isMeant(suppression, id, matches)),
  );
}

function isMeant({ tool, form, check }: Suppression, id: string, matches: Matches): boolean {
  switch (form) {
    case 'all':
      return true;
    case 'glob':
      return matches(`(?i)${globOf(check)}`, id);
    case 'regex':
      return matches(`(?i)${check}`, id);
    case 'id':
      return idOf(tool, id) === idOf(tool, check);
  }
}

/** How a tool spells its check that a policy names as equivalent; none if it is of another tool. */
function spellingsOf(tool: Tool, equivalent: string): string[] {
  switch (tool) {
    case 'checkov':
      return equivalent.startsWith('CKV') ? [equivalent] : [];
    case 'kubescape':
      return /^C-\d/.test(equivalent) ? [equivalent] : [];
    case 'kube-linter':
      return equivalent.startsWith('kube-linter/') ? [equivalent.slice('kube-linter/'.length)] : [];
    case 'trivy': {
      const [, letters, digits] = TRIVY_ID.exec(equivalent) ?? [];
      if (letters === undefined || digits === undefined) return [];
      const short = letters + (digits.startsWith('0') && digits.length === 4 ? digits.slice(1) : digits);
      return [short, `${letters}-${digits}`, `AVD-${letters}-${digits}`];
    }
  }
}

const TRIVY_ID = /^(?:AVD-)?(KSV|KCV)-?(\d+)$/i;

/** Trivy writes KSV017, KSV-0017 and AVD-KSV-0017 for the same, and Kubescape does not look at case. */
function idOf(tool: Tool, id: string): string {
  if (tool === 'kubescape') return id.toUpperCase();
  const [, letters, digits] = (tool === 'trivy' ? TRIVY_ID.exec(id) : null) ?? [];
  return letters === undefined ? id : `${letters.toUpperCase()}-${Number(digits)}`;
}

function globOf(check: string): string {
  return check.replace(/[\\^$.+?()[\]{}|]/g, '\\$&').replaceAll('*', '.*');
}

/** An object as far as suppressions describe it. */
export interface Subject {
  readonly ref: ResourceRef;
  readonly object: JsonMap;
  /** Names that its file may have: from the root of the repository, from what was scanned, … */
  readonly files: readonly string[];
}

export function isAbout(scope: Scope | undefined, subject: Subject, matches: Matches): boolean {
  switch (scope?.by) {
    case undefined:
      return true;
    case 'path':
      return scope.paths.some((pattern) => subject.files.some((file) => matches(pattern, file)));
    case 'resource':
      return checkovNames(subject.object).includes(scope.id);
    case 'designator':
      return scope.designators.some((designator) => describes(designator, subject, matches));
  }
}

function describes(designator: Designator, { ref, object }: Subject, matches: Matches): boolean {
  const { kind, name, namespace, labels } = designator;
  const fits = (pattern: string | undefined, text: string) => pattern === undefined || matches(pattern, text);
  // A Namespace is in itself, to Kubescape.
  const within = ref.kind === 'Namespace' ? ref.name : ref.namespace;
  if (!fits(kind, ref.kind) || !fits(name, ref.name) || !fits(namespace, within)) return false;
  const metadata = isMap(object['metadata']) ? object['metadata'] : {};
  const among = (values: unknown) =>
    isMap(values) &&
    labels.every(([key, pattern]) => Object.hasOwn(values, key) && matches(pattern, String(values[key])));
  return labels.length === 0 || among(metadata['labels']) || among(metadata['annotations']);
}
