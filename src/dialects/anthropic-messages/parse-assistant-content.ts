import type { AssistantPart, ReasoningPart } from '../../core/chat/chat-request.js';
import { readCarriedSignature } from '../../core/chat/carried-signature.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { readArray, refuseMissing, refuseType, requireObject, requireString } from '../read-parameters.js';
import type { Losses } from './losses.js';

const MOST_BLOCKS = 2_000;

/** An earlier answer. Empty texts, and blocks of what Anthropic ran itself, are left out; the latter are told as losses. */
export function parseAssistantContent(value: JsonValue | undefined, path: string, losses: Losses): AssistantPart[] {
  if (typeof value === 'string') return value === '' ? [] : [{ type: 'text', text: value }];
  if (value === undefined || value === null) return refuseMissing(path);
  if (!Array.isArray(value)) return refuseType(path, 'a string or an array of blocks', value);
  const blocks = readArray(value, path, MOST_BLOCKS) ?? [];
  return blocks.flatMap((block, index) => parseBlock(block, `${path}[${String(index)}]`, losses));
}

function parseBlock(block: JsonValue, path: string, losses: Losses): AssistantPart[] {
  if (!isJsonObject(block)) return refuseType(path, 'an object', block);
  const type = requireString(block.type, `${path}.type`);
  switch (type) {
    case 'text': {
      const text = requireString(block.text, `${path}.text`);
      return text === '' ? [] : [{ type: 'text', text }];
    }
    case 'thinking':
      return [parseThought(block, path)];
    case 'redacted_thinking': {
      const { signature, signedBy } = readCarriedSignature(requireString(block.data, `${path}.data`));
      return [{ type: 'reasoning', text: '', redacted: signature, signedBy }];
    }
    case 'tool_use':
      return [
        {
          type: 'tool-call',
          id: requireString(block.id, `${path}.id`),
          name: requireString(block.name, `${path}.name`),
          arguments: JSON.stringify(requireObject(block.input, `${path}.input`)),
        },
      ];
    default:
      losses.add(`messages[].content (${type})`);
      return [];
  }
}

function parseThought(block: JsonObject, path: string): ReasoningPart {
  const text = requireString(block.thinking, `${path}.thinking`);
  const carried = typeof block.signature === 'string' ? block.signature : '';
  return carried === '' ? { type: 'reasoning', text } : { type: 'reasoning', text, ...readCarriedSignature(carried) };
}
