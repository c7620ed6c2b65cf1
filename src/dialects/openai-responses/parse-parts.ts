import type { AssistantPart, FilePart, ImagePart, TextPart, UserPart } from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { parseImageUrl } from '../openai-chat/parse-content.js';
import { parseDataUrl } from '../openai-chat/parse-data-url.js';
import { readArray, readString, refuse, refuseType, requireObject, requireString } from '../read-parameters.js';

const MAX_PARTS = 2_000;
const URL_LIKE = /^https?:\/\//i;
const DETAILS: Readonly<Record<string, ImagePart['detail']>> = {
  auto: 'auto',
  low: 'low',
  high: 'high',
  original: 'high',
};

/** What of an input only OpenAI understands, by where it stands. */
export type Lost = string[];

/** The parts of a user's message or a tool's result, a text or a list; those of unknown types are lost. */
export function parseInputParts(value: JsonValue | undefined, path: string, lost: Lost): UserPart[] {
  return readParts(value, path, (part, here) => readInputPart(part, here, lost));
}

/** The parts of an assistant's message. */
export function parseOutputParts(value: JsonValue | undefined, path: string, lost: Lost): AssistantPart[] {
  return readParts(value, path, (part, here) => {
    if (part.type === 'refusal') return { type: 'refusal', text: requireString(part.refusal, `${here}.refusal`) };
    return readTextPart(part, here) ?? lose(part, here, lost);
  });
}

/** The texts of a system message. */
export function parseSystemParts(value: JsonValue | undefined, path: string, lost: Lost): TextPart[] {
  return readParts(value, path, (part, here) => readTextPart(part, here) ?? lose(part, here, lost));
}

function readParts<T>(
  value: JsonValue | undefined,
  path: string,
  read: (part: JsonObject, path: string) => T | null,
): (T | TextPart)[] {
  if (typeof value === 'string') return [{ type: 'text', text: value }];
  if (!Array.isArray(value)) return [refuseContent(value, path)];
  const list = readArray(value, path, MAX_PARTS) ?? [];
  return list.flatMap((part, index): T[] => {
    const here = `${path}[${String(index)}]`;
    if (!isJsonObject(part)) return refuseType(here, 'an object', part);
    const known = read(part, here);
    return known === null ? [] : [known];
  });
}

function refuseContent(value: JsonValue | undefined, path: string): never {
  if (value === undefined) requireString(value, path);
  return refuseType(path, 'a string or an array of parts', value);
}

function readTextPart(part: JsonObject, path: string): TextPart | null {
  const type = requireString(part.type, `${path}.type`);
  if (type !== 'input_text' && type !== 'output_text' && type !== 'text') return null;
  return { type: 'text', text: requireString(part.text, `${path}.text`) };
}

function readInputPart(part: JsonObject, path: string, lost: Lost): UserPart | null {
  const text = readTextPart(part, path);
  if (text) return text;
  switch (part.type) {
    case 'input_image':
      return readImage(part, path, lost);
    case 'input_file':
      return readFile(part, path);
    case 'input_audio': {
      const audio = requireObject(part.input_audio, `${path}.input_audio`);
      return {
        type: 'audio',
        data: requireString(audio.data, `${path}.input_audio.data`),
        format: requireString(audio.format, `${path}.input_audio.format`),
      };
    }
    default:
      return lose(part, path, lost);
  }
}

function readImage(part: JsonObject, path: string, lost: Lost): ImagePart | null {
  const detail = readDetail(part.detail, `${path}.detail`);
  const url = readString(part.image_url, `${path}.image_url`);
  if (url !== undefined) return { type: 'image', source: parseImageUrl(url, `${path}.image_url`), detail };
  if (readString(part.file_id, `${path}.file_id`) !== undefined) {
    lost.push(`${path}.file_id`);
    return null;
  }
  return refuse('missing_required_parameter', `${path}.image_url`, `\`${path}\` needs an \`image_url\`. Send it.`);
}

function readDetail(value: JsonValue | undefined, path: string): ImagePart['detail'] {
  const detail = readString(value, path);
  if (detail === undefined) return undefined;
  if (Object.hasOwn(DETAILS, detail)) return DETAILS[detail];
  return refuse('invalid_value', path, `\`${path}\` must be one of ${Object.keys(DETAILS).join(', ')}.`);
}

// A file by URL is one that the provider reads itself, as one by its id is.
function readFile(part: JsonObject, path: string): FilePart {
  const filename = readString(part.filename, `${path}.filename`);
  const fileId = readString(part.file_id, `${path}.file_id`);
  if (fileId !== undefined) return { type: 'file', source: { kind: 'id', fileId }, filename };
  const url = readString(part.file_url, `${path}.file_url`);
  if (url !== undefined) {
    if (URL_LIKE.test(url) && URL.canParse(url)) return { type: 'file', source: { kind: 'id', fileId: url }, filename };
    const isOfOtherScheme = URL.canParse(url) && !/^https?:/i.test(url);
    const code = isOfOtherScheme ? 'url_scheme_not_allowed' : 'url_not_allowed';
    return refuse(code, `${path}.file_url`, `\`${path}.file_url\` must be an http(s) URL.`);
  }
  const dataPath = `${path}.file_data`;
  const data = parseDataUrl(requireString(part.file_data, dataPath), dataPath);
  return { type: 'file', source: { kind: 'base64', ...data }, filename };
}

function lose(part: JsonObject, path: string, lost: Lost): null {
  lost.push(typeof part.type === 'string' ? `${path} (${part.type})` : path);
  return null;
}
