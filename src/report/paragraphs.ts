import { plainLines } from './text.ts';

export interface Paragraph {
  readonly code: boolean;
  /** Printable. */
  line: string;
}

/**
 * Paragraphs of a text as policies' authors write them. Lines indented by four spaces or more are code, as in Markdown.
 * Single line ends are only the author's wrapping; a blank line, a list item or code begins anew.
 */
export function paragraphs(text: string): Paragraph[] {
  const found: Paragraph[] = [];
  let open = false;
  for (const line of plainLines(text)) {
    const trimmed = line.trim();
    const code = line.startsWith('    ') && trimmed !== '';
    if (open && !code && trimmed !== '' && !/^([-*]|\d+\.) /.test(trimmed))
      found.at(-1)!.line += ` ${trimmed}`;
    else if (trimmed !== '') found.push({ code, line: code ? line.trimEnd() : trimmed });
    open = trimmed !== '' && !code;
  }
  return found;
}

export interface Block {
  readonly code: boolean;
  /** One for a paragraph; those of a block of code without the indent that made them code. */
  readonly lines: readonly string[];
}

/** The same, with neighbouring lines of code as one block. */
export function blocks(text: string): Block[] {
  const found: { code: boolean; lines: string[] }[] = [];
  for (const { code, line } of paragraphs(text)) {
    const last = found.at(-1);
    const shown = code ? line.slice(4) : line;
    if (code && last?.code === true) last.lines.push(shown);
    else found.push({ code, lines: [shown] });
  }
  return found;
}
