import type {
  AssistantPart,
  ChatMessage,
  FilePart,
  ImagePart,
  TextPart,
  UserPart,
} from '../../core/chat/chat-request.js';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';

const MOST_ITEMS = 20;
const MOST_PARTS = 500;
const TYPES = 'message, function_call, function_call_output, reasoning';
const DATA_URL = /^data:([a-z0-9.+-]+\/[a-z0-9.+-]+);base64,([A-Za-z0-9+/]+={0,2})$/i;

/** The messages that OpenAI's items stand for: at most 20 items, of the types that say something. Throws InvalidRequestError. */
export function readItems(items: readonly unknown[]): ChatMessage[] {
  if (items.length > MOST_ITEMS) {
    refuse('items', `\`items\` must hold at most ${String(MOST_ITEMS)} items. Add the others with another request.`);
  }
  const messages: ChatMessage[] = [];
  items.forEach((item, index) => {
    const path = `items[${String(index)}]`;
    const message = isJsonObject(item) ? readItem(item, path) : refuse(path, `\`${path}\` must be an object.`);
    const last = messages.at(-1);
    // What a model did in one go is one message: its thoughts, its words, its calls.
    if (message.role === 'assistant' && last?.role === 'assistant') last.content.push(...message.content);
    else messages.push(message);
  });
  return messages;
}

function readItem(item: JsonObject, path: string): ChatMessage {
  switch (item.type ?? 'message') {
    case 'message':
      return readMessage(item, path);
    case 'function_call':
      return {
        role: 'assistant',
        content: [
          {
            type: 'tool-call',
            id: requireText(item.call_id, `${path}.call_id`),
            name: requireText(item.name, `${path}.name`),
            arguments: requireText(item.arguments, `${path}.arguments`),
          },
        ],
      };
    case 'function_call_output':
      return {
        role: 'tool',
        toolCallId: requireText(item.call_id, `${path}.call_id`),
        content: readParts(item.output, `${path}.output`).filter(isToolPart),
      };
    case 'reasoning':
      return { role: 'assistant', content: readThoughts(item.summary, `${path}.summary`) };
    default:
      return refuse(`${path}.type`, `\`${path}.type\` must be one of ${TYPES}.`);
  }
}

function readMessage(item: JsonObject, path: string): ChatMessage {
  const content = readParts(item.content, `${path}.content`);
  switch (item.role) {
    case 'user':
      return { role: 'user', content };
    case 'assistant':
      return { role: 'assistant', content: content.filter(isTextPart) };
    case 'system':
    case 'developer':
      return { role: 'system', content: content.filter(isTextPart) };
    default:
      return refuse(`${path}.role`, `\`${path}.role\` must be one of user, assistant, system, developer.`);
  }
}

function readParts(value: JsonValue | undefined, path: string): (TextPart | ImagePart | FilePart)[] {
  if (typeof value === 'string') return [{ type: 'text', text: value }];
  if (!Array.isArray(value)) return refuse(path, `\`${path}\` must be a text or a list of parts.`);
  if (value.length === 0 || value.length > MOST_PARTS) {
    return refuse(path, `\`${path}\` must hold 1 to ${String(MOST_PARTS)} parts.`);
  }
  return value.map((part, index) => {
    const here = `${path}[${String(index)}]`;
    return isJsonObject(part) ? readPart(part, here) : refuse(here, `\`${here}\` must be an object.`);
  });
}

function readPart(part: JsonObject, path: string): TextPart | ImagePart | FilePart {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return { type: 'text', text: requireText(part.text, `${path}.text`) };
    case 'refusal':
      return { type: 'text', text: requireText(part.refusal, `${path}.refusal`) };
    case 'input_image':
      return readImage(part, path);
    case 'input_file':
      return readFile(part, path);
    default:
      return refuse(
        `${path}.type`,
        `\`${path}.type\` must be one of input_text, output_text, refusal, input_image, input_file.`,
      );
  }
}

function readImage(part: JsonObject, path: string): ImagePart {
  const url = requireText(part.image_url, `${path}.image_url`);
  const { detail } = part;
  const known: Pick<ImagePart, 'detail'> = detail === 'low' || detail === 'high' || detail === 'auto' ? { detail } : {};
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return { type: 'image', source: { kind: 'url', url }, ...known };
  const source = readDataUrl(url);
  if (!source?.mediaType.startsWith('image/')) {
    return refuse(`${path}.image_url`, `\`${path}.image_url\` must be an http(s) URL or a data URL of an image.`);
  }
  return { type: 'image', source, ...known };
}

function readFile(part: JsonObject, path: string): FilePart {
  const filename = typeof part.filename === 'string' ? { filename: part.filename } : {};
  if (typeof part.file_id === 'string')
    return { type: 'file', source: { kind: 'id', fileId: part.file_id }, ...filename };
  const source = readDataUrl(requireText(part.file_data, `${path}.file_data`));
  if (!source) return refuse(`${path}.file_data`, `\`${path}.file_data\` must be a data URL in base64.`);
  return { type: 'file', source, ...filename };
}

function readDataUrl(url: string): { kind: 'base64'; mediaType: string; data: string } | null {
  const match = DATA_URL.exec(url);
  return match ? { kind: 'base64', mediaType: (match[1] ?? '').toLowerCase(), data: match[2] ?? '' } : null;
}

function readThoughts(value: JsonValue | undefined, path: string): AssistantPart[] {
  if (!Array.isArray(value)) return refuse(path, `\`${path}\` must be a list of texts.`);
  const texts = value.map((part, index) =>
    requireText(isJsonObject(part) ? part.text : undefined, `${path}[${String(index)}].text`),
  );
  return [{ type: 'reasoning', text: texts.join('\n') }];
}

function isTextPart(part: UserPart): part is TextPart {
  return part.type === 'text';
}

function isToolPart(part: UserPart): part is TextPart | ImagePart {
  return part.type === 'text' || part.type === 'image';
}

function requireText(value: JsonValue | undefined, path: string): string {
  return typeof value === 'string' ? value : refuse(path, `\`${path}\` must be a text.`);
}

function refuse(param: string, message: string): never {
  throw new InvalidRequestError('invalid_value', message, { param });
}
