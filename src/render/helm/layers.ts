import type { Shown } from '../names.ts';
import { readYaml } from '../values.ts';
import type { ValuesLayer } from './release.ts';

export type LayerRead =
  | { readonly ok: true; readonly layer: ValuesLayer }
  | { readonly ok: false; readonly detail: string; readonly line: number };

/** The values of a file. */
export function readLayer(path: string, shown: Shown): LayerRead {
  const read = readYaml(path);
  if (!read.ok) return read;
  const { value, text, document, locate } = read.file;
  const file = shown(path);
  const place = (pointer: string) => {
    const { line, column } = locate(document, pointer);
    return { file, line, column };
  };
  return { ok: true, layer: { value, text, place, inputs: [{ file, part: 'file' }] } };
}
