/** What frameworks call the controls that policies of the built-in library name. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_FOLDER } from './package.ts';

export interface Framework {
  readonly title: string;
  /** The edition that ids, titles and mappings are of. */
  readonly edition: string;
  readonly controls: Readonly<Record<string, Control>>;
}

export interface Control {
  /** As the framework prints it. */
  readonly title: string;
  /** What a policy does to count under it: a sentence that is true of each policy that names it. */
  readonly counts: string;
}

/** By the names they have in policies. Pod Security Standards are missing: their checks have no titles but their names. */
export function readFrameworks(): Readonly<Record<string, Framework>> {
  return JSON.parse(readFileSync(join(PACKAGE_FOLDER, 'library', 'frameworks.json'), 'utf8')) as Record<
    string,
    Framework
  >;
}
