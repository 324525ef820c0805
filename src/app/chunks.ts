/** Files taken from the common list at a time: few enough that no thread is left with a long tail. */
const CHUNK = 32;

/** The next files nobody has taken, until there are none. Every thread draws from the same counter. */
export function* takeChunks(counter: Int32Array, total: number): Iterable<{ start: number; end: number }> {
  for (;;) {
    const start = Atomics.add(counter, 0, CHUNK);
    if (start >= total) return;
    yield { start, end: Math.min(start + CHUNK, total) };
  }
}
