import type { FinishReason } from '../../../src/core/chat/chat-event.js';
import { totalInputTokens, totalOutputTokens, type TokenUsage } from '../../../src/core/chat/token-usage.js';
import type { JsonObject } from '../../../src/core/json.js';
import type { Frame } from '../frame.js';
import type { CompleteReply } from '../scripted-reply.js';

const FINISH_REASONS: Record<FinishReason, string> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  other: 'stop',
};

/** What all chunks of one answer, or its one body, carry. */
export interface OpenAiEnvelope {
  id: string;
  created: number;
  model: string;
}

/** The `usage` object of OpenAI: totals that include their details. */
export function openAiUsage(usage: TokenUsage): JsonObject {
  const promptTokens = totalInputTokens(usage);
  const completionTokens = totalOutputTokens(usage);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedInput, audio_tokens: usage.audioInput },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      audio_tokens: usage.audioOutput,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** A whole `chat.completion`. */
export function renderCompletion(reply: CompleteReply, envelope: OpenAiEnvelope, choices: number): JsonObject {
  return {
    id: envelope.id,
    object: 'chat.completion',
    created: envelope.created,
    model: envelope.model,
    choices: Array.from({ length: choices }, (_, index) => ({
      index,
      message: renderMessage(reply),
      logprobs: null,
      finish_reason: finishReason(reply),
    })),
    usage: openAiUsage(reply.usage),
    service_tier: 'default',
    system_fingerprint: 'fp_fake',
  };
}

/** The chunks of a streamed answer, `[DONE]` included; the usage chunk only when it was asked for. */
export function renderChunks(
  reply: CompleteReply,
  envelope: OpenAiEnvelope,
  options: { choices: number; includeUsage: boolean },
): Frame[] {
  const usageField = options.includeUsage ? { usage: null } : {};
  const chunk = (kind: Frame['kind'], choices: JsonObject[], rest: JsonObject = usageField): Frame => ({
    kind,
    data: JSON.stringify({
      id: envelope.id,
      object: 'chat.completion.chunk',
      created: envelope.created,
      model: envelope.model,
      service_tier: 'default',
      system_fingerprint: 'fp_fake',
      choices,
      ...rest,
    }),
  });
  const delta = (kind: Frame['kind'], index: number, value: JsonObject, finish: string | null = null): Frame =>
    chunk(kind, [{ index, delta: value, logprobs: null, finish_reason: finish }]);
  const indices = Array.from({ length: options.choices }, (_, index) => index);
  return [
    ...indices.map((index) => delta('open', index, { role: 'assistant', content: opening(reply), refusal: null })),
    ...contentDeltas(reply).flatMap(({ kind, value }) => indices.map((index) => delta(kind, index, value))),
    ...indices.map((index) => delta('finish', index, {}, finishReason(reply))),
    ...(options.includeUsage ? [chunk('usage', [], { usage: openAiUsage(reply.usage) })] : []),
    { kind: 'done', data: '[DONE]' },
  ];
}

function contentDeltas(reply: CompleteReply): { kind: Frame['kind']; value: JsonObject }[] {
  const deltas: { kind: Frame['kind']; value: JsonObject }[] = [];
  if (reply.reasoning !== '') deltas.push({ kind: 'content', value: { reasoning_content: reply.reasoning } });
  for (const piece of reply.pieces) deltas.push({ kind: 'content', value: { content: piece } });
  if (reply.refusal !== '') deltas.push({ kind: 'content', value: { refusal: reply.refusal } });
  for (const [index, call] of reply.toolCalls.entries()) {
    const head = { index, ...(call.id === null ? {} : { id: call.id }), type: 'function' };
    deltas.push({
      kind: 'content',
      value: { tool_calls: [{ ...head, function: { name: call.name, arguments: '' } }] },
    });
    for (const part of halves(call.arguments)) {
      deltas.push({ kind: 'other', value: { tool_calls: [{ index, function: { arguments: part } }] } });
    }
  }
  return deltas;
}

function renderMessage(reply: CompleteReply): JsonObject {
  const toolCalls = reply.toolCalls.map((call) => ({
    ...(call.id === null ? {} : { id: call.id }),
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
  return {
    role: 'assistant',
    content: opening(reply) === null ? null : reply.text,
    refusal: reply.refusal === '' ? null : reply.refusal,
    ...(reply.reasoning === '' ? {} : { reasoning_content: reply.reasoning }),
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
    annotations: [],
  };
}

function opening(reply: CompleteReply): '' | null {
  return reply.text === '' && (reply.toolCalls.length > 0 || reply.refusal !== '') ? null : '';
}

function finishReason(reply: CompleteReply): string {
  return reply.rawFinishReason ?? FINISH_REASONS[reply.finishReason];
}

/** A text in two parts, or none when it is empty. */
export function halves(text: string): string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)].filter((part) => part !== '');
}
