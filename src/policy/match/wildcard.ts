/**
 * Names with an asterisk at the front or the end, as Gatekeeper's match block has them: `kube-*`, `*-system`, `*sys*`.
 * Source: gatekeeper pkg/wildcard.
 */
export function wildcardMatches(pattern: string, name: string): boolean {
  const front = pattern.startsWith('*');
  const back = pattern.endsWith('*');
  if (front && back) return name.includes(inner(pattern));
  if (front) return name.endsWith(pattern.slice(1));
  return back ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** Whether any name that the API server makes of a generateName can match: only a pattern open at its end tells. */
export function wildcardMatchesGenerated(pattern: string, generateName: string): boolean {
  if (!pattern.endsWith('*')) return false;
  return pattern.startsWith('*')
    ? generateName.includes(inner(pattern))
    : generateName.startsWith(pattern.slice(0, -1));
}

function inner(pattern: string): string {
  return pattern === '*' ? '' : pattern.slice(1, -1);
}
