import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressOn } from './progress.ts';

function watch({ terminal = true, quiet = false } = {}) {
  let now = 0;
  let written = '';
  const sink = {
    terminal,
    columns: 80,
    write: (text: string) => {
      written += text;
    },
  };
  const progress = progressOn(sink, quiet, () => now);
  return {
    at(milliseconds: number, done: number): string {
      now = milliseconds;
      written = '';
      progress.step(done, 2000, 'files');
      return written;
    },
    end(): string {
      written = '';
      progress.end();
      return written;
    },
  };
}

test('nothing within a second, then a line that is rewritten ten times a second and cleared at the end', () => {
  const screen = watch();
  assert.equal(screen.at(999, 100), '');
  assert.equal(screen.at(1000, 500), '\r[#####...............] 500 of 2,000 files');
  assert.equal(screen.at(1099, 510), '');
  assert.equal(screen.at(1100, 1999), '\r[###################.] 1,999 of 2,000 files');
  assert.equal(screen.end(), '\r\u001b[K');
});

test('a short scan leaves no trace', () => {
  const screen = watch();
  assert.equal(screen.at(10, 2000), '');
  assert.equal(screen.end(), '');
});

test('nothing when piped, and nothing when asked for quiet', () => {
  for (const options of [{ terminal: false }, { quiet: true }]) {
    const screen = watch(options);
    assert.equal(screen.at(5000, 1000) + screen.end(), '');
  }
});
