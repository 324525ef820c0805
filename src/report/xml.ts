import { plainLines } from './text.ts';

/** XML has no way to write these two; nor control characters and lone surrogates, which are made printable anyway. */
const UNWRITABLE = /[\ufffe\uffff]/g;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

/** Text for between the quotes of an attribute; line ends survive, which a parser would make spaces of. */
export function xmlAttribute(text: string): string {
  return writable(text).replace(/[&<>"\n]/g, (char) => ENTITIES[char]!);
}

/** Text for between tags. */
export function xmlText(text: string): string {
  return writable(text).replace(/[&<>]/g, (char) => ENTITIES[char]!);
}

function writable(text: string): string {
  return plainLines(text)
    .join('\n')
    .replace(UNWRITABLE, (char) => `\\u{${char.charCodeAt(0).toString(16)}}`);
}
