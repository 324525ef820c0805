import type { Defaults, Finding, JsonMap } from '../../model/index.ts';
import { isMap, own } from '../json.ts';
import { parseApiVersion } from '../request.ts';
import { isBuiltIn } from './decode.ts';

/**
 * Findings on fields that nobody wrote say that the API server fills them in, and point at the field that made it: the
 * image of a pull policy. What follows from no other field is pointed at where it would stand. Findings on fields that somebody
 * wrote and no policy sees say that the API server drops them.
 */
export function withCauses(
  findings: readonly Finding[],
  source: JsonMap,
  seen: JsonMap | null,
  defaults: Defaults | undefined,
): readonly Finding[] {
  if (defaults === undefined || findings.length === 0) return findings;
  return findings.map((finding) => {
    const { path } = finding;
    if (path === undefined) return finding;
    const [written, value] = [at(source, path), at(seen, path)];
    if (written !== undefined)
      return value === undefined && isDropped(written, source) ? withDropped(finding, path) : finding;
    if (value === undefined || typeof value === 'object') return finding;
    const field = lastOf(path);
    const cause = defaults.causeOf(field);
    const sibling = cause === undefined ? undefined : `${path.slice(0, path.lastIndexOf('/'))}/${cause}`;
    const from = sibling === undefined || at(source, sibling) === undefined ? undefined : sibling;
    const because = from === undefined ? '' : `, which follows from ${cause}`;
    const detail = `${finding.detail} (${field}: ${String(value)} is the API server's default${because})`;
    return { ...finding, detail, path: from ?? path };
  });
}

/** What built-in kinds leave out is nothing: a null, a false. */
function isDropped(written: unknown, { apiVersion }: JsonMap): boolean {
  return written !== null && !isBuiltIn(parseApiVersion(String(apiVersion)).group);
}

function withDropped(finding: Finding, path: string): Finding {
  const reason = `${lastOf(path)} is dropped by the API server: the schema of the kind does not name it`;
  return { ...finding, detail: `${finding.detail} (${reason})` };
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function at(object: JsonMap | null, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce((value: unknown, step) => {
      const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
      if (Array.isArray(value)) return value[Number(key)];
      return isMap(value) ? own(value, key) : undefined;
    }, object);
}
