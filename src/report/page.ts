import type { Report, Reported } from '../model/index.ts';
import { showable } from './conceal.ts';
import { excerpt, linesOf } from './excerpt.ts';
import type { FormatOptions } from './format.ts';
import type { Paint } from './paint.ts';
import { paragraphs } from './paragraphs.ts';
import { cutTo, displayWidth, plain, wrap } from './text.ts';
import { objectName } from './wording.ts';

/** What the parts of `pretty` share. */
export interface Page {
  readonly report: Report;
  readonly options: FormatOptions;
  readonly paint: Paint;
}

/**
 * Text in a page's width, each line under the first one's text. `lead` is said before the first word. Lines indented
 * by four spaces or more are code, as in Markdown: they keep their shape.
 */
export function* wrapped(columns: number, prefix: string, text: string, lead = ''): Iterable<string> {
  const indent = ' '.repeat(displayWidth(bare(prefix)));
  const width = Math.max(20, columns - indent.length);
  let start = prefix;
  // The lead takes part in the wrapping by its width alone: its colour codes have none.
  let placeholder = bare(lead).replaceAll(' ', '\u00a0');
  for (const [index, { code, line: whole }] of paragraphs(text).entries()) {
    if (index === 0 && code && lead !== '') {
      yield `${start}${lead.trimEnd()}\n`;
      start = indent;
      lead = '';
      placeholder = '';
    }
    const led = index === 0 ? placeholder + whole : whole;
    for (const line of code ? [cutTo(led, width)] : wrap(led, width)) {
      yield `${start}${lead === '' ? line : line.replace(placeholder, lead)}\n`;
      start = indent;
    }
  }
}

function bare(text: string): string {
  return text.replace(/\x1b\[\d+m/g, '');
}

/** Where it is, as rustc shows it: an arrow with file, line, column, the object, the source line, a caret. */
export function* place(page: Page, result: Reported): Iterable<string> {
  const { file, line, column } = result.origin;
  const gutter = Math.max(2, String(line).length);
  const bar = page.paint(`${' '.repeat(gutter)} |`, 'blue');
  yield `${' '.repeat(gutter)}${page.paint('-->', 'blue')} ${plain(file)}:${line}:${column}\n`;
  if (result.resource !== null) yield `${bar} ${objectName(result)}\n`;
  const text = sourceLine(page, file, line);
  if (text === undefined) return;
  const shown = excerpt(text, column, page.options.width - gutter - 3);
  yield `${page.paint(`${String(line).padStart(gutter)} |`, 'blue')} ${shown.line}\n`;
  yield `${bar} ${' '.repeat(shown.offset)}${page.paint('^'.repeat(shown.length), 'bold', 'red')}\n`;
}

// Results come file by file, so the lines of one file at a time are enough.
const held = new WeakMap<FormatOptions, { file: string; at: (line: number) => string | undefined }>();

function sourceLine({ options, report }: Page, file: string, line: number): string | undefined {
  let lines = held.get(options);
  if (lines?.file !== file) {
    const text = options.source(file);
    lines = { file, at: text === undefined ? () => undefined : linesOf(text) };
    held.set(options, lines);
  }
  const text = lines.at(line);
  return text === undefined ? undefined : showable(report, file, line, text);
}
