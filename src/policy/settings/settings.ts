import { didYouMean } from '../nearest.ts';

/**
 * What a user may set with `--set NAME=VALUE`. All are Kubernetes versions for now, so a value is a minor: 34 for
 * v1.34. A version newer than the last one known is the last one known.
 */
export const SETTINGS = {
  'pss.version': {
    doc: 'Version of the Pod Security Standards, as in the label pod-security.kubernetes.io/enforce-version.',
    last: 37,
  },
  'kubernetes.version': {
    doc: 'Version of the cluster the manifests are for: which CEL functions, fields and resources exist.',
    last: 37,
  },
} as const;

export type SettingName = keyof typeof SETTINGS;

/** Minor versions by setting. */
export type Settings = { readonly [K in SettingName]: number };

export const DEFAULT_SETTINGS: Settings = Object.freeze(
  Object.fromEntries(Object.entries(SETTINGS).map(([name, { last }]) => [name, last])) as Settings,
);

export type SettingsResult =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly errors: readonly string[] };

/** Reads `NAME=VALUE` assignments, later ones over earlier ones, all over `base`. */
export function parseSettings(assignments: readonly string[], base = DEFAULT_SETTINGS): SettingsResult {
  const settings: Record<string, number> = { ...base };
  const errors: string[] = [];
  for (const assignment of assignments) {
    const result = parseAssignment(assignment);
    if ('error' in result) errors.push(result.error);
    else settings[result.name] = result.minor;
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, settings: settings as Settings };
}

function parseAssignment(assignment: string): { name: SettingName; minor: number } | { error: string } {
  const at = assignment.indexOf('=');
  if (at < 0) return { error: `expected NAME=VALUE, got "${assignment}"` };
  const name = assignment.slice(0, at);
  const value = assignment.slice(at + 1);
  if (!isSettingName(name)) {
    const known = Object.keys(SETTINGS);
    return {
      error: `unknown setting "${name}"; known: ${known.join(', ')}.${didYouMean(name, known)}`,
    };
  }
  const minor = value === 'latest' ? SETTINGS[name].last : parseVersion(value);
  if (minor === undefined)
    return { error: `${name}: expected a version like v1.34 or latest, got "${value}"` };
  return { name, minor: Math.min(minor, SETTINGS[name].last) };
}

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

/** The minor of `v1.34`, `1.34` or `v1.34.2`; undefined for anything else. */
export function parseVersion(text: string): number | undefined {
  const match = /^v?1\.(0|[1-9]\d{0,3})(?:\.\d+)?$/.exec(text);
  return match === null ? undefined : Number(match[1]);
}
