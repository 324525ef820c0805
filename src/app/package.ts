import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from './usage.ts';

/** The folder of Rampart's package: above src/ in a clone, above dist/ when bundled. It holds library/. */
export const PACKAGE_FOLDER = packageFolder(import.meta.dirname);

function packageFolder(folder: string): string {
  if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'library', 'policies')))
    return folder;
  const above = dirname(folder);
  if (above === folder) throw new UsageError('the built-in library is missing; reinstall Rampart');
  return packageFolder(above);
}
