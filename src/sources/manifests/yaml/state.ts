/** Where a scanner stands in its text. */
import { ConstructError } from '../fault.ts';
import type { Tokens } from './tokens.ts';

/** A token that may turn out to begin a key. */
export interface SimpleKey {
  possible: boolean;
  /** In block context at the indentation of the mapping: if it is no key, it is an error. */
  required: boolean;
  token: number;
  at: number;
  lineStart: number;
}

export interface Scanner {
  /** Ends with U+0000. */
  readonly text: string;
  readonly tokens: Tokens;
  readonly maximumDepth: number;
  /** The text is known to be JSON, which has escapes that YAML 1.1 has not. */
  readonly isJson: boolean;
  at: number;
  /** Where the line began; tells lines apart and gives the column. */
  lineStart: number;
  indent: number;
  readonly indents: number[];
  flowLevel: number;
  keyAllowed: boolean;
  /** By flow level. */
  readonly keys: SimpleKey[];
}

export function noKey(): SimpleKey {
  return { possible: false, required: false, token: 0, at: 0, lineStart: 0 };
}

/** An error where the scanner stands. */
export function fail(s: Scanner, message: string): ConstructError {
  return new ConstructError('syntax', message, s.at);
}
