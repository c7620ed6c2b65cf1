import { randomUUID } from 'node:crypto';
import type { ChatEvent } from '../../../core/chat/chat-event.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';

interface OpenBlock {
  /** The number of the tool call among the calls of the answer; null for blocks that are no tool call. */
  toolCall: number | null;
  hasArguments: boolean;
}

/** Anthropic gives one choice. */
const choice = 0;
const signedBy = 'anthropic';

/** Reads content blocks: as they open, grow and close in a stream, or whole. */
export class BlockReader {
  readonly #blocks = new Map<number, OpenBlock>();
  #toolCalls = 0;
  #hasBlocks = false;

  /** True when the answer holds at least one block, whatever is in it. */
  get hasBlocks(): boolean {
    return this.#hasBlocks;
  }

  /** A block opens; text and thinking usually open empty. */
  open(index: number, block: JsonObject): ChatEvent[] {
    this.#hasBlocks = true;
    const isToolCall = block.type === 'tool_use';
    const open: OpenBlock = { toolCall: isToolCall ? this.#toolCalls++ : null, hasArguments: false };
    this.#blocks.set(index, open);
    if (open.toolCall === null) return readTextBlock(block);
    const start: ChatEvent = {
      type: 'tool-call-start',
      choice,
      index: open.toolCall,
      id: textOf(block.id) || makeToolId(),
      name: textOf(block.name),
    };
    const { input } = block;
    const isEmpty = !isJsonObject(input) || Object.keys(input).length === 0;
    return isEmpty ? [start] : [start, ...growArguments(open, JSON.stringify(input))];
  }

  grow(index: number, delta: JsonObject): ChatEvent[] {
    switch (delta.type) {
      case 'text_delta':
        return readTextBlock({ type: 'text', text: delta.text });
      case 'thinking_delta':
        return readTextBlock({ type: 'thinking', thinking: delta.thinking });
      case 'signature_delta':
        return readTextBlock({ type: 'thinking', signature: delta.signature });
      case 'input_json_delta': {
        const block = this.#blocks.get(index);
        return block ? growArguments(block, textOf(delta.partial_json)) : [];
      }
      default:
        return [];
    }
  }

  /** The answer is finished: whatever its server has left open closes. */
  closeAll(): ChatEvent[] {
    return [...this.#blocks.keys()].flatMap((index) => this.close(index));
  }

  /** A call without arguments closes with an empty object, as an unstreamed reply writes it. */
  close(index: number): ChatEvent[] {
    const block = this.#blocks.get(index);
    if (!block) return [];
    this.#blocks.delete(index);
    return block.hasArguments ? [] : growArguments(block, '{}');
  }
}

/** Tells whether a block is a tool call without an id, as servers that only speak like Anthropic may send. */
export function lacksToolId(block: JsonValue | undefined): boolean {
  return isJsonObject(block) && block.type === 'tool_use' && textOf(block.id) === '';
}

function makeToolId(): string {
  return `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
}

function growArguments(block: OpenBlock, text: string): ChatEvent[] {
  if (block.toolCall === null || text === '') return [];
  block.hasArguments = true;
  return [{ type: 'tool-call-delta', choice, index: block.toolCall, argumentsDelta: text }];
}

function readTextBlock(block: JsonObject): ChatEvent[] {
  const text = textOf(block.text);
  const thinking = textOf(block.thinking);
  const signature = textOf(block.signature);
  switch (block.type) {
    case 'text':
      return text === '' ? [] : [{ type: 'text-delta', choice, text }];
    case 'thinking':
      if (signature !== '') return [{ type: 'reasoning-delta', choice, text: thinking, signature, signedBy }];
      return thinking === '' ? [] : [{ type: 'reasoning-delta', choice, text: thinking }];
    case 'redacted_thinking':
      return [{ type: 'reasoning-delta', choice, text: '', redacted: textOf(block.data), signedBy }];
    default:
      return [];
  }
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
