import type { Flags } from './command.ts';

/** Which policies of a set. */
export const SELECTION_FLAGS = {
  select: {
    type: 'string',
    hint: 'KEY=VALUE',
    multiple: true,
    description:
      'Only policies with this id, severity, layer, framework, owner or set. Values joined by commas are ' +
      'alternatives; several flags must all hold.',
  },
  skip: {
    type: 'string',
    hint: 'KEY=VALUE',
    multiple: true,
    description: 'Leave out policies; same keys as --select.',
  },
} as const satisfies Flags;
