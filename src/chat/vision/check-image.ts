import type { ImageSize } from '../../core/chat/chat-request.js';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import type { ImageShape, ImageType } from './image-formats.js';
import { imageTypeOf } from './image-type.js';
import { isPolyglot } from './is-polyglot.js';
import { readGif } from './read-gif.js';
import { readJpeg } from './read-jpeg.js';
import { readPng } from './read-png.js';
import { readWebp } from './read-webp.js';

/** The most bytes of one image. */
export const MAX_IMAGE_BYTES = 20 * 1024 ** 2;
const MAX_SIDE = 16_384;
const MAX_PIXELS = 128_000_000;
const MAX_FRAMES = 500;

const READERS: Readonly<Record<ImageType, (bytes: Buffer) => ImageShape | null>> = {
  'image/png': readPng,
  'image/jpeg': readJpeg,
  'image/gif': readGif,
  'image/webp': readWebp,
};

export interface CheckedImage {
  /** By the content, whatever was said of it. */
  readonly mediaType: ImageType;
  readonly size: ImageSize;
}

/**
 * What an image is, by its bytes; not a pixel is decoded. Throws `unsupported_image` for another type than PNG, JPEG, GIF and
 * WebP, a broken one, or one that is another file as well; `image_too_large` for one with too many bytes, pixels or frames.
 */
export function checkImage(bytes: Buffer, param: string | undefined): CheckedImage {
  if (bytes.length > MAX_IMAGE_BYTES) throw imageTooLarge(param);
  const mediaType = imageTypeOf(bytes);
  if (!mediaType) throw unsupportedImage('is not a PNG, JPEG, GIF or WebP', param);
  const shape = READERS[mediaType](bytes);
  if (!shape || shape.width === 0 || shape.height === 0) throw unsupportedImage('is broken', param);
  if (isPolyglot(bytes, shape.end)) throw unsupportedImage('is another kind of file as well', param);
  const { width, height, frames } = shape;
  if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS || frames > MAX_FRAMES) {
    throw imageTooLarge(param);
  }
  return { mediaType, size: { width, height } };
}

/** Too many bytes, pixels or frames. */
export function imageTooLarge(param: string | undefined): InvalidRequestError {
  const message =
    'The image is too large. At most 20 MB, 16,384 pixels on a side, 128 megapixels and 500 frames are possible: ' +
    'send a smaller one.';
  return new InvalidRequestError('image_too_large', message, { param });
}

/** Something that no model takes for an image; `reason` goes on from "The image". */
export function unsupportedImage(reason: string, param: string | undefined): InvalidRequestError {
  return new InvalidRequestError('unsupported_image', `The image ${reason}. Send a whole PNG, JPEG, GIF or WebP.`, {
    param,
  });
}
