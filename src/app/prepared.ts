/**
 * The built-in library as scans read it, made when Rampart is bundled: the policies as JSON, the code of their
 * expressions as a module, and what they were parsed and checked to as text, from which pieces are cut when a finding
 * is explained. It is part of the installation and trusted as the bundle is.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { compilePolicies, type KeptSet, keepSet, type ProgramSource } from '../policy/index.ts';
import { builtin } from './builtin.ts';
import { parsePolicyFiles, readPolicyFiles } from './policies.ts';

/** The files, by a path without ending. */
const PARTS = { set: '.json', code: (part: number) => `-${part}.cjs`, packed: '.txt' } as const;
/** Programs in one module: most scans meet few kinds, and need the code of those. */
const PROGRAMS_A_PART = 24;

/** A program in the module: where its text lies, and its code. */
type Entry = readonly [start: number, end: number, code: ReturnType<ProgramSource>['code']];

/** Throws when the library does not compile. */
export function prepareLibrary(path: string): void {
  const { documents, problems } = parsePolicyFiles(readPolicyFiles(['builtin'], '/'));
  const compiled = compilePolicies(documents);
  for (const { origin, detail } of [...problems, ...compiled.problems])
    throw new Error(`${origin.file}:${origin.line}: ${detail}`);
  const { set, programs } = keepSet(compiled);
  const entries: string[] = [];
  let end = 0;
  for (const { packed, code } of programs) {
    const start = end;
    end += Buffer.byteLength(packed);
    entries.push(`[${start}, ${end}, ${code}]`);
  }
  writeFileSync(path + PARTS.set, inAscii(JSON.stringify(set)));
  for (let at = 0; at < entries.length; at += PROGRAMS_A_PART) {
    const part = entries.slice(at, at + PROGRAMS_A_PART);
    writeFileSync(path + PARTS.code(at / PROGRAMS_A_PART), `module.exports = [\n${part.join(',\n')}\n];\n`);
  }
  writeFileSync(path + PARTS.packed, programs.map(({ packed }) => packed).join(''));
}

/** The same JSON: text is read in half the time and space where no character needs two bytes. */
function inAscii(json: string): string {
  return json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** What all expressions of the policies were parsed and checked to: their code says the same. */
export function packedFile(path: string): string {
  return path + PARTS.packed;
}

/** The policies under the default settings; undefined when there are none. */
export function readPreparedSet(path: string): KeptSet | undefined {
  try {
    return JSON.parse(readFileSync(path + PARTS.set, 'utf8')) as KeptSet;
  } catch {
    return undefined;
  }
}

/** Bundled, `require` is that of our loader, which has compiled code at hand; an ES module has none. */
const load: (path: string) => unknown =
  typeof require === 'function' ? require : builtin('node:module').createRequire(import.meta.url);

/** Their programs. */
export function openPreparedPrograms(path: string): ProgramSource {
  const parts = new Map<number, readonly Entry[]>();
  const entryOf = (number: number): Entry => {
    const part = Math.floor(number / PROGRAMS_A_PART);
    const entries = parts.get(part) ?? (load(path + PARTS.code(part)) as readonly Entry[]);
    parts.set(part, entries);
    return entries[number % PROGRAMS_A_PART]!;
  };
  let bytes: Buffer | undefined;
  return (number) => {
    const [start, end, code] = entryOf(number);
    return {
      code,
      packed: () => {
        bytes ??= readFileSync(path + PARTS.packed);
        return bytes.toString('utf8', start, end);
      },
    };
  };
}
