/** JSON as Go's encoding/json reads it: JavaScript's grammar, Go's messages. */

type Read = { readonly value: unknown } | { readonly error: string };

export function readGoJson(text: string): Read {
  try {
    const overflow: string[] = [];
    const value: unknown = JSON.parse(text, (_key, member: unknown, context?: { source?: string }) => {
      if (typeof member === 'string') return member.toWellFormed();
      if (typeof member === 'number' && !Number.isFinite(member)) overflow.push(context?.source ?? '');
      return member;
    });
    if (overflow.length === 0) return { value };
    return { error: `json: cannot unmarshal number ${overflow[0]} into Go value of type float64` };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { error: complaint(text) };
  }
}

/** What Go's scanner says of the first character that does not fit. */
function complaint(text: string): string {
  const scanner = new Scanner(text);
  try {
    scanner.value();
    scanner.spaces();
    if (!scanner.done) scanner.invalid('after top-level value');
  } catch (error) {
    if (error instanceof Complaint) return error.message;
    throw error;
  }
  return 'unexpected end of JSON input';
}

class Complaint extends Error {}

class Scanner {
  readonly text: string;
  at = 0;
  constructor(text: string) {
    this.text = text;
  }
  get done(): boolean {
    return this.at >= this.text.length;
  }
  spaces(): void {
    while (/[ \t\r\n]/.test(this.text[this.at] ?? '')) this.at++;
  }
  invalid(context: string): never {
    // Go quotes the byte it stumbles over; inside a token it takes the end for a space.
    const char = String.fromCharCode(Buffer.from(this.text.slice(this.at, this.at + 2) || ' ')[0]!);
    const shown = char === "'" ? "'\\''" : char === '"' ? `'"'` : `'${shownAs(char)}'`;
    throw new Complaint(`invalid character ${shown} ${context}`);
  }
  /** The character expected, or the complaint. Numbers and words may not end the text halfway. */
  take(expected: string, context: string, inside = false): void {
    if (this.done && !inside) throw new Complaint('unexpected end of JSON input');
    if (this.done || !expected.includes(this.text[this.at]!)) this.invalid(context);
    this.at++;
  }
  value(): void {
    this.spaces();
    if (this.done) throw new Complaint('unexpected end of JSON input');
    const char = this.text[this.at]!;
    if (char === '{') this.members('}', 'object key:value pair', () => this.member());
    else if (char === '[') this.members(']', 'array element', () => this.value());
    else if (char === '"') this.string();
    else if (/[-0-9]/.test(char)) this.number();
    else if (char === 't') this.literal('true');
    else if (char === 'f') this.literal('false');
    else if (char === 'n') this.literal('null');
    else this.invalid('looking for beginning of value');
  }
  members(close: string, what: string, read: () => void): void {
    this.at++;
    this.spaces();
    if (this.text[this.at] === close) {
      this.at++;
      return;
    }
    for (;;) {
      read();
      this.spaces();
      this.take(`,${close}`, `after ${what}`);
      if (this.text[this.at - 1] === close) return;
    }
  }
  member(): void {
    this.spaces();
    if (this.done) throw new Complaint('unexpected end of JSON input');
    if (this.text[this.at] !== '"') this.invalid('looking for beginning of object key string');
    this.string();
    this.spaces();
    this.take(':', 'after object key');
    this.value();
  }
  string(): void {
    this.at++;
    while (!this.done && this.text[this.at] !== '"') {
      if (this.text[this.at]! < ' ') this.invalid('in string literal');
      if (this.text[this.at] === '\\') {
        this.at++;
        this.take('"\\/bfnrtu', 'in string escape code');
        if (this.text[this.at - 1] === 'u') {
          for (let i = 0; i < 4; i++)
            this.take('0123456789abcdefABCDEF', 'in \\u hexadecimal character escape');
        }
      } else this.at++;
    }
    this.take('"', '');
  }
  number(): void {
    const digits = '0123456789';
    if (this.text[this.at] === '-') {
      this.at++;
      this.take(digits, 'in numeric literal', true);
      this.at--;
    }
    if (this.text[this.at] === '0') this.at++;
    else this.digits();
    if (this.text[this.at] === '.') {
      this.at++;
      this.take(digits, 'after decimal point in numeric literal', true);
      this.digits();
    }
    if (/[eE]/.test(this.text[this.at] ?? '')) {
      this.at++;
      if (/[-+]/.test(this.text[this.at] ?? '')) this.at++;
      this.take(digits, 'in exponent of numeric literal', true);
      this.digits();
    }
  }
  digits(): void {
    while (/[0-9]/.test(this.text[this.at] ?? '')) this.at++;
  }
  literal(word: string): void {
    for (const [i, char] of [...word].entries()) {
      this.take(char, i === 0 ? '' : `in literal ${word} (expecting '${char}')`, true);
    }
  }
}

const CONTROLS: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

const shownAs = (char: string): string =>
  CONTROLS[char] ?? (char < ' ' ? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}` : char);
