import type { FinishReason } from '../../src/core/chat/chat-event.js';
import { tokenUsage, type TokenUsage } from '../../src/core/chat/token-usage.js';
import type { JsonObject } from '../../src/core/json.js';
import { isJsonObject } from '../../src/core/json.js';

export interface ScriptedToolCall {
  /** Made up when missing; null leaves it out, as some servers do. */
  id?: string | null;
  name: string;
  /** An object is written as JSON; a string goes out exactly as it is. */
  arguments: JsonObject | string;
}

/** What a fake answers, in no vendor's words. What is missing is made up, the same every time. */
export interface ScriptedReply {
  text?: string;
  /** The text in the pieces it is streamed in; wins over `text`. */
  pieces?: string[];
  reasoning?: string;
  /** Thinking that the vendor sends encrypted, where it has such a thing. */
  redactedReasoning?: string;
  refusal?: string;
  toolCalls?: ScriptedToolCall[];
  finishReason?: FinishReason;
  /** The vendor's own word; wins over `finishReason`. */
  rawFinishReason?: string;
  usage?: Partial<TokenUsage>;
  model?: string;
  id?: string;
  headers?: Record<string, string>;
  /** Silence before the head of the answer. */
  delayMs?: number;
  /** Silence between the head of a stream and its first content. */
  firstContentDelayMs?: number;
  /** Silence between two events of a stream. */
  eventDelayMs?: number;
}

/** What was asked: all of it, the last message of the user, and how many fake tokens the answer may have. */
export interface FakePrompt {
  text: string;
  last: string;
  limit?: number;
}

/** A reply with every gap filled. */
export interface CompleteReply {
  pieces: string[];
  text: string;
  reasoning: string;
  redactedReasoning: string;
  refusal: string;
  toolCalls: { id: string | null; name: string; arguments: string }[];
  finishReason: FinishReason;
  rawFinishReason: string | undefined;
  usage: TokenUsage;
  model: string | undefined;
  id: string | undefined;
}

/** The fakes' tokens: words with the space before them, and runs of space at the end. */
export function fakeTokens(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

/** Fills the gaps: the text echoes the prompt unless scripted, usage is counted in fake tokens. */
export function completeReply(script: ScriptedReply, prompt: FakePrompt): CompleteReply {
  const { refusal = '', reasoning = '', redactedReasoning = '', rawFinishReason, model, id } = script;
  const { pieces, isCut } = piecesOf(script, prompt);
  const toolCalls = toolCallsOf(script);
  const answer = [pieces.join(''), refusal, ...toolCalls.map((call) => `${call.name} ${call.arguments}`)];
  return {
    pieces,
    text: pieces.join(''),
    reasoning,
    redactedReasoning,
    refusal,
    toolCalls,
    finishReason: script.finishReason ?? (isCut ? 'length' : toolCalls.length > 0 ? 'tool-calls' : 'stop'),
    rawFinishReason,
    usage: tokenUsage({
      input: fakeTokens(prompt.text).length,
      output: answer.reduce((sum, text) => sum + fakeTokens(text).length, 0),
      reasoning: fakeTokens(reasoning).length,
      ...script.usage,
    }),
    model,
    id,
  };
}

// Only the echo heeds the limit: a scripted text comes as it is written.
function piecesOf(script: ScriptedReply, prompt: FakePrompt): { pieces: string[]; isCut: boolean } {
  if (script.pieces) return { pieces: script.pieces, isCut: false };
  if (script.text !== undefined) return { pieces: fakeTokens(script.text), isCut: false };
  if (script.refusal !== undefined || script.toolCalls !== undefined) return { pieces: [], isCut: false };
  const pieces = fakeTokens(`Echo: ${prompt.last}`);
  const limit = prompt.limit ?? Infinity;
  return { pieces: pieces.slice(0, limit), isCut: pieces.length > limit };
}

function toolCallsOf(script: ScriptedReply): CompleteReply['toolCalls'] {
  return (script.toolCalls ?? []).map((call, index) => ({
    id: call.id === undefined ? `call_fake_${String(index)}` : call.id,
    name: call.name,
    arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
  }));
}

/** All text in a message's content, whether it is a string or a list of parts. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) => {
      if (!isJsonObject(part)) return '';
      if (typeof part.text === 'string') return part.text;
      return contentText(part.content);
    })
    .filter((text) => text !== '')
    .join(' ');
}
