import type { FinishReason } from '../../../src/core/chat/chat-event.js';
import { totalInputTokens, type TokenUsage } from '../../../src/core/chat/token-usage.js';
import type { JsonObject } from '../../../src/core/json.js';
import type { Frame } from '../frame.js';
import type { CompleteReply } from '../scripted-reply.js';

const FINISH_REASONS: Record<FinishReason, string> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  other: 'OTHER',
};

/** The signature that the fake puts on the first of its function calls. */
export const FAKE_SIGNATURE = 'ZmFrZS10aG91Z2h0LXNpZ25hdHVyZQ==';

/** What all responses of one answer carry. */
export interface GeminiEnvelope {
  responseId: string;
  modelVersion: string;
}

/** The `usageMetadata` of Gemini: a prompt that includes the cache, an output without the thoughts. */
export function geminiUsage(usage: TokenUsage, outputTokens = usage.output + usage.audioOutput): JsonObject {
  const prompt = totalInputTokens(usage);
  const details = [
    { modality: 'TEXT', tokenCount: prompt - usage.imageInput - usage.audioInput },
    { modality: 'IMAGE', tokenCount: usage.imageInput },
    { modality: 'AUDIO', tokenCount: usage.audioInput },
  ];
  return {
    promptTokenCount: prompt,
    ...(usage.cachedInput > 0 && { cachedContentTokenCount: usage.cachedInput }),
    ...(outputTokens > 0 && { candidatesTokenCount: outputTokens }),
    ...(usage.reasoning > 0 && { thoughtsTokenCount: usage.reasoning }),
    totalTokenCount: prompt + outputTokens + usage.reasoning,
    promptTokensDetails: details.filter(({ tokenCount }) => tokenCount > 0),
  };
}

/** A whole response. */
export function renderResponse(reply: CompleteReply, envelope: GeminiEnvelope, choices: number): JsonObject {
  const parts = partsOf(reply, [textOf(reply)]);
  return {
    candidates: Array.from({ length: choices }, (_, index) => ({
      content: { parts: parts.length > 0 ? parts : [{ text: '' }], role: 'model' },
      finishReason: finishReason(reply),
      index,
    })),
    usageMetadata: geminiUsage(reply.usage),
    ...envelope,
  };
}

/** The responses of a stream; the last one says why it ended and how much it was. */
export function renderResponses(reply: CompleteReply, envelope: GeminiEnvelope, choices: number): Frame[] {
  const frame = (kind: Frame['kind'], part: JsonObject, rest: JsonObject, usage: JsonObject): Frame => ({
    kind,
    data: JSON.stringify({
      candidates: Array.from({ length: choices }, (_, index) => ({
        content: { parts: [part], role: 'model' },
        ...rest,
        index,
      })),
      usageMetadata: usage,
      ...envelope,
    }),
  });
  const parts = partsOf(reply, reply.refusal === '' ? reply.pieces : [reply.refusal]);
  return [
    ...parts.map((part, index) => frame('content', part, {}, geminiUsage(reply.usage, index + 1))),
    frame('finish', { text: '' }, { finishReason: finishReason(reply) }, geminiUsage(reply.usage)),
  ];
}

function partsOf(reply: CompleteReply, texts: readonly string[]): JsonObject[] {
  return [
    ...(reply.reasoning === '' ? [] : [{ text: reply.reasoning, thought: true }]),
    ...texts.filter((text) => text !== '').map((text) => ({ text })),
    ...reply.toolCalls.map((call, index) => ({
      functionCall: { ...(call.id !== null && { id: call.id }), name: call.name, args: parsed(call.arguments) },
      ...(index === 0 && { thoughtSignature: FAKE_SIGNATURE }),
    })),
  ];
}

function textOf(reply: CompleteReply): string {
  return reply.refusal === '' ? reply.text : reply.refusal;
}

function finishReason(reply: CompleteReply): string {
  return reply.rawFinishReason ?? FINISH_REASONS[reply.refusal === '' ? reply.finishReason : 'content-filter'];
}

function parsed(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return {};
  }
}
