/** How far up a key is looked for; a longer list than that is rare, and only its beginning is lost. */
const FARTHEST = 2000;

/** `containers:`, `- env:`, `"spec": {`: a key alone, so that no value is shown that nobody points at. */
const KEY_ALONE =
  /^\s*(?:- )*(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s'"{}[\],#&*!|>%@`-][^\s:]*)\s*:\s*[{[]?\s*(?:#.*)?$/;
/** `- name: app`, by which people know an item of a list. */
const NAMED_ITEM = /^\s*- "?name"?: /;

/**
 * Numbers of the lines that lead to a line, from the outermost key on: what stands above it with less indent. Lines that
 * hold a value besides are left out, but for the name of a list's item.
 */
export function ancestors(at: (line: number) => string | undefined, line: number): number[] {
  const found: number[] = [];
  let indent = indentOf(at(line) ?? '');
  let inItem = (at(line) ?? '').trimStart().startsWith('- ');
  for (let number = line - 1; number > 0 && line - number < FARTHEST; number--) {
    const text = at(number) ?? '';
    if (/^(?:---|\.\.\.)(?:\s|$)/.test(text)) break;
    if (text.trim() === '' || text.trimStart().startsWith('#')) continue;
    const own = indentOf(text);
    const item = text.trimStart().startsWith('- ');
    // A list may stand at the indent of its own key.
    if (own > indent || (own === indent && (item || !inItem))) continue;
    if (KEY_ALONE.test(text) || NAMED_ITEM.test(text)) found.unshift(number);
    indent = own;
    inItem = item;
  }
  return found;
}

function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}
