/**
 * Comments that say which line of which template a rendered line was written on.
 *
 * A second rendering of the same chart, with a comment at the end of every line that can bear one, shows for each
 * rendered line where it came from: through conditions, loops, includes and subcharts. Whether the comments changed
 * anything is seen by comparing the objects of both renderings, so a line marked wrongly costs a position, never a truth.
 */

/** A line of a template, from 1, by the index of its file. */
export interface Mark {
  readonly file: number;
  readonly line: number;
}

/** `nonce`: what no template can guess. `definitions`: whether lines inside `define` are marked too. */
export function markLines(text: string, file: number, nonce: string, definitions: boolean): string {
  const lines = text.split('\n');
  let state = OUTSIDE;
  return lines
    .map((line, index) => {
      const bare = line.endsWith('\r') ? line.slice(0, -1) : line;
      const end = line.slice(bare.length);
      const before = state;
      state = after(before, bare);
      const inDefinition = before.nested.includes('define') || before.nested.includes('block');
      if (before.inAction || state.inAction || (inDefinition && !definitions)) return line;
      if (isInBlock(before, bare) || !bearsComment(bare, lines.slice(index + 1, index + 8))) return line;
      return `${bare} #${nonce}:${file}:${index + 1}${end}`;
    })
    .join('\n');
}

/** For each line, whether it belongs to a block scalar. */
export function blockLines(lines: readonly string[]): boolean[] {
  let state: State = OUTSIDE;
  return lines.map((line) => {
    const before = state;
    state = after(before, line);
    return isInBlock(before, line);
  });
}

/** The mark of a rendered line; undefined where it has none. */
export function readMark(line: string, nonce: string): Mark | undefined {
  const at = line.lastIndexOf(`#${nonce}:`);
  const found = at === -1 ? null : /^(\d+):(\d+)/.exec(line.slice(at + nonce.length + 2));
  return found === null ? undefined : { file: Number(found[1]), line: Number(found[2]) };
}

interface State {
  /** Whether an action `{{ … }}` goes on. */
  readonly inAction: boolean;
  /** Indentation of the key whose block scalar goes on. */
  readonly block: number | undefined;
  /** Keywords of the actions that no `end` has closed. */
  readonly nested: readonly string[];
}

const OUTSIDE: State = { inAction: false, block: undefined, nested: [] };

function after({ inAction, block, nested }: State, line: string): State {
  const open = inAction
    ? line.lastIndexOf('}}') < line.lastIndexOf('{{') || !line.includes('}}')
    : line.lastIndexOf('{{') > line.lastIndexOf('}}');
  const now = [...nested];
  if (!inAction)
    for (const [, word] of line.matchAll(/\{\{-?\s*(if|range|with|define|block|end)\b/g)) {
      if (word === 'end') now.pop();
      else now.push(word!);
    }
  const stays = block !== undefined && isInBlock({ inAction, block, nested }, line);
  return { inAction: open, block: stays ? block : blockOf(line), nested: now };
}

function isInBlock({ block }: State, line: string): boolean {
  if (block === undefined) return false;
  return line.trim() === '' || indentOf(line) > block || isAction(line);
}

const BLOCK_HEADER = /^(\s*(?:- +)*)[^\s#].*?:\s+[|>][-+0-9]*\s*(?:#.*)?$/;
const BLOCK_ITEM = /^(\s*)- +[|>][-+0-9]*\s*$/;

function blockOf(line: string): number | undefined {
  const found = BLOCK_HEADER.exec(line) ?? BLOCK_ITEM.exec(line);
  return found === null ? undefined : found[1]!.length;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function isAction(line: string): boolean {
  return /^\s*\{\{/.test(line) && !/\}\}\s*:/.test(line);
}

const KEY = /^\s*(?:- +)*(?:"[^"]*"|'[^']*'|(?:\{\{[^}]*\}\}|[\w./$-])+)\s*:(?:\s+(.*))?$/;
const ITEM = /^\s*(?:- +)+(.*)$/;

/** Whether a comment behind this line is one, as far as the line and its neighbours tell. */
function bearsComment(line: string, following: readonly string[]): boolean {
  // What trims the space behind it would glue the comment to its value.
  if (/-\}\}\s*$/.test(line)) return false;
  const found = KEY.exec(line) ?? ITEM.exec(line);
  if (found === null) return false;
  const value = (found[1] ?? '').replaceAll(/\{\{.*?\}\}/g, 'x').trim();
  if (value === '' || /^[|>][-+0-9]*(?:\s+#.*)?$/.test(value) || /^[&!*]\S+$/.test(value)) return true;
  if (value.startsWith('"')) return /^"(?:[^"\\]|\\.)*"\s*(?:#.*)?$/.test(value);
  if (value.startsWith("'")) return /^'(?:[^']|'')*'\s*(?:#.*)?$/.test(value);
  if (/^[[{]/.test(value)) return isBalanced(value);
  const next = following.find((other) => other.trim() !== '');
  return next === undefined || indentOf(next) <= indentOf(line) || KEY.test(next) || isAction(next);
}

function isBalanced(value: string): boolean {
  const count = (sign: RegExp): number => value.match(sign)?.length ?? 0;
  return count(/[[{]/g) === count(/[\]}]/g) && count(/"/g) % 2 === 0 && count(/'/g) % 2 === 0;
}
