/**
 * What to change, as people write it: sentences, and YAML to copy. YAML that is not indented as code is taken for code all
 * the same, and gets the four spaces by which every report knows it.
 */
export function remedyOf(text: string): string {
  return text
    .trimEnd()
    .split(/\n[ \t]*\n/)
    .map((part) => (isYaml(part.split('\n')) ? part.replaceAll(/^/gm, '    ') : part))
    .join('\n\n');
}

/** Several lines, each a key or below one. A sentence begins with a capital, and its lines are not indented. */
function isYaml(lines: readonly string[]): boolean {
  const [first = ''] = lines;
  return (
    lines.length > 1 &&
    !/^\s/.test(first) &&
    lines.every((line) => /^(?:\s|[a-z][\w./-]*:(?:\s|$))/.test(line))
  );
}
