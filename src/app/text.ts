import { readFileSync } from 'node:fs';
import type { PolicySource } from '../policy/index.ts';
import { locate, readBlobs } from '../sources/index.ts';
import { decodeText } from '../sources/manifests/text.ts';

/** The text of a file as it was scanned; undefined when it cannot be read any more. */
export function readText(path: string): string | undefined {
  try {
    return decodeText(readFileSync(path));
  } catch {
    return undefined;
  }
}

/** The text of a file in a commit, by its path from the root; undefined when there is none. */
export function textBefore(root: string, commit: string, path: string | undefined): string | undefined {
  const [bytes] = path === undefined ? [] : readBlobs(root, commit, [path]);
  return bytes === undefined ? undefined : decodeText(bytes);
}

export function linesOf(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

/** Finds lines in policy files; each is read when something is wrong in it. */
export function policySource(paths: ReadonlyMap<string, string>): PolicySource {
  const texts = new Map<string, string | undefined>();
  return {
    text(file) {
      if (!texts.has(file)) {
        const path = paths.get(file);
        texts.set(file, path === undefined ? undefined : readText(path));
      }
      return texts.get(file);
    },
    locate,
  };
}

/** Reads again what was scanned, by the name it has in results. */
export function sourceReader(
  given: ReadonlyMap<string, Uint8Array>,
  pathOf: (file: string) => string | undefined,
): (file: string) => string | undefined {
  return (file) => {
    const bytes = given.get(file);
    if (bytes !== undefined) return decodeText(bytes);
    const path = pathOf(file);
    return path === undefined ? undefined : readText(path);
  };
}
