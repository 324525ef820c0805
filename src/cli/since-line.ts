/** How far back what a controller knows goes, said where people read it: a restart forgets. */

/** @param since Milliseconds since 1970. */
export function sinceLine(since: number): string {
  return `first and last seen, and fixed, are known since ${new Date(since).toISOString()}, when the controller began`;
}
