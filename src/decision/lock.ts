/**
 * rampart.lock: the checks a gate was accepted with. What an upgrade of a library brings is audit until somebody accepts
 * it; and stages, set by hand, say what the findings of a policy do.
 */
import { STAGES, type Stage } from '../model/index.ts';
import { byCodeUnit, isMap, step } from './document.ts';

export interface Lock {
  /** Version of the built-in library. */
  readonly library: string;
  /** Versions by setting: `pss.version: v1.37`. */
  readonly settings: Readonly<Record<string, string>>;
  readonly policies: ReadonlyMap<string, LockedPolicy>;
}

export interface LockedPolicy {
  /** What its findings do; undefined: what --fail-on says. */
  readonly stage: Stage | undefined;
  /** Digests by check, accepted; undefined: the policy is of this repository, and reviewed there. */
  readonly checks: ReadonlyMap<string, string> | undefined;
}

/**
 * What a finding of a check does; undefined: what --fail-on says.
 *
 * @param digest Of the check as it is; undefined: its policy is of this repository.
 */
export function stageOf(
  lock: Lock,
  policy: string,
  check: string,
  digest: string | undefined,
): Stage | undefined {
  const locked = lock.policies.get(policy);
  if (digest !== undefined && locked?.checks?.get(check) !== digest) return 'audit';
  return locked?.stage;
}

const HEADER = `# The checks that were accepted. Written by rampart lock; what an upgrade brings is audit until it is in here.
# Of a policy, stage may be set by hand: audit reports, warn annotates, enforce fails.
`;

/** One line for each check, in a stable order, so that a change of the file reads well. */
export function lockText({ library, settings, policies }: Lock): string {
  const lines = [...policies.entries()]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .flatMap(([id, { stage, checks }]) => [
      `  ${JSON.stringify(id)}:`,
      ...(stage === undefined ? [] : [`    stage: ${stage}`]),
      ...(checks === undefined
        ? []
        : [
            `    checks:${checks.size === 0 ? ' {}' : ''}`,
            ...[...checks.entries()]
              .sort(([a], [b]) => byCodeUnit(a, b))
              .map(([name, digest]) => `      ${JSON.stringify(name)}: ${JSON.stringify(digest)}`),
          ]),
    ]);
  return [
    `${HEADER}version: 1`,
    `library: ${JSON.stringify(library)}`,
    'settings:',
    ...Object.entries(settings).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
    `policies:${lines.length === 0 ? ' {}' : ''}`,
    ...lines,
    '',
  ].join('\n');
}

export type ParsedLock = { readonly lock: Lock } | LockFault;

interface LockFault {
  readonly fault: string;
  /** JSON Pointer to what is wrong. */
  readonly pointer: string;
}

const KEYS = ['version', 'library', 'settings', 'policies'];

/** Reads the value of a lock file. */
export function parseLock(value: unknown): ParsedLock {
  if (!isMap(value)) return wrong('expected a lock: version, library, settings and policies', '');
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) return wrong(`a lock has no ${unknown}`, step('', unknown));
  if (Number(value['version']) !== 1)
    return wrong('version must be 1; another version of rampart wrote this file', '/version');
  const { library, settings, policies } = value;
  if (typeof library !== 'string') return wrong('library must be a version', '/library');
  if (!isTexts(settings)) return wrong('settings must be texts by name', '/settings');
  if (!isMap(policies)) return wrong('policies must be mappings by id', '/policies');
  const locked = new Map<string, LockedPolicy>();
  for (const [id, policy] of Object.entries(policies)) {
    const parsed = parsePolicy(policy, step('/policies', id));
    if ('fault' in parsed) return parsed;
    locked.set(id, parsed);
  }
  return { lock: { library, settings, policies: locked } };
}

function parsePolicy(value: unknown, pointer: string): LockedPolicy | LockFault {
  if (!isMap(value)) return wrong('expected stage or checks', pointer);
  const unknown = Object.keys(value).find((key) => key !== 'stage' && key !== 'checks');
  if (unknown !== undefined)
    return wrong(`a policy of a lock has stage and checks, no ${unknown}`, step(pointer, unknown));
  const { stage, checks } = value;
  if (stage !== undefined && !isStage(stage))
    return wrong(`stage is one of ${STAGES.join(', ')}`, `${pointer}/stage`);
  if (checks !== undefined && !isTexts(checks))
    return wrong('checks must be digests by name', `${pointer}/checks`);
  return { stage, checks: checks === undefined ? undefined : new Map(Object.entries(checks)) };
}

function wrong(fault: string, pointer: string): LockFault {
  return { fault, pointer };
}

function isStage(value: unknown): value is Stage {
  return (STAGES as readonly unknown[]).includes(value);
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return isMap(value) && Object.values(value).every((text) => typeof text === 'string');
}
