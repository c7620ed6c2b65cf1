import type { ImagePart } from '../../core/chat/chat-request.js';
import type { JsonObject, JsonValue } from '../../core/json.js';
import { refuse, requireObject, requireString } from '../read-parameters.js';
import type { Losses } from './losses.js';

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** An image by its data or its URL; null for a file's id, which only Anthropic knows and is told as a loss. */
export function parseImage(block: JsonObject, path: string, losses: Losses): ImagePart | null {
  const here = `${path}.source`;
  const source = requireObject(block.source, here);
  switch (requireString(source.type, `${here}.type`)) {
    case 'base64':
      return { type: 'image', source: { kind: 'base64', ...parseData(source, here) } };
    case 'url':
      return { type: 'image', source: { kind: 'url', url: parseUrl(source.url, `${here}.url`) } };
    case 'file':
      requireString(source.file_id, `${here}.file_id`);
      losses.add('messages[].content (image by file id)');
      return null;
    default:
      return refuse('invalid_value', `${here}.type`, `\`${here}.type\` must be base64, url or file.`);
  }
}

/** A base64 source in parts; the data is not decoded. */
export function parseData(source: JsonObject, path: string): { mediaType: string; data: string } {
  const mediaType = requireString(source.media_type, `${path}.media_type`).toLowerCase();
  const data = requireString(source.data, `${path}.data`);
  if (data.length % 4 === 1 || !BASE64.test(data)) {
    return refuse('invalid_value', `${path}.data`, `\`${path}.data\` must be base64, without the head of a data URL.`);
  }
  return { mediaType, data };
}

/** An http(s) URL. */
export function parseUrl(value: JsonValue | undefined, path: string): string {
  const url = requireString(value, path);
  if (URL.canParse(url) && /^https?:\/\//i.test(url)) return url;
  const code = URL.canParse(url) && !/^https?:/i.test(url) ? 'url_scheme_not_allowed' : 'url_not_allowed';
  return refuse(code, path, `\`${path}\` must be an http(s) URL.`);
}
