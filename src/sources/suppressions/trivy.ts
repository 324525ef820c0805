/**
 * Trivy: comments `trivy:ignore:ID[:exp:DATE]`, `.trivyignore` and `.trivyignore.yaml`.
 *
 * A day of expiry is the first on which they no longer count (trivy 0.74.0, pkg/iac/ignore and pkg/result/ignore.go).
 * Trivy itself heeds comments in charts, not in plain manifests.
 */
import { isMap, openDocument } from './document.ts';
import { globPattern } from './glob.ts';
import { dayBefore, type Said, type SuppressionEntry, type SuppressionFile } from './suppression.ts';

const TOOL = 'trivy';
export const TRIVY_COMMENTS: readonly string[] = ['trivy:ignore:', 'tfsec:ignore:'];

/** @param text What stands behind the first marker; others may follow on the line. */
export function readTrivyComment(text: string): Said[] {
  const [first = '', ...words] = text.split(/\s+/);
  const marked = words.flatMap((word) => {
    const marker = TRIVY_COMMENTS.find((one) => word.replace(/^[#/*]+/, '').startsWith(one));
    return marker === undefined ? [] : [word.replace(/^[#/*]+/, '').slice(marker.length)];
  });
  const rest = words.filter((word) => !/^[#/*]*(?:trivy|tfsec):/.test(word)).join(' ');
  return [first, ...marked].map((one) => ruleOf(one, rest));
}

/** `ID[param=value]:key:value…`; of the keys only `exp` means something outside of Terraform. */
function ruleOf(text: string, comment: string): Said {
  const [written = '', ...sections] = text.split(':');
  const check = written.replace(/\[.*$/, '');
  if (check === '') return { tool: TOOL, fault: 'it names no check; write trivy:ignore:ID' };
  const at = sections.findIndex((key, i) => i % 2 === 0 && key === 'exp');
  const day = at === -1 ? undefined : (sections[at + 1] ?? '');
  return entryOf(check, comment, day, check.includes('*'));
}

/** @param day On which it ends; undefined: never. */
function entryOf(check: string, comment: string, day: string | undefined, isGlob: boolean): Said {
  const until = day === undefined ? undefined : dayBefore(day);
  if (day !== undefined && until === undefined)
    return { tool: TOOL, fault: `${JSON.stringify(day.slice(0, 40))} is no day; write YYYY-MM-DD` };
  const form = check === '*' && isGlob ? 'all' : isGlob ? 'glob' : 'id';
  return { tool: TOOL, form, check, comment: comment.trim(), until };
}

/** Checks of Kubernetes objects, and of clusters' own components; everything else is about other files. */
const OF_KUBERNETES = /^(?:AVD-)?(?:KSV|KCV)/i;

/** One id a line, perhaps with `exp:YYYY-MM-DD`. A comment right above says why. */
export function readTrivyIgnore(text: string): SuppressionFile {
  const entries: SuppressionEntry[] = [];
  let others = 0;
  let comment: string[] = [];
  for (const [row, whole] of text.split(/\r\n|\n|\r/).entries()) {
    const line = whole.trim();
    if (line.startsWith('#')) comment.push(line.replace(/^#+/, '').trim());
    else if (line === '') comment = [];
    else {
      const [id = '', ...fields] = line.split(/\s+/);
      if (OF_KUBERNETES.test(id)) {
        const day = fields.find((field) => field.startsWith('exp:'))?.slice('exp:'.length);
        const column = whole.indexOf(id) + 1;
        entries.push({ line: row + 1, column, said: entryOf(id, comment.join(' '), day, false) });
      } else others++;
      comment = [];
    }
  }
  return { entries, others };
}

const ELSEWHERE = ['vulnerabilities', 'secrets', 'licenses'];

export function readTrivyIgnoreYaml(text: string): SuppressionFile {
  const { value, at, fault } = openDocument(text, TOOL);
  if (fault !== undefined) return { entries: [fault], others: 0 };
  const wrong = (pointer: string, what: string): SuppressionEntry => ({
    ...at(pointer),
    said: { tool: TOOL, fault: what },
  });
  if (value === undefined || value === null) return { entries: [], others: 0 };
  if (!isMap(value)) return { entries: [wrong('', 'expected a map with misconfigurations')], others: 0 };
  const list = value['misconfigurations'] ?? [];
  if (!Array.isArray(list))
    return { entries: [wrong('/misconfigurations', 'misconfigurations is a list')], others: 0 };
  const away = ELSEWHERE.flatMap((key) => (Array.isArray(value[key]) ? (value[key] as unknown[]) : []));
  const kept = list.map((item: unknown, i) => ignoreOf(item, `/misconfigurations/${i}`));
  const entries = kept.filter((entry) => entry !== undefined);
  return { entries, others: away.length + kept.length - entries.length };

  /** Undefined for checks of other files. */
  function ignoreOf(item: unknown, pointer: string): SuppressionEntry | undefined {
    if (!isMap(item)) return wrong(pointer, 'expected {id, paths, expired_at, statement}');
    const { id, paths = [], expired_at: ends, statement = '' } = item;
    if (typeof id !== 'string' || id === '') return wrong(pointer, 'it has no id');
    if (!OF_KUBERNETES.test(id)) return undefined;
    if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string'))
      return wrong(`${pointer}/paths`, 'paths is a list of texts');
    if (ends !== undefined && typeof ends !== 'string')
      return wrong(`${pointer}/expired_at`, 'expired_at is a day: YYYY-MM-DD');
    const patterns = paths.map(globPattern);
    const bad = patterns.indexOf(undefined);
    if (bad !== -1) return wrong(`${pointer}/paths/${bad}`, 'it is no pattern of paths');
    return {
      ...at(pointer),
      said: entryOf(id, typeof statement === 'string' ? statement : '', ends, false),
      ...(paths.length === 0 ? {} : { scope: { by: 'path', paths: patterns as string[] } }),
    };
  }
}
