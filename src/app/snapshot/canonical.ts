/** One text for one value: keys by code unit, no white space, and numbers that are read again as what they were. */

/** @param value JSON as `sources` reads it: a boxed Number is a double, also where it has no fraction. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value instanceof Number) return double(Number(value));
  switch (typeof value) {
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? 'null' : map(value as Readonly<Record<string, unknown>>);
    default:
      return JSON.stringify(value);
  }
}

function map(value: Readonly<Record<string, unknown>>): string {
  const fields = Object.keys(value)
    .sort()
    .flatMap((key) =>
      value[key] === undefined ? [] : [`${JSON.stringify(key)}:${canonicalJson(value[key])}`],
    );
  return `{${fields.join(',')}}`;
}

/** What looks like an integer would be read as one. */
function double(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
