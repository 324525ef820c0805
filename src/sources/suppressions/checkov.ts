/**
 * Checkov: annotations `checkov.io/skip1: ID=comment`, comments `checkov:skip=ID,ID:comment`, and baselines.
 *
 * Its Kubernetes runner heeds annotations alone; comments are what its other runners heed, and what people write in
 * manifests all the same (checkov 3.3.30, kubernetes_utils.py and common/comment).
 */
import type { JsonMap } from '../../model/index.ts';
import { isMap, openDocument } from './document.ts';
import type { Said, Suppression, SuppressionEntry, SuppressionFile } from './suppression.ts';

const TOOL = 'checkov';
export const CHECKOV_COMMENTS: readonly string[] = ['checkov:skip=', 'bridgecrew:skip=', 'cortex:skip='];
const ANNOTATION = /(?:checkov|bridgecrew|cortex)\.io\/skip/;

/** @param text What stands behind the `=`. */
export function readCheckovComment(text: string): Said[] {
  const [, ids, comment = ''] = /^ *([A-Za-z_\d-]+(?:,[A-Za-z_\d-]+)*)(?::(.*))?(?:\s|$)/.exec(text) ?? [];
  if (ids === undefined) return [{ tool: TOOL, fault: 'it names no check; write checkov:skip=ID:reason' }];
  return ids.split(',').map((id) => skipOf(id, comment));
}

/** Undefined for annotations that are none of checkov's. */
export function readCheckovAnnotation(key: string, value: unknown): Said | undefined {
  if (!ANNOTATION.test(key)) return undefined;
  if (typeof value !== 'string' || value.trim() === '')
    return { tool: TOOL, fault: 'it names no check; write ID=reason' };
  const at = value.indexOf('=');
  const [id, comment] = at === -1 ? [value, ''] : [value.slice(0, at), value.slice(at + 1)];
  if (/^[A-Za-z_\d-]+$/.test(id.trim())) return skipOf(id.trim(), comment);
  return { tool: TOOL, fault: `${JSON.stringify(id.slice(0, 40))} is no id of a check; write ID=reason` };
}

function skipOf(check: string, comment: string): Suppression {
  return { tool: TOOL, form: 'id', check, comment: comment.trim(), until: undefined };
}

/** A `.checkov.baseline`. Its files do not count: checkov compares resources and checks alone. */
export function readCheckovBaseline(text: string): SuppressionFile {
  const { value, at, fault } = openDocument(text, TOOL);
  if (fault !== undefined) return { entries: [fault], others: 0 };
  const wrong = (pointer: string, what: string): SuppressionEntry => ({
    ...at(pointer),
    said: { tool: TOOL, fault: what },
  });
  const files = isMap(value) ? value['failed_checks'] : undefined;
  if (!Array.isArray(files))
    return { entries: [wrong('', 'a baseline has a list failed_checks')], others: 0 };
  const entries = files.flatMap((file: unknown, i): SuppressionEntry[] => {
    const findings = isMap(file) ? file['findings'] : undefined;
    const pointer = `/failed_checks/${i}`;
    if (!Array.isArray(findings)) return [wrong(pointer, 'a file of a baseline has a list findings')];
    return findings.flatMap((finding: unknown, j) => entriesOf(finding, `${pointer}/findings/${j}`));
  });
  return { entries, others: 0 };

  function entriesOf(finding: unknown, pointer: string): SuppressionEntry[] {
    const { resource, check_ids: ids } = isMap(finding) ? finding : {};
    if (typeof resource !== 'string' || !Array.isArray(ids))
      return [wrong(pointer, 'a finding of a baseline has a resource and a list check_ids')];
    return ids.map((id: unknown, k): SuppressionEntry => {
      const place = `${pointer}/check_ids/${k}`;
      if (typeof id !== 'string' || id === '') return wrong(place, 'an id of a check is text');
      return {
        ...at(place),
        said: skipOf(id, 'known in its baseline'),
        scope: { by: 'resource', id: resource },
      };
    });
  }
}

/** Kinds whose pod template is a resource of its own to checkov. */
const WITH_POD = new Set([
  'Deployment',
  'DeploymentConfig',
  'DaemonSet',
  'Job',
  'ReplicaSet',
  'ReplicationController',
  'StatefulSet',
]);

/** What checkov calls an object, and the Pod in it. */
export function checkovNames(object: JsonMap): string[] {
  const { kind, metadata, spec } = object;
  const own = nameOf(String(kind), mapOf(metadata), 'default');
  const template = WITH_POD.has(String(kind)) ? mapOf(mapOf(spec)['template']) : {};
  if (!isMap(template['metadata'])) return own;
  const { name = '', namespace = 'default' } = mapOf(metadata);
  return [...own, ...nameOf('Pod', mapOf(template['metadata']), String(namespace), String(name))];
}

function nameOf(kind: string, metadata: JsonMap, otherwise: string, parent = ''): string[] {
  const { name, namespace = otherwise, labels } = metadata;
  if (typeof name === 'string' && name !== '') return [`${kind}.${namespace}.${name}`];
  if (!isMap(labels) || Object.keys(labels).length === 0) return [];
  const said = Object.entries(labels).map(([key, value]) => `${key}-${value}`);
  return [[kind, namespace, ...(parent === '' ? [] : [parent]), ...said].join('.')];
}

function mapOf(value: unknown): JsonMap {
  return isMap(value) ? value : {};
}
