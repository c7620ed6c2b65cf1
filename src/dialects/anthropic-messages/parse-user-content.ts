import type { ChatMessage, ImagePart, TextPart, UserPart } from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { readArray, readBoolean, refuse, refuseMissing, refuseType, requireString } from '../read-parameters.js';
import type { Losses } from './losses.js';
import { parseDocument } from './parse-document.js';
import { parseImage } from './parse-image.js';

const MOST_BLOCKS = 2_000;

/** What a user's message holds. */
export interface UserContent {
  readonly parts: UserPart[];
  /** Results of tools, each with the path of its block. */
  readonly results: { message: ChatMessage & { role: 'tool' }; path: string }[];
  /** What came in results of tools and has no place in those of other vendors. */
  readonly attachments: UserPart[];
}

/** The content of a user's message. Blocks that nobody else knows are told as losses; empty texts are left out. */
export function parseUserContent(value: JsonValue | undefined, path: string, losses: Losses): UserContent {
  const content: UserContent = { parts: [], results: [], attachments: [] };
  if (typeof value === 'string') {
    content.parts.push({ type: 'text', text: value });
    return content;
  }
  const blocks = readBlocks(value, path);
  if (blocks.length === 0) return refuse('invalid_value', path, `\`${path}\` must hold at least one block.`);
  for (const [index, block] of blocks.entries()) {
    const here = `${path}[${String(index)}]`;
    if (!isJsonObject(block)) return refuseType(here, 'an object', block);
    if (block.type === 'tool_result') content.results.push(parseResult(block, here, content.attachments, losses));
    else content.parts.push(...parseBlock(block, here, losses));
  }
  return content;
}

/** A text, or a list of blocks of text. */
export function parseTexts(value: JsonValue | undefined, path: string): TextPart[] {
  if (typeof value === 'string') return [{ type: 'text', text: value }];
  return readBlocks(value, path).map((block, index) => {
    const here = `${path}[${String(index)}]`;
    if (!isJsonObject(block)) return refuseType(here, 'an object', block);
    if (requireString(block.type, `${here}.type`) !== 'text') {
      return refuse('invalid_value', `${here}.type`, `\`${here}.type\` must be text here.`);
    }
    return { type: 'text', text: requireString(block.text, `${here}.text`) };
  });
}

/** Tells whether a part is a text. */
export function isText(part: { type: string }): part is TextPart {
  return part.type === 'text';
}

function readBlocks(value: JsonValue | undefined, path: string): JsonValue[] {
  if (value === undefined || value === null) return refuseMissing(path);
  if (!Array.isArray(value)) return refuseType(path, 'a string or an array of blocks', value);
  return readArray(value, path, MOST_BLOCKS) ?? [];
}

function parseBlock(block: JsonObject, path: string, losses: Losses): UserPart[] {
  const type = requireString(block.type, `${path}.type`);
  switch (type) {
    case 'text': {
      const text = requireString(block.text, `${path}.text`);
      return text === '' ? [] : [{ type: 'text', text }];
    }
    case 'image': {
      const image = parseImage(block, path, losses);
      return image ? [image] : [];
    }
    case 'document':
      if (isJsonObject(block.citations) && block.citations.enabled === true) losses.add('citations');
      return parseDocument(block, path, losses);
    case 'search_result':
      return [parseSearchResult(block, path)];
    default:
      losses.add(`messages[].content (${type})`);
      return [];
  }
}

function parseSearchResult(block: JsonObject, path: string): TextPart {
  const title = requireString(block.title, `${path}.title`);
  const source = requireString(block.source, `${path}.source`);
  const texts = parseTexts(block.content, `${path}.content`).map(({ text }) => text);
  return { type: 'text', text: [`Search result: ${title}`, `Source: ${source}`, ...texts].join('\n') };
}

function parseResult(
  block: JsonObject,
  path: string,
  attachments: UserPart[],
  losses: Losses,
): UserContent['results'][number] {
  const toolCallId = requireString(block.tool_use_id, `${path}.tool_use_id`);
  const content: (TextPart | ImagePart)[] = [];
  const attached: UserPart[] = [];
  for (const part of parseResultContent(block.content, `${path}.content`, losses)) {
    if (part.type === 'text' || part.type === 'image') content.push(part);
    else attached.push(part);
  }
  if (attached.length > 0) {
    attachments.push({ type: 'text', text: `Documents in the result of ${toolCallId}:` }, ...attached);
  }
  if (content.length === 0) content.push({ type: 'text', text: '' });
  const isError = readBoolean(block.is_error, `${path}.is_error`) === true ? { isError: true } : {};
  return { message: { role: 'tool', toolCallId, content, ...isError }, path };
}

function parseResultContent(value: JsonValue | undefined, path: string, losses: Losses): UserPart[] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return [{ type: 'text', text: value }];
  return readBlocks(value, path).flatMap((block, index) => {
    const here = `${path}[${String(index)}]`;
    if (!isJsonObject(block)) return refuseType(here, 'an object', block);
    return parseBlock(block, here, losses);
  });
}
