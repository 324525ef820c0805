import type { Flags } from './command.ts';

/** Flags that mean the same in several commands. */
export const SHARED_FLAGS = {
  set: {
    type: 'string',
    hint: 'NAME=VALUE',
    multiple: true,
    description: 'A setting: pss.version=v1.20, kubernetes.version=v1.34.',
  },
  /** Of commands whose reports are not those of `scan`. */
  format: {
    type: 'string',
    hint: 'FORMAT',
    options: ['pretty', 'json'],
    default: 'pretty',
    description: 'What to print on standard output.',
  },
} as const satisfies Flags;
