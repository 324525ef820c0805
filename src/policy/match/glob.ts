/**
 * Names with `*` (any characters) and `?` (one) anywhere, as Kyverno's match blocks have them. Source:
 * IGLOU-EU/go-wildcard. Linear in the product of the lengths: only the last asterisk is ever tried again.
 */
export function globMatches(pattern: string, name: string): boolean {
  const wanted = [...pattern];
  const text = [...name];
  let p = 0;
  let t = 0;
  let star = -1;
  let retry = 0;
  while (t < text.length) {
    if (wanted[p] === '*') {
      star = p++;
      retry = t;
    } else if (p < wanted.length && (wanted[p] === '?' || wanted[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++retry;
    } else return false;
  }
  while (wanted[p] === '*') p++;
  return p === wanted.length;
}
