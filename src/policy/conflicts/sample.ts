/** A text that meets conditions: pieces put together, and for patterns what their plainest reading gives. */
import { type Cell, meets } from './cells.ts';

const FILLERS = [
  'value',
  'a',
  'registry.example/app:1.0.0',
  '1',
  '/data',
  'x1',
  'A',
  '',
  '10.0.0.1',
  'app@sha256:0',
];

/** Undefined when none of the candidates does; there may be others. */
export function sampleText(cell: Cell): string | undefined {
  return candidates(cell).find((text) => meets(cell, text));
}

function candidates(cell: Cell): string[] {
  const asked = (operation: string) =>
    cell.texts.filter((test) => test.operation === operation && test.holds).map(({ text }) => text);
  const longest = (texts: readonly string[]) => texts.reduce((a, b) => (b.length > a.length ? b : a), '');
  const start = longest(asked('startsWith'));
  const end = longest(asked('endsWith'));
  const parts = asked('contains').filter((part) => !start.includes(part) && !end.includes(part));
  const middles = [...asked('matches').flatMap(readings), ...FILLERS];
  const whole = middles.flatMap((middle) => [
    middle,
    start + parts.join('') + middle + end,
    start + middle + parts.join('') + end,
  ]);
  const exact = [start + parts.join('') + end, overlapping(start, end), ...whole];
  const all = exact.flatMap((text) => [text, stretched(text, cell)]);
  // Few fields of Kubernetes may be empty.
  return [...all.filter((text) => text !== ''), ''];
}

/** `app:` and `:latest` are met by `app:latest`. */
function overlapping(start: string, end: string): string {
  for (let shared = Math.min(start.length, end.length); shared > 0; shared--)
    if (start.endsWith(end.slice(0, shared))) return start + end.slice(shared);
  return start + end;
}

function stretched(text: string, { least, most }: Cell): string {
  const size = [...text].length;
  if (size < least) return text + 'x'.repeat(Math.min(least - size, 10_000));
  return size > most ? [...text].slice(0, most).join('') : text;
}

/** Texts that a simple pattern matches: groups, classes and repetitions by their first choice. */
function readings(pattern: string): string[] {
  try {
    const reader = { text: pattern.replace(/\(\?[a-zA-Z]+\)/g, ''), at: 0 };
    const text = readAlternatives(reader);
    return [text, text.toUpperCase(), text.toLowerCase()];
  } catch {
    return [];
  }
}

interface Reader {
  readonly text: string;
  at: number;
}

function readAlternatives(reader: Reader): string {
  const choices = [''];
  while (reader.at < reader.text.length && reader.text[reader.at] !== ')') {
    if (reader.text[reader.at] === '|') {
      reader.at++;
      choices.push('');
    } else choices[choices.length - 1] += readRepeated(reader);
  }
  return choices.find((choice) => choice !== '') ?? '';
}

function readRepeated(reader: Reader): string {
  const atom = readAtom(reader);
  const [, quantifier = ''] = /^([*+?]|\{\d+(?:,\d*)?\})?\??/.exec(reader.text.slice(reader.at))!;
  reader.at += quantifier.length;
  if (quantifier.startsWith('{')) return atom.repeat(Number.parseInt(quantifier.slice(1), 10) || 1);
  return atom;
}

const CLASSES: Readonly<Record<string, string>> = {
  d: '1',
  w: 'a',
  s: ' ',
  S: 'a',
  D: 'a',
  W: '-',
  b: '',
  B: '',
};

function readAtom(reader: Reader): string {
  const char = reader.text[reader.at++]!;
  switch (char) {
    case '^':
    case '$':
      return '';
    case '.':
      return 'a';
    case '\\': {
      const escaped = reader.text[reader.at++] ?? '';
      return CLASSES[escaped] ?? escaped;
    }
    case '(': {
      const [flags = ''] = /^\?(?::|P?<\w+>|[a-z]+:)/.exec(reader.text.slice(reader.at)) ?? [];
      reader.at += flags.length;
      const inner = readAlternatives(reader);
      reader.at++;
      return inner;
    }
    case '[':
      return readClass(reader);
    default:
      return char;
  }
}

/** The first member; of a negated class a letter, digit or sign that is not in it. */
function readClass(reader: Reader): string {
  const end = reader.text.indexOf(']', reader.at + 2);
  const body = reader.text.slice(reader.at, end < 0 ? undefined : end);
  reader.at = end < 0 ? reader.text.length : end + 1;
  if (!body.startsWith('^')) return body.startsWith('\\') ? (CLASSES[body[1]!] ?? body[1]!) : body[0]!;
  return ['a', '1', 'Z', '-', ' '].find((char) => !new RegExp(`[${body.slice(1)}]`).test(char)) ?? 'a';
}
