import type { ChatRequest, ReasoningEffort } from '../../core/chat/chat-request.js';
import type { JsonObject, JsonValue } from '../../core/json.js';
import {
  readBoolean,
  readChoice,
  readInteger,
  readNumber,
  readObject,
  refuse,
  refuseType,
} from '../read-parameters.js';

const MAX_TOKENS = 2_147_483_647;
const MAX_SEED = 2 ** 63;
const MAX_STOPS = 4;
const MAX_STOP_CHARACTERS = 1_024;
const MAX_BIASES = 1_024;
const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

/** The parameters that steer how text is drawn, each checked for type and range. */
export function parseSampling(body: JsonObject): Partial<ChatRequest> {
  return {
    maxOutputTokens: parseMaxTokens(body),
    temperature: readNumber(body.temperature, 'temperature', { min: 0, max: 2 }),
    topP: readNumber(body.top_p, 'top_p', { min: 0, max: 1 }),
    stop: parseStop(body.stop),
    seed: readInteger(body.seed, 'seed', { min: -MAX_SEED, max: MAX_SEED }),
    presencePenalty: readNumber(body.presence_penalty, 'presence_penalty', { min: -2, max: 2 }),
    frequencyPenalty: readNumber(body.frequency_penalty, 'frequency_penalty', { min: -2, max: 2 }),
    choices: readInteger(body.n, 'n', { min: 1, max: 128 }),
    logprobs: readBoolean(body.logprobs, 'logprobs'),
    topLogprobs: readInteger(body.top_logprobs, 'top_logprobs', { min: 0, max: 20 }),
    logitBias: parseLogitBias(body.logit_bias),
    reasoning: parseEffort(body.reasoning_effort),
  };
}

/** A limit on the tokens of an answer; undefined when absent or null. */
export function readTokenLimit(value: JsonValue | undefined, path: string): number | undefined {
  return readInteger(value, path, { min: 1, max: MAX_TOKENS });
}

// The newer name counts more; both are checked.
function parseMaxTokens(body: JsonObject): number | undefined {
  const older = readTokenLimit(body.max_tokens, 'max_tokens');
  return readTokenLimit(body.max_completion_tokens, 'max_completion_tokens') ?? older;
}

function parseStop(value: JsonValue | undefined): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0 || list.length > MAX_STOPS) {
    return refuse('invalid_value', 'stop', `\`stop\` must hold 1 to ${String(MAX_STOPS)} texts.`);
  }
  return list.map((text, index) => parseStopText(text, Array.isArray(value) ? `stop[${String(index)}]` : 'stop'));
}

function parseStopText(text: JsonValue, path: string): string {
  if (typeof text !== 'string') return refuseType(path, 'a string', text);
  if (text.length > 0 && text.length <= MAX_STOP_CHARACTERS) return text;
  return refuse('invalid_value', path, `\`${path}\` must have 1 to ${String(MAX_STOP_CHARACTERS)} characters.`);
}

function parseLogitBias(value: JsonValue | undefined): Record<string, number> | undefined {
  const bias = readObject(value, 'logit_bias');
  if (!bias) return undefined;
  const entries = Object.entries(bias);
  if (entries.length > MAX_BIASES) {
    return refuse('invalid_value', 'logit_bias', `\`logit_bias\` must have at most ${String(MAX_BIASES)} entries.`);
  }
  return Object.fromEntries(entries.map(([token, weight]) => [token, parseBias(token, weight)]));
}

function parseBias(token: string, weight: JsonValue | undefined): number {
  if (!/^\d{1,9}$/.test(token)) {
    return refuse('invalid_value', 'logit_bias', 'The keys of `logit_bias` must be token numbers.');
  }
  const path = `logit_bias.${token}`;
  return readNumber(weight, path, { min: -100, max: 100 }) ?? refuseType(path, 'a number', weight);
}

function parseEffort(value: JsonValue | undefined): ChatRequest['reasoning'] {
  const effort = readChoice(value, 'reasoning_effort', EFFORTS);
  if (effort === undefined) return undefined;
  // The canonical scale ends below OpenAI's own last step; an upstream of the same dialect still gets the original.
  const canonical: ReasoningEffort = effort === 'max' ? 'xhigh' : effort;
  return { effort: canonical };
}
