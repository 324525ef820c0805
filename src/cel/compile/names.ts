/** Which names may be read off any value as JavaScript properties. */

const PROTOTYPES: readonly object[] = [
  Object.prototype,
  Array.prototype,
  String.prototype,
  Number.prototype,
  Boolean.prototype,
  BigInt.prototype,
  Uint8Array.prototype,
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Map.prototype,
];

const INHERITED: ReadonlySet<string> = new Set(PROTOTYPES.flatMap((p) => Object.getOwnPropertyNames(p)));

/**
 * Whether `value?.name` means the field and nothing else, whatever the value is: no prototype has it, it is no index of
 * a string or list, and no field of our own classes (they start with `$`). Other names go through an own-property look-up.
 */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_./ -]*$/.test(name) && !INHERITED.has(name);
}

/** Text, or plain data, as a JavaScript literal: the only way text of a policy gets into generated code. */
export function literal(data: unknown): string {
  if (data === undefined) return 'undefined';
  // JSON.stringify escapes lone surrogates itself.
  return JSON.stringify(data).replace(/[\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
}
