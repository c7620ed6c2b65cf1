import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/core/json.js';
import type { FinishReason } from '../../../src/core/chat/chat-event.js';
import type { Frame } from '../frame.js';
import { type CompleteReply, fakeTokens } from '../scripted-reply.js';
import { openAiUsage, type OpenAiEnvelope } from './render-chat.js';

const FINISH_REASONS: Record<FinishReason, string> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'stop',
  'content-filter': 'content_filter',
  other: 'stop',
};

/** The prompts of a legacy completion, as texts. */
export function promptsOf(prompt: JsonValue | undefined): string[] {
  if (!Array.isArray(prompt)) return [typeof prompt === 'string' ? prompt : '<|endoftext|>'];
  if (prompt.some((each) => typeof each === 'number')) return [tokensText(prompt)];
  return prompt.map((each) => (Array.isArray(each) ? tokensText(each) : typeof each === 'string' ? each : ''));
}

function tokensText(tokens: readonly JsonValue[]): string {
  return tokens.map((token) => (typeof token === 'number' ? String(token) : '')).join(' ');
}

/** A whole `text_completion`; every prompt has its choices, one reply for all of them. */
export function renderTextCompletion(reply: CompleteReply, envelope: OpenAiEnvelope, request: JsonObject): JsonObject {
  return {
    ...headOf(envelope),
    choices: choicesOf(request).map(({ index, prefix }) => {
      const text = `${prefix}${reply.text}`;
      return { text, index, logprobs: logprobsOf(text, 0, request), finish_reason: finishReason(reply) };
    }),
    usage: openAiUsage(reply.usage),
  };
}

/** The chunks of a streamed one, `[DONE]` included. */
export function renderTextChunks(reply: CompleteReply, envelope: OpenAiEnvelope, request: JsonObject): Frame[] {
  const { stream_options: options } = request;
  const includesUsage = isJsonObject(options) && options.include_usage === true;
  const chunk = (kind: Frame['kind'], choices: JsonObject[], usage: JsonValue = null): Frame => ({
    kind,
    data: JSON.stringify({ ...headOf(envelope), choices, ...(includesUsage && { usage }) }),
  });
  const choices = choicesOf(request);
  const offsets = choices.map(() => 0);
  const piece = (index: number, text: string): Frame => {
    const logprobs = logprobsOf(text, offsets[index] ?? 0, request);
    offsets[index] = (offsets[index] ?? 0) + text.length;
    return chunk('content', [{ text, index, logprobs, finish_reason: null }]);
  };
  return [
    ...choices.filter(({ prefix }) => prefix !== '').map(({ index, prefix }) => piece(index, prefix)),
    ...reply.pieces.flatMap((text) => choices.map(({ index }) => piece(index, text))),
    ...choices.map(({ index }) =>
      chunk('finish', [{ text: '', index, logprobs: null, finish_reason: finishReason(reply) }]),
    ),
    ...(includesUsage ? [chunk('usage', [], openAiUsage(reply.usage))] : []),
    { kind: 'done', data: '[DONE]' },
  ];
}

function headOf({ id, created, model }: OpenAiEnvelope): JsonObject {
  return { id, object: 'text_completion', created, model, system_fingerprint: 'fp_fake' };
}

function finishReason(reply: CompleteReply): string {
  return reply.rawFinishReason ?? FINISH_REASONS[reply.finishReason];
}

function choicesOf({ prompt, n, echo }: JsonObject): { index: number; prefix: string }[] {
  const perPrompt = typeof n === 'number' ? n : 1;
  return promptsOf(prompt)
    .flatMap((text) => Array.from({ length: perPrompt }, () => (echo === true ? text : '')))
    .map((prefix, index) => ({ index, prefix }));
}

function logprobsOf(text: string, start: number, { logprobs }: JsonObject): JsonObject | null {
  if (typeof logprobs !== 'number') return null;
  const tokens = fakeTokens(text);
  let offset = start;
  const offsets = tokens.map((token) => (offset += token.length) - token.length);
  return {
    tokens,
    token_logprobs: tokens.map(() => -0.5),
    top_logprobs: tokens.map((token) => ({ [token]: -0.5 })),
    text_offset: offsets,
  };
}
