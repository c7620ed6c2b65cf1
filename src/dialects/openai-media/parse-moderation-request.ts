import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import type { ModerationRequest } from '../../core/media/media-request.js';
import {
  readArray,
  readString,
  refuse,
  refuseMissing,
  refuseType,
  requireObject,
  requireString,
} from '../read-parameters.js';

/** What OpenAI takes when nobody says. */
const DEFAULT_MODEL = 'omni-moderation-latest';
const MAX_INPUTS = 2_048;
const INLINE = /^\s*data:/i;
const INLINE_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/i;

/** Reads a body of `POST /v1/moderations`. Throws InvalidRequestError with the path of the first wrong parameter. */
export function parseModerationRequest(body: JsonObject): ModerationRequest {
  const model = readString(body.model, 'model') ?? DEFAULT_MODEL;
  if (model === '') refuseMissing('model');
  const { input } = body;
  if (input === undefined) return refuseMissing('input');
  if (typeof input === 'string') return { model, texts: [input], imageCount: 0, body };
  const list = readArray(input, 'input', MAX_INPUTS);
  if (!list) return refuseType('input', 'a string or an array', input);
  if (list.length === 0) return refuse('invalid_value', 'input', '`input` must hold at least one text or image.');
  const isOfTexts = typeof list[0] === 'string';
  const texts = list.map((item, index) => readItem(item, `input[${String(index)}]`, isOfTexts));
  return {
    model,
    texts: texts.filter((text) => text !== null),
    imageCount: texts.filter((text) => text === null).length,
    imageUrls: imageUrlsOf(list),
    body,
  };
}

// The text of an item; null for an image.
function readItem(item: JsonValue, path: string, isOfTexts: boolean): string | null {
  if (isOfTexts) return typeof item === 'string' ? item : refuseType(path, 'a string like the first element', item);
  if (!isJsonObject(item)) return refuseType(path, 'a text or image object', item);
  switch (item.type) {
    case 'text':
      return requireString(item.text, `${path}.text`);
    case 'image_url':
      checkInline(requireString(requireObject(item.image_url, `${path}.image_url`).url, `${path}.image_url.url`), path);
      return null;
    default:
      return refuse('invalid_value', `${path}.type`, `\`${path}.type\` must be one of text, image_url.`);
  }
}

function checkInline(url: string, path: string): void {
  if (!INLINE.test(url) || INLINE_IMAGE.test(url)) return;
  const message = `\`${path}.image_url.url\` must be an http(s) URL, or an image like data:image/png;base64,...`;
  refuse('invalid_data_url', `${path}.image_url.url`, message);
}

function imageUrlsOf(list: readonly JsonValue[]): { url: string; param: string }[] {
  return list.flatMap((item, index) => {
    const image = isJsonObject(item) && item.type === 'image_url' ? item.image_url : undefined;
    const url = isJsonObject(image) ? image.url : undefined;
    return typeof url === 'string' && !INLINE.test(url)
      ? [{ url, param: `input[${String(index)}].image_url.url` }]
      : [];
  });
}
