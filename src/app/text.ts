import type { PolicySource } from '../policy/index.ts';
import { DEFAULT_LIMITS, locate } from '../sources/index.ts';
import { decodeText } from '../sources/manifests/text.ts';
import { type ContentReader, createContentReader } from './content.ts';

/** One for all: what it has read is text before it reads on. */
let reader: ContentReader | undefined;

/** The text of a file as it was scanned; undefined when it cannot be read any more, or is longer than what is scanned. */
export function readText(path: string): string | undefined {
  reader ??= createContentReader(DEFAULT_LIMITS.fileBytes);
  const content = reader(path);
  return content.ok ? decodeText(content.bytes) : undefined;
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
