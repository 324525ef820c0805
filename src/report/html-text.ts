import { plain } from './text.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Printable text for HTML, between tags or between the quotes of an attribute: it stays text. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char]!);
}

/** Text from the input for HTML. */
export function htmlText(text: string): string {
  return escapeHtml(plain(text));
}
