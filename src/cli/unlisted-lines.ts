/** What the background scan may not look at, said where people look for what it found. */
import type { UnlistedKind } from '../model/index.ts';

export function unlistedLines(unlisted: readonly UnlistedKind[]): string[] {
  return unlisted.map(({ kind, detail }) => `${kind} objects are not looked at: ${detail}`);
}
