/** Globs of paths as regular expressions of RE2, which take no more time than the text is long. */

const LONGEST = 1_000;

/**
 * As github.com/bmatcuk/doublestar reads them: `**` between slashes is any number of folders, `*` and `?` do not cross
 * one, `[a-z]`, `[!a]` and `{a,b}` are choices, a backslash takes what follows literally. Undefined for what is no glob.
 */
export function globPattern(glob: string): string | undefined {
  if (glob.length > LONGEST) return undefined;
  const token = /\*\*\/|\/\*\*$|\*+|\?|\[([!^]?)((?:\\[\s\S]|[^\]\\])+)\]|\\([\s\S])|[\s\S]/g;
  let depth = 0;
  let pattern = '';
  for (const { 0: text, 1: not, 2: set, 3: escaped, index } of glob.matchAll(token)) {
    const startsPart = index === 0 || glob[index - 1] === '/';
    if (text === '**/' && startsPart) pattern += '(?:[^/]*/)*';
    else if (text === '**/') pattern += '[^/]*/';
    else if (text === '/**') pattern += '(?:/.*)?';
    else if (text === '**' && startsPart && index + 2 === glob.length) pattern += '.*';
    else if (text.startsWith('*')) pattern += '[^/]*';
    else if (text === '?') pattern += '[^/]';
    else if (set !== undefined) pattern += `[${not === '' ? '' : '^'}${classOf(set)}]`;
    else if (escaped !== undefined) pattern += literal(escaped);
    else if (text === '[' || text === '\\') return undefined;
    else if (text === '{') {
      depth++;
      pattern += '(?:';
    } else if (text === '}' && depth > 0) {
      depth--;
      pattern += ')';
    } else if (text === ',' && depth > 0) pattern += '|';
    else pattern += literal(text);
  }
  return depth === 0 ? pattern : undefined;
}

function classOf(set: string): string {
  return set.replace(/\\([\s\S])|[[^&\]]/g, (text, escaped) => `\\${escaped ?? text}`);
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
