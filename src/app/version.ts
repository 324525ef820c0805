import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_FOLDER } from './package.ts';

const { version, engines } = JSON.parse(readFileSync(join(PACKAGE_FOLDER, 'package.json'), 'utf8')) as {
  version: string;
  engines: { node: string };
};

/** Rampart's own version. */
export const VERSION = version;

/** The oldest Node that runs it: `24.19`. */
export const NEEDED_NODE = engines.node.replace('>=', '');
