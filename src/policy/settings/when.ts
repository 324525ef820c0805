import { didYouMean } from '../nearest.ts';
import { isSettingName, parseVersion, SETTINGS, type SettingName, type Settings } from './settings.ts';

/** `when: {pss.version: ">=1.19 <1.25"}`: all ranges must hold; a space is AND. Decided once, at load. */
export type When = readonly { readonly setting: SettingName; readonly bounds: readonly Bound[] }[];

interface Bound {
  readonly operator: '<' | '<=' | '>' | '>=' | '=' | '!=';
  readonly minor: number;
}

/** What is wrong with one entry of a `when`. */
export interface WhenError {
  readonly key: string;
  readonly message: string;
}

export function parseWhen(when: { readonly [setting: string]: string }): When | readonly WhenError[] {
  const errors: WhenError[] = [];
  const ranges: { setting: SettingName; bounds: Bound[] }[] = [];
  for (const [key, range] of Object.entries(when)) {
    if (!isSettingName(key)) {
      const message = `Unknown setting "${key}".${didYouMean(key, Object.keys(SETTINGS))}`;
      errors.push({ key, message });
      continue;
    }
    const bounds = parseRange(range);
    if (bounds === undefined) {
      errors.push({ key, message: `Expected a range like ">=1.19 <1.25", got "${range}".` });
    } else ranges.push({ setting: key, bounds });
  }
  return errors.length > 0 ? errors : ranges;
}

/** Whether `parseWhen` failed. */
export function isWhenErrors(result: When | readonly WhenError[]): result is readonly WhenError[] {
  return result.length > 0 && 'message' in result[0]!;
}

function parseRange(range: string): Bound[] | undefined {
  const words = range.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return undefined;
  const bounds = words.map(parseBound);
  return bounds.every((bound) => bound !== undefined) ? bounds : undefined;
}

function parseBound(word: string): Bound | undefined {
  const match = /^(<=|>=|!=|<|>|==|=)?(.*)$/.exec(word);
  const minor = parseVersion(match?.[2] ?? '');
  if (minor === undefined) return undefined;
  const sign = match?.[1] ?? '=';
  return { operator: (sign === '==' ? '=' : sign) as Bound['operator'], minor };
}

export function holds(when: When, settings: Settings): boolean {
  return when.every(({ setting, bounds }) => bounds.every((bound) => within(settings[setting], bound)));
}

function within(minor: number, bound: Bound): boolean {
  switch (bound.operator) {
    case '<':
      return minor < bound.minor;
    case '<=':
      return minor <= bound.minor;
    case '>':
      return minor > bound.minor;
    case '>=':
      return minor >= bound.minor;
    case '=':
      return minor === bound.minor;
    case '!=':
      return minor !== bound.minor;
  }
}
