import type { AudioPart, FilePart, ImagePart, RefusalPart, TextPart, UserPart } from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import {
  readArray,
  readChoice,
  readString,
  refuse,
  refuseMissing,
  refuseType,
  requireObject,
  requireString,
} from '../read-parameters.js';
import { parseDataUrl } from './parse-data-url.js';

const MAX_PARTS = 2_000;
const DETAILS = ['auto', 'low', 'high'] as const;

type Part = UserPart | RefusalPart;
type PartParser = (part: JsonObject, path: string) => Part;

const PARSERS: Readonly<Record<string, PartParser>> = {
  text: parseText,
  refusal: (part, path) => ({ type: 'refusal', text: requireString(part.refusal, `${path}.refusal`) }),
  image_url: parseImage,
  input_audio: parseAudio,
  file: parseFile,
};

/** A message's content, a text or a list of parts of the named types; it must be there. Never empty. */
export function parseContent<T extends Part>(
  content: JsonValue | undefined,
  path: string,
  types: readonly string[],
): (T | TextPart)[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (content === undefined) return refuseMissing(path);
  if (!Array.isArray(content)) return refuseType(path, 'a string or an array of parts', content);
  const parts = readArray(content, path, MAX_PARTS) ?? [];
  if (parts.length === 0) return refuse('invalid_value', path, `\`${path}\` must hold at least one part.`);
  return parts.map((part, index) => parsePart(part, `${path}[${String(index)}]`, types) as T);
}

function parsePart(part: JsonValue, path: string, types: readonly string[]): Part {
  if (!isJsonObject(part)) return refuseType(path, 'an object', part);
  const type = requireString(part.type, `${path}.type`);
  const parser = types.includes(type) ? PARSERS[type] : undefined;
  if (!parser)
    return refuse('invalid_value', `${path}.type`, `\`${path}.type\` must be one of ${types.join(', ')} here.`);
  return parser(part, path);
}

function parseText(part: JsonObject, path: string): TextPart {
  return { type: 'text', text: requireString(part.text, `${path}.text`) };
}

function parseImage(part: JsonObject, path: string): ImagePart {
  const image = requireObject(part.image_url, `${path}.image_url`);
  const urlPath = `${path}.image_url.url`;
  const detail = readChoice(image.detail, `${path}.image_url.detail`, DETAILS);
  return { type: 'image', source: parseImageUrl(requireString(image.url, urlPath), urlPath), detail };
}

/** Where an image is: at an http(s) URL, or in a data URL. Throws InvalidRequestError for what is neither. */
export function parseImageUrl(url: string, path: string): ImagePart['source'] {
  if (/^data:/i.test(url)) {
    const data = parseDataUrl(url, path);
    if (data.mediaType.startsWith('image/')) return { kind: 'base64', ...data };
    return refuse(
      'invalid_data_url',
      path,
      `\`${path}\` must be a data URL of an image, like data:image/png;base64,...`,
    );
  }
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    const isOtherScheme = URL.canParse(url) && !/^https?:/i.test(url);
    const code = isOtherScheme ? 'url_scheme_not_allowed' : 'url_not_allowed';
    return refuse(code, path, `\`${path}\` must be an http(s) URL or a data URL of an image.`);
  }
  return { kind: 'url', url };
}

function parseAudio(part: JsonObject, path: string): AudioPart {
  const audio = requireObject(part.input_audio, `${path}.input_audio`);
  return {
    type: 'audio',
    data: requireString(audio.data, `${path}.input_audio.data`),
    format: requireString(audio.format, `${path}.input_audio.format`),
  };
}

function parseFile(part: JsonObject, path: string): FilePart {
  const file = requireObject(part.file, `${path}.file`);
  const filename = readString(file.filename, `${path}.file.filename`);
  const fileId = readString(file.file_id, `${path}.file.file_id`);
  if (fileId !== undefined) return { type: 'file', source: { kind: 'id', fileId }, filename };
  const dataPath = `${path}.file.file_data`;
  const data = parseDataUrl(requireString(file.file_data, dataPath), dataPath);
  return { type: 'file', source: { kind: 'base64', ...data }, filename };
}
