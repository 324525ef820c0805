import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of our own, gone when the process ends: reports read the sources of findings until then. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rampart-')));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
