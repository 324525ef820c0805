import picomatch from 'picomatch';

/** Folders on a path; what lies deeper goes by the folder above. Backtracking takes time by a power of them. */
const DEEPEST = 50;

/**
 * Which of some globs match a file, by index. `file` is relative to the folder of rampart.yaml, with `/`. A glob that
 * matches a folder holds for all that is below; one without a slash matches at any depth, as in `exclude`.
 */
export function matcherOf(globs: readonly string[]): (file: string) => readonly number[] {
  const matchers = globs.map((glob) => {
    const pattern = glob.replace(/^\.\//, '').replace(/\/$/, '');
    return picomatch(pattern, {
      dot: true,
      basename: !pattern.includes('/'),
      noextglob: true,
      nonegate: true,
    });
  });
  const ofFolder = new Map<string, ReadonlySet<number>>([['', new Set()]]);
  const above = (path: string): ReadonlySet<number> => {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    let known = ofFolder.get(folder);
    if (known === undefined) {
      known = matched(folder);
      ofFolder.set(folder, known);
    }
    return known;
  };
  const matched = (path: string): ReadonlySet<number> => {
    const inherited = above(path);
    if (path.split('/', DEEPEST + 1).length > DEEPEST) return inherited;
    return new Set(
      matchers.flatMap((matches, index) => (inherited.has(index) || matches(path) ? [index] : [])),
    );
  };
  return (file) => [...matched(file)];
}
