import type { TextPart, UserPart } from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { readString, refuse, refuseType, requireObject, requireString } from '../read-parameters.js';
import type { Losses } from './losses.js';
import { parseData, parseImage, parseUrl } from './parse-image.js';

/**
 * A document: a PDF by its data or its URL; a text, or texts and images, become parts of the message under their title,
 * which every vendor takes. Nothing for the id of a file, which only Anthropic knows and is told as a loss.
 */
export function parseDocument(block: JsonObject, path: string, losses: Losses): UserPart[] {
  const here = `${path}.source`;
  const source = requireObject(block.source, here);
  const title = readString(block.title, `${path}.title`);
  const context = readString(block.context, `${path}.context`);
  const filename = title === undefined ? {} : { filename: title };
  switch (requireString(source.type, `${here}.type`)) {
    case 'base64':
      return [...about(context), { type: 'file', source: { kind: 'base64', ...parseData(source, here) }, ...filename }];
    case 'url': {
      const fileId = parseUrl(source.url, `${here}.url`);
      return [...about(context), { type: 'file', source: { kind: 'id', fileId }, ...filename }];
    }
    case 'file':
      requireString(source.file_id, `${here}.file_id`);
      losses.add('messages[].content (document by file id)');
      return [];
    case 'text':
      return framed(title, context, [{ type: 'text', text: requireString(source.data, `${here}.data`) }]);
    case 'content':
      return framed(title, context, parseInner(source.content, `${here}.content`, losses));
    default:
      return refuse('invalid_value', `${here}.type`, `\`${here}.type\` must be base64, text, url, content or file.`);
  }
}

function about(context: string | undefined): TextPart[] {
  return context === undefined || context === '' ? [] : [{ type: 'text', text: context }];
}

function framed(title: string | undefined, context: string | undefined, inner: UserPart[]): UserPart[] {
  const head = ['<document>', ...(title === undefined ? [] : [`Title: ${title}`])];
  if (context !== undefined) head.push(`Context: ${context}`);
  const [first, ...rest] = inner;
  const end: TextPart = { type: 'text', text: '</document>' };
  if (first?.type !== 'text') return [{ type: 'text', text: head.join('\n') }, ...inner, end];
  const text = [...head, first.text].join('\n');
  if (rest.length === 0) return [{ type: 'text', text: `${text}\n${end.text}` }];
  return [{ type: 'text', text }, ...rest, end];
}

function parseInner(value: JsonValue | undefined, path: string, losses: Losses): UserPart[] {
  if (typeof value === 'string') return [{ type: 'text', text: value }];
  if (!Array.isArray(value)) return refuseType(path, 'a string or an array of blocks', value);
  return value.flatMap((block, index): UserPart[] => {
    const here = `${path}[${String(index)}]`;
    if (!isJsonObject(block)) return refuseType(here, 'an object', block);
    const type = requireString(block.type, `${here}.type`);
    if (type === 'text') return [{ type: 'text', text: requireString(block.text, `${here}.text`) }];
    if (type !== 'image') refuse('invalid_value', `${here}.type`, `\`${here}.type\` must be text or image here.`);
    const image = parseImage(block, here, losses);
    return image ? [image] : [];
  });
}
