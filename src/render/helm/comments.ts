import type { Comment } from '../../sources/index.ts';
import { blockLines } from './markers.ts';

/**
 * Comments of a template that begin with a marker. A template is no YAML yet, so they are found by lines: a comment
 * stands alone on its line or behind a space, and neither in a block scalar nor in an action.
 */
export function templateComments(text: string, marker: string): Omit<Comment, 'document'>[] {
  if (!text.includes(marker)) return [];
  const lines = text.split(/\r?\n/);
  const inBlock = blockLines(lines);
  return lines.flatMap((line, index) => {
    const found = /(?:^|\s)(#+[ \t]*)/g;
    for (const match of line.matchAll(found)) {
      const at = match.index + match[0].length - match[1]!.length;
      const from = at + match[1]!.length;
      if (!line.startsWith(marker, from) || inBlock[index] || isQuoted(line.slice(0, at))) continue;
      const alone = line.slice(0, at).trim() === '';
      const about = alone ? nextLine(lines, index + 1) : index + 1;
      return [{ line: index + 1, column: at + 1, text: line.slice(from + marker.length).trim(), about }];
    }
    return [];
  });
}

/** Whether a quote, or an action, is still open. */
function isQuoted(before: string): boolean {
  if (before.lastIndexOf('{{') > before.lastIndexOf('}}')) return true;
  const plain = before.replaceAll(/\{\{.*?\}\}/g, '');
  return (plain.match(/"/g) ?? []).length % 2 === 1 || (plain.match(/'/g) ?? []).length % 2 === 1;
}

/** The next line that prints something; 0 if none does. */
function nextLine(lines: readonly string[], from: number): number {
  const found = lines.findIndex((line, index) => {
    if (index < from) return false;
    const printed = line.replaceAll(/\{\{-?\s*(?:if|else|end|with|range|define|\/\*).*?\}\}/g, '').trim();
    return printed !== '' && !printed.startsWith('#');
  });
  return found + 1;
}
