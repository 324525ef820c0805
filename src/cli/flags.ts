import type { Arguments, Flags } from './command.ts';
import type { Io } from './io.ts';

/** Flags that mean the same in several commands. */
export const SHARED_FLAGS = {
  set: {
    type: 'string',
    hint: 'NAME=VALUE',
    multiple: true,
    key: 'settings',
    description: 'A setting: pss.version=v1.20, kubernetes.version=v1.34.',
  },
  schemas: {
    type: 'string',
    hint: 'PATH',
    multiple: true,
    key: 'schemas',
    description: 'CustomResourceDefinitions of the kinds that policies are about.',
  },
  'pod-path': {
    type: 'string',
    hint: 'KIND.GROUP=PATH',
    multiple: true,
    key: 'podPaths',
    description:
      'Where objects of a custom kind carry a pod template, such as Rollout.argoproj.io=spec.template; [*] stands for all ' +
      'items of a list. What policies say of pods is said of it.',
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

/** Which policies of a set. */
export const SELECTION_FLAGS = {
  select: {
    type: 'string',
    hint: 'KEY=VALUE',
    multiple: true,
    key: 'select',
    completes: 'selection',
    description:
      'Only policies with this id, severity, layer, framework, owner or set. Values joined by commas are ' +
      'alternatives; several flags must all hold. Without it: of the built-in library set=recommended; set=all is all of it.',
  },
  skip: {
    type: 'string',
    hint: 'KEY=VALUE',
    multiple: true,
    key: 'skip',
    completes: 'selection',
    description: 'Leave out policies; same keys as --select.',
  },
} as const satisfies Flags;

/** Flags of the commands that look at a set of policies. */
export const CATALOGUE_FLAGS = {
  policies: {
    type: 'string',
    hint: 'SRC',
    multiple: true,
    key: 'policies',
    description:
      'Policies to look at: builtin, a file, a folder, or git::REPOSITORY//PATH?ref=REF. Without this flag: builtin.',
  },
  set: SHARED_FLAGS.set,
  json: { type: 'boolean', description: 'Print JSON.' },
} as const satisfies Flags;

/** What `CATALOGUE_FLAGS` say of the policies to look at, all of them. */
export function catalogueOptions(flags: Arguments<typeof CATALOGUE_FLAGS>['flags'], io: Io) {
  return {
    policies: flags.policies.length === 0 ? ['builtin'] : flags.policies,
    cwd: io.cwd,
    set: flags.set,
    select: [],
    skip: [],
    cache: io.cache,
  };
}
