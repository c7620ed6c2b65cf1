import type { ImagePart } from '../../core/chat/chat-request.js';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import { checkImage, imageTooLarge, MAX_IMAGE_BYTES, unsupportedImage } from './check-image.js';
import type { ImagePlace } from './image-places.js';
import { imageTypeOf } from './image-type.js';

const NAMES: ReadonlyMap<string, string> = new Map([
  ['image/png', 'image/png'],
  ['image/apng', 'image/png'],
  ['image/jpeg', 'image/jpeg'],
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
  ['image/gif', 'image/gif'],
  ['image/webp', 'image/webp'],
]);
const HEAD_CHARACTERS = 16;

/**
 * An image that was sent along, with the media type that it has and its size. Throws as `checkImage` does, and
 * `invalid_data_url` when it is something else than it says.
 */
export function readInlineImage({ part, param }: ImagePlace): ImagePart {
  if (part.source.kind === 'url') return part;
  const { mediaType, data } = part.source;
  if ((data.length / 4) * 3 > MAX_IMAGE_BYTES + 2) throw imageTooLarge(param);
  const announced = NAMES.get(mediaType);
  if (announced === undefined) throw unsupportedImage(`of the type ${mediaType} is not taken by models`, param);
  if (imageTypeOf(Buffer.from(data.slice(0, HEAD_CHARACTERS), 'base64')) !== announced) {
    const message = `The data URL holds no ${announced}, which it says it does. Name the type that the data has.`;
    throw new InvalidRequestError('invalid_data_url', message, { param });
  }
  const checked = checkImage(Buffer.from(data, 'base64'), param);
  return { ...part, source: { kind: 'base64', mediaType: checked.mediaType, data }, size: checked.size };
}
