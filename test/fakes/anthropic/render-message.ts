import type { FinishReason } from '../../../src/core/chat/chat-event.js';
import { totalOutputTokens, type TokenUsage } from '../../../src/core/chat/token-usage.js';
import type { JsonObject } from '../../../src/core/json.js';
import type { Frame } from '../frame.js';
import type { CompleteReply } from '../scripted-reply.js';
import { fakeRedactedThinking, fakeThinking } from './fake-thinking.js';

const STOP_REASONS: Record<FinishReason, string> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  other: 'pause_turn',
};

/** The `usage` object of Anthropic: input without what the cache took, output with thinking. */
export function anthropicUsage(usage: TokenUsage, outputTokens = totalOutputTokens(usage)): JsonObject {
  return {
    input_tokens: usage.input,
    cache_creation_input_tokens: usage.cacheWrite5m + usage.cacheWrite1h,
    cache_read_input_tokens: usage.cachedInput,
    cache_creation: {
      ephemeral_5m_input_tokens: usage.cacheWrite5m,
      ephemeral_1h_input_tokens: usage.cacheWrite1h,
    },
    output_tokens: outputTokens,
    service_tier: 'standard',
  };
}

/** A whole `message`. */
export function renderMessage(reply: CompleteReply, head: { id: string; model: string }): JsonObject {
  return {
    ...openMessage(head),
    content: blocksOf(reply).map((block) => block.whole),
    stop_reason: stopReason(reply),
    usage: anthropicUsage(reply.usage),
  };
}

/** The events of a streamed message in the vendor's order, a ping among them. */
export function renderEvents(reply: CompleteReply, head: { id: string; model: string }): Frame[] {
  const frames: Frame[] = [
    frame('open', 'message_start', { message: { ...openMessage(head), usage: anthropicUsage(reply.usage, 1) } }),
  ];
  for (const [index, block] of blocksOf(reply).entries()) {
    frames.push(
      frame(block.startsWithContent ? 'content' : 'open', 'content_block_start', { index, content_block: block.start }),
    );
    if (index === 0) frames.push(frame('other', 'ping', {}));
    for (const { kind, delta } of block.deltas) frames.push(frame(kind, 'content_block_delta', { index, delta }));
    frames.push(frame('other', 'content_block_stop', { index }));
  }
  frames.push(
    frame('finish', 'message_delta', {
      delta: { stop_reason: stopReason(reply), stop_sequence: null, stop_details: null },
      usage: anthropicUsage(reply.usage),
    }),
    frame('done', 'message_stop', {}),
  );
  return frames;
}

interface Block {
  whole: JsonObject;
  start: JsonObject;
  startsWithContent: boolean;
  deltas: { kind: Frame['kind']; delta: JsonObject }[];
}

function blocksOf(reply: CompleteReply): Block[] {
  const blocks: Block[] = [];
  if (reply.reasoning !== '') blocks.push(thinkingBlock(reply.reasoning));
  if (reply.redactedReasoning !== '') blocks.push(redactedBlock(reply.redactedReasoning));
  const text = reply.refusal === '' ? reply.text : reply.refusal;
  const pieces = reply.refusal === '' ? reply.pieces : [reply.refusal];
  if (pieces.length > 0) {
    blocks.push({
      whole: { type: 'text', text },
      start: { type: 'text', text: '' },
      startsWithContent: false,
      deltas: pieces.map((piece) => ({ kind: 'content', delta: { type: 'text_delta', text: piece } })),
    });
  }
  for (const call of reply.toolCalls) blocks.push(toolBlock(call));
  return blocks;
}

function thinkingBlock(thinking: string): Block {
  const whole = fakeThinking(thinking);
  const { signature } = whole;
  return {
    whole,
    start: { type: 'thinking', thinking: '', signature: '' },
    startsWithContent: false,
    deltas: [
      { kind: 'content', delta: { type: 'thinking_delta', thinking } },
      { kind: 'other', delta: { type: 'signature_delta', signature } },
    ],
  };
}

function redactedBlock(text: string): Block {
  const whole = fakeRedactedThinking(text);
  return { whole, start: whole, startsWithContent: true, deltas: [] };
}

function toolBlock(call: CompleteReply['toolCalls'][number]): Block {
  const id = call.id?.replace('call_', 'toolu_');
  const head = { type: 'tool_use', ...(id === undefined ? {} : { id }), name: call.name };
  const middle = Math.ceil(call.arguments.length / 2);
  const parts = ['', call.arguments.slice(0, middle), call.arguments.slice(middle)];
  return {
    whole: { ...head, input: parsed(call.arguments) },
    start: { ...head, input: {} },
    startsWithContent: true,
    deltas: parts.map((part) => ({ kind: 'other', delta: { type: 'input_json_delta', partial_json: part } })),
  };
}

function parsed(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return {};
  }
}

function openMessage(head: { id: string; model: string }): JsonObject {
  return {
    id: head.id,
    type: 'message',
    role: 'assistant',
    model: head.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
  };
}

function stopReason(reply: CompleteReply): string {
  return reply.rawFinishReason ?? STOP_REASONS[reply.refusal === '' ? reply.finishReason : 'content-filter'];
}

function frame(kind: Frame['kind'], type: string, value: JsonObject): Frame {
  return { kind, event: type, data: JSON.stringify({ type, ...value }) };
}
