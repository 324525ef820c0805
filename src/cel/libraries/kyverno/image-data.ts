/** `image.getMetadata(reference)`: what a registry says of an image (sdk extensions/cel/libs/imagedata). */
import type { Library, Overload } from '../../library.ts';
import { DYN, STRING } from '../../types.ts';
import type { Value } from '../../values.ts';
import { declare, member } from '../declare.ts';
import { answer, type Context, IMAGE_DATA_TYPE } from './context.ts';

const getMetadata = (context: Context, image: string): Value =>
  answer(context, { kind: 'image-data', image }, 'failed to get image data', 'floats');

const overload = (form: string): readonly Overload[] => [
  member(`imagedata_get_string_${form}`, [IMAGE_DATA_TYPE, STRING], DYN, getMetadata),
];

export const imageData: Library = Object.freeze({
  name: 'kyverno.imagedata',
  functions: declare({ GetMetadata: overload('pascal'), getMetadata: overload('camel') }),
});
