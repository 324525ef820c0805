/** Reading DER, ASN.1's encoding of certificates. */

/** Refused. */
export class DerError extends Error {}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  t61String: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Of context, as `[0]`; those that hold others are constructed. */
export const context = (number: number, constructed = false): number => (constructed ? 0xa0 : 0x80) | number;

/** One element. */
export interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** With tag and length. */
  readonly whole: Buffer;
}

/** The elements that follow each other in some bytes. */
export class DerReader {
  readonly #bytes: Buffer;
  #at = 0;
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }
  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }
  /** Of the next element; undefined at the end. */
  get tag(): number | undefined {
    return this.#bytes[this.#at];
  }
  next(): Element {
    const start = this.#at;
    const tag = this.#byte();
    if ((tag & 0x1f) === 0x1f) throw new DerError('tags of more than a byte are in no certificate');
    const first = this.#byte();
    let length = first;
    if (first > 0x7f) {
      if (first === 0x80 || first > 0x84) throw new DerError('invalid length');
      length = 0;
      for (let left = first & 0x7f; left > 0; left--) length = length * 256 + this.#byte();
    }
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new DerError('the data ends early');
    return {
      tag,
      content: this.#bytes.subarray(from, this.#at),
      whole: this.#bytes.subarray(start, this.#at),
    };
  }
  /** The next element, which must have this tag. */
  take(tag: number): Element {
    const element = this.next();
    if (element.tag !== tag) throw new DerError(`expected tag ${tag}, found ${element.tag}`);
    return element;
  }
  /** The next element if it has this tag. */
  optional(tag: number): Element | undefined {
    return this.tag === tag ? this.next() : undefined;
  }
  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new DerError('the data ends early');
    return byte;
  }
}

/** The elements inside of one. */
export const inside = ({ content }: Element): DerReader => new DerReader(content);

export function elements(element: Element): readonly Element[] {
  const reader = inside(element);
  const found: Element[] = [];
  while (!reader.done) found.push(reader.next());
  return found;
}

export function readInteger({ content }: Element): bigint {
  if (content.length === 0) throw new DerError('an integer has a byte at least');
  return BigInt.asIntN(content.length * 8, BigInt(`0x${content.toString('hex')}`));
}

export function readOid({ content }: Element): readonly number[] {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte > 0x7f) continue;
    if (arcs.length === 0) {
      const first = Math.min(2, Math.floor(arc / 40));
      arcs.push(first, arc - first * 40);
    } else arcs.push(arc);
    arc = 0;
  }
  return arcs;
}

/** Without the count of unused bits. */
export const readBits = ({ content }: Element): Buffer => content.subarray(1);

const TEXTS: ReadonlySet<number> = new Set([
  TAG.utf8String,
  TAG.numericString,
  TAG.printableString,
  TAG.t61String,
  TAG.ia5String,
]);

/** Undefined when it is no text. */
export function readText({ tag, content }: Element): string | undefined {
  if (tag === TAG.bmpString) return Buffer.from(content).swap16().toString('utf16le');
  return TEXTS.has(tag) ? content.toString('utf8') : undefined;
}

/** As RFC 3339 in UTC. */
export function readTime({ tag, content }: Element): string {
  const text = content.toString('latin1');
  const match = /^(\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$/.exec(
    tag === TAG.utcTime ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text,
  );
  if (match === null || (tag !== TAG.utcTime && tag !== TAG.generalizedTime)) throw new DerError('no time');
  const [, century, year, month, day, hours, minutes, seconds = '00'] = match;
  return `${century}${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`;
}
