/** Classes of characters as libyaml tells them apart. The text ends with U+0000, which can stand nowhere else. */

export const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const HASH = 0x23;
export const APOSTROPHE = 0x27;
export const DASH = 0x2d;
export const DOT = 0x2e;
export const COLON = 0x3a;
export const QUESTION = 0x3f;
export const BACKSLASH = 0x5c;

const NEL = 0x85;
const LS = 0x2028;
const PS = 0x2029;

/** YAML 1.1 ends lines at five characters; YAML 1.2 at two. */
export function isBreak(code: number): boolean {
  return code === LF || code === CR || code === NEL || code === LS || code === PS;
}

export function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** Blank, line break, or the end. */
export function isBlankEnd(code: number): boolean {
  return code <= SPACE
    ? code === SPACE || code === LF || code === CR || code === TAB || code === 0
    : code === NEL || code === LS || code === PS;
}

/** The offset behind the line break at `at`. */
export function afterBreak(text: string, at: number): number {
  return text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF ? at + 2 : at + 1;
}

/** What a line break becomes in a scalar: the two separators of Unicode stay, all others are a line feed. */
export function breakText(text: string, at: number): string {
  const code = text.charCodeAt(at);
  return code === LS || code === PS ? text[at]! : '\n';
}

/** `---` or `...` as the whole first word of a line. */
export function isDocumentIndicator(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (
    (code === DASH || code === DOT) &&
    text.charCodeAt(at + 1) === code &&
    text.charCodeAt(at + 2) === code &&
    isBlankEnd(text.charCodeAt(at + 3))
  );
}
