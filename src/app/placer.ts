import type { Resource } from '../model/index.ts';
import type { Place, RenderedObject } from '../render/index.ts';
import type { Locate } from '../sources/index.ts';

/** Finds the fields of one object where they are written. */
export interface Placer {
  /** By JSON Pointer. */
  field(pointer: string): Place;
  object(): Place;
}

/** Of an object that stands in a file as it is. */
export function placerOf({ origin }: Pick<Resource, 'origin'>, locate: Locate): Placer {
  const { file, document, pointer, line } = origin;
  return {
    field(path) {
      const found = locate(document, pointer + path);
      return { file, line: found.line, column: found.column };
    },
    object: () => ({ file, line, column: 1 }),
  };
}

/** Of an object that was rendered. */
export function renderedPlacer({ place }: RenderedObject): Placer {
  return { field: place, object: () => place('') };
}
