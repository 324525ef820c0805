import type { Flags } from './command.ts';
import { SHARED_FLAGS } from './flags.ts';

/** Flags of the commands that look at a set of policies. */
export const CATALOGUE_FLAGS = {
  policies: {
    type: 'string',
    hint: 'SRC',
    multiple: true,
    description: 'Policies to look at: builtin, a file, or a folder. Without this flag: builtin.',
  },
  set: SHARED_FLAGS.set,
  json: { type: 'boolean', description: 'Print JSON.' },
} as const satisfies Flags;
