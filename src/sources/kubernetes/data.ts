/** The committed tables of data/kubernetes, made by scripts/kubernetes-data.ts. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface DiscoveryData {
  readonly minors: readonly number[];
  /** `group version kind resource scope subresource…` and the minors it holds for, as a bit mask. */
  readonly resources: readonly (readonly [text: string, mask: number])[];
}

/** A type as text, or an object's fields with theirs; the encoding is described in scripts/kubernetes-data.ts. */
export type EncodedDefinition = string | { readonly [field: string]: string };

export interface SchemaData {
  readonly minors: readonly number[];
  /** `group/version/kind definition`. */
  readonly kinds: readonly (readonly [text: string, mask: number])[];
  readonly definitions: readonly (readonly [name: string, mask: number, definition: EncodedDefinition])[];
}

let discovery: DiscoveryData | undefined;
let schemas: SchemaData | undefined;
let signs: Readonly<Record<string, string>> | undefined;

/** Read once; nobody writes to it. */
export function readDiscoveryData(): DiscoveryData {
  discovery ??= JSON.parse(readFileSync(dataFile('discovery.json'), 'utf8')) as DiscoveryData;
  return discovery;
}

/** Read once; nobody writes to it. */
export function readSchemaData(): SchemaData {
  schemas ??= JSON.parse(readFileSync(dataFile('schemas.json'), 'utf8')) as SchemaData;
  return schemas;
}

/** Fields of each definition with their signs, as scripts/kubernetes-fields.ts describes them. */
export function readFieldSigns(): Readonly<Record<string, string>> {
  signs ??= (JSON.parse(readFileSync(dataFile('fields.json'), 'utf8')) as { definitions: typeof signs })
    .definitions!;
  return signs;
}

/** The known minor that answers for `minor`: itself, or the nearest; and its bit in the masks. */
export function nearestMinor(minors: readonly number[], minor: number): { minor: number; bit: number } {
  const index = Math.max(
    0,
    minors.findLastIndex((known) => known <= minor),
  );
  return { minor: minors[index]!, bit: 1 << index };
}

/** Sources lie two folders below the package, compiled files three. */
function dataFile(name: string): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const path = join(folder, 'data', 'kubernetes', name);
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) throw new Error(`the package lacks data/kubernetes/${name}`);
  }
}
