import type { JsonObject } from '../../core/json.js';
import type { ImageRequest } from '../../core/media/media-request.js';
import { readBoolean, readInteger, readString } from '../read-parameters.js';
import { requireModel, requireText } from './require-text.js';

const MAX_IMAGES = 10;
const MAX_PARTIAL_IMAGES = 3;
const MAX_PROMPT_CHARACTERS = 32_000;

/** Reads a body of `POST /v1/images/generations`. Throws InvalidRequestError with the path of the first wrong parameter. */
export function parseImageRequest(body: JsonObject): ImageRequest {
  return {
    model: requireModel(body.model),
    prompt: requireText(body.prompt, 'prompt', MAX_PROMPT_CHARACTERS),
    count: readInteger(body.n, 'n', { min: 1, max: MAX_IMAGES }) ?? 1,
    size: readString(body.size, 'size') ?? null,
    quality: readString(body.quality, 'quality') ?? null,
    partialImages: readInteger(body.partial_images, 'partial_images', { min: 0, max: MAX_PARTIAL_IMAGES }) ?? 0,
    isStream: readBoolean(body.stream, 'stream') ?? false,
    body,
  };
}
