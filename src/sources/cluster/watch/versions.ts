/**
 * Resource versions: Kubernetes' own are decimal numbers that grow with every change of any object of a kind (KEP-5504);
 * servers of other APIs may write what they like, which then is only the same or not.
 */

const DECIMAL = /^[1-9][0-9]*$/;

/** Negative: `a` is older. Undefined: nobody can tell. */
export function compareVersions(a: string, b: string): number | undefined {
  if (a === b) return 0;
  if (!DECIMAL.test(a) || !DECIMAL.test(b)) return undefined;
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}

/** False where nobody can tell. */
export function isOlder(a: string, b: string): boolean {
  return (compareVersions(a, b) ?? 0) < 0;
}
