/** Image references (sdk extensions/cel/libs/image). */
import { CelError } from '../../errors.ts';
import type { Library } from '../../library.ts';
import { BOOL, opaque, STRING, type Type } from '../../types.ts';
import type { Opaque, Value } from '../../values.ts';
import { declare, global, member } from '../declare.ts';
import { type ImageReference, parseImageReference } from './image-reference.ts';

const TYPE = opaque('kyverno.image');

/** Equal when written alike: upstream compares what was parsed, the text included. */
export class Image implements Opaque {
  readonly $reference: ImageReference;
  constructor(reference: ImageReference) {
    this.$reference = reference;
  }
  get $type(): Type {
    return TYPE;
  }
  $equals(other: Value): boolean {
    if (!(other instanceof Image)) throw new CelError('no-such-overload', 'no such overload');
    return this.$reference.text === other.$reference.text;
  }
}

function image(text: string): Image {
  const reference = parseImageReference(text);
  if (reference === undefined) {
    throw new CelError('invalid-argument', `could not parse reference: ${text}`);
  }
  return new Image(reference);
}

/** A tag that stands before a digest counts for `tag` and `identifier` alone. */
function identifier({ $reference: { tag, digest } }: Image): string {
  if (digest === '') return tag;
  return tag === '' ? digest : `${tag}@${digest}`;
}

const separated = ({ $reference: { tag, digest } }: Image): string =>
  digest === '' ? `:${tag}` : `@${digest}`;

const read = (id: string, get: (image: Image) => string) => [member(id, [TYPE], STRING, get)];

export const images: Library = Object.freeze({
  name: 'kyverno.image',
  functions: declare({
    image: [global('string_to_image_deprecated', [STRING], TYPE, image)],
    parseImageReference: [global('string_to_image', [STRING], TYPE, image)],
    isImage: [
      global('is_image_string', [STRING], BOOL, (text: string) => parseImageReference(text) !== undefined),
    ],
    containsDigest: [
      member('image_contains_digest', [TYPE], BOOL, ({ $reference }: Image) => $reference.digest !== ''),
    ],
    registry: read('image_registry', ({ $reference }) => $reference.registry),
    repository: read('image_repository', ({ $reference }) => $reference.repository),
    identifier: read('image_identifier', identifier),
    identifierWithSeparator: read('image_identifier_with_separator', separated),
    tag: read('image_tag', ({ $reference }) => $reference.tag),
    digest: read('image_digest', ({ $reference }) => $reference.digest),
  }),
});
