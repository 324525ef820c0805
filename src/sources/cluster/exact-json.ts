/** JSON whose numbers are written again as they were read: 1.0 is no 1, and 9007199254740993 is itself. */

/** A number that JavaScript would write otherwise: JSON.stringify writes its source. */
interface RawNumber {
  readonly rawJSON: string;
}

/** Newer than the types of TypeScript's library. */
const json = JSON as unknown as {
  rawJSON(text: string): RawNumber;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
};

/** For JSON.stringify; undefined for what is no JSON. */
export function parseExact(text: string): unknown {
  try {
    return json.parse(text, (_, value, { source }) =>
      typeof value === 'number' && source !== undefined && String(value) !== source
        ? json.rawJSON(source)
        : value,
    );
  } catch {
    return undefined;
  }
}
