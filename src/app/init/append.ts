/** Adds an entry to a file that somebody else keeps, where that can be done without changing anything else in it. */
import { parseValue } from '../value.ts';

/**
 * The text with an entry added to the list of a key, or undefined where only a person can tell how.
 *
 * @param entry Lines of one item, indented by two.
 */
export function withEntry(text: string, key: string, entry: string): string | undefined {
  const before = parsed(text);
  const list = before?.[key];
  if (before === undefined || !Array.isArray(list)) return undefined;
  const [item] = parsed(`${key}:\n${entry}`)![key] as [unknown];
  const lines = text.replace(/\n*$/, '\n').split('\n');
  const start = lines.findIndex((line) => line.startsWith(`${key}:`));
  const next = lines.findIndex((line, index) => index > start && /^[^\s#-]/.test(line));
  const end = next === -1 ? lines.length - 1 : next;
  const indent = /^( *)- /m.exec(lines.slice(start + 1, end).join('\n'))?.[1] ?? '  ';
  const moved = entry.replace(/^ {2}/gm, indent).trimEnd().split('\n');
  const after = [...lines.slice(0, end), ...moved, ...lines.slice(end)].join('\n');
  // Whatever the file looks like, it must say what it said, and the entry.
  const expected = { ...before, [key]: [...list, item] };
  return JSON.stringify(parsed(after)) === JSON.stringify(expected) ? after : undefined;
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = parseValue(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
