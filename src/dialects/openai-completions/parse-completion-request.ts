import type { ChatRequest } from '../../core/chat/chat-request.js';
import { asNumber } from '../../core/exact-number.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { parseSampling } from '../openai-chat/parse-sampling.js';
import {
  readBoolean,
  readInteger,
  readObject,
  readString,
  refuse,
  refuseMissing,
  requireString,
} from '../read-parameters.js';
import { parsePrompts, type Prompt } from './parse-prompt.js';

const MAX_TOKENS = 2_147_483_647;
const MOST_CHOICES = 128;
const MOST_LOGPROBS = 20;
const MOST_NAMED = 50;
const LONGEST_NAME = 64;

// What the canonical request carries, and what is done for every model here.
const KNOWN: ReadonlySet<string> = new Set([
  ...['model', 'prompt', 'stream', 'stream_options', 'max_tokens', 'temperature', 'top_p', 'stop', 'seed'],
  ...['presence_penalty', 'frequency_penalty', 'n', 'logprobs', 'logit_bias', 'user', 'echo', 'best_of'],
]);

/** A body of `POST /v1/completions`, read. */
export interface CompletionRequest {
  /** One for each prompt, which are alike in all else; at least one. */
  readonly chats: readonly ChatRequest[];
  readonly stream: boolean;
  readonly includesUsage: boolean;
  /** How many choices each prompt has. */
  readonly choices: number;
  /** What stands before the answers to each prompt: the prompt where it is to be repeated, else nothing. */
  readonly echoes: readonly string[];
}

/** Reads a body of `POST /v1/completions`. Throws InvalidRequestError with the path of the first wrong parameter. */
export function parseCompletionRequest(body: JsonObject): CompletionRequest {
  const model = requireString(body.model, 'model');
  if (model === '') refuseMissing('model');
  const prompts = parsePrompts(body.prompt);
  const { stream, includesUsage } = parseStream(body);
  const settings = parseSettings(body);
  const { choices = 1 } = settings;
  if (choices * prompts.length > MOST_CHOICES) {
    const message = `\`n\` times the number of prompts must be at most ${String(MOST_CHOICES)}. Send fewer prompts at once.`;
    refuse('invalid_value', 'n', message);
  }
  const isEchoed = readBoolean(body.echo, 'echo') ?? false;
  const lost = lostParameters(body, choices);
  const toChat = (prompt: Prompt): ChatRequest => ({
    model,
    messages: [{ role: 'user', content: [prompt.content] }],
    stream,
    ...settings,
    ...(lost.length > 0 && { extraParameters: lost }),
    source: { dialect: 'openai-completions', body: prompts.length === 1 ? body : { ...body, prompt: prompt.value } },
  });
  return {
    chats: prompts.map(toChat),
    stream,
    includesUsage,
    choices,
    echoes: prompts.map(({ text }) => (isEchoed ? (text ?? '') : '')),
  };
}

function parseStream(body: JsonObject): { stream: boolean; includesUsage: boolean } {
  const stream = readBoolean(body.stream, 'stream') ?? false;
  const options = readObject(body.stream_options, 'stream_options');
  if (!options) return { stream, includesUsage: false };
  if (!stream) {
    const message = '`stream_options` is only possible with `stream: true`. Remove it, or ask for a stream.';
    return refuse('invalid_value', 'stream_options', message);
  }
  return { stream, includesUsage: readBoolean(options.include_usage, 'stream_options.include_usage') ?? false };
}

// The names of the rest mean the same as in chat; `logprobs` is a number here, and no tokens at all may be asked for.
function parseSettings(body: JsonObject): Partial<ChatRequest> {
  const { max_tokens: limit, logprobs, ...rest } = body;
  const { max_completion_tokens: _limit, top_logprobs: _top, reasoning_effort: _effort, ...shared } = rest;
  const topLogprobs = readInteger(logprobs, 'logprobs', { min: 0, max: MOST_LOGPROBS });
  const settings: Partial<ChatRequest> = {
    ...parseSampling(shared),
    maxOutputTokens: readInteger(limit, 'max_tokens', { min: 0, max: MAX_TOKENS }),
    ...(topLogprobs !== undefined && { logprobs: true, topLogprobs }),
    user: readString(body.user, 'user'),
  };
  const bestOf = readInteger(body.best_of, 'best_of', { min: 1, max: MOST_CHOICES });
  if (bestOf !== undefined && bestOf < (settings.choices ?? 1)) {
    refuse('invalid_value', 'best_of', '`best_of` must not be smaller than `n`.');
  }
  return settings;
}

// A text that goes behind the answer, and the best of several, are asked of models that chat in no way.
function lostParameters(body: JsonObject, choices: number): string[] {
  const others = Object.keys(body).filter((name) => !KNOWN.has(name) && saysSomething(body[name]));
  const isBest = (asNumber(body.best_of) ?? 0) > choices;
  const named = [...(isBest ? ['best_of'] : []), ...others].map((name) => name.slice(0, LONGEST_NAME));
  return named.length > MOST_NAMED ? [...named.slice(0, MOST_NAMED), 'and more'] : named;
}

function saysSomething(value: JsonValue | undefined): boolean {
  if (isJsonObject(value)) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== false && value !== '';
}
