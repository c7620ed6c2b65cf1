import type { ChatRequest, ReasoningEffort, ResponseFormat } from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { checkJsonSchema } from '../check-json-schema.js';
import {
  readArray,
  readBoolean,
  readChoice,
  readInteger,
  readNumber,
  readObject,
  readString,
  refuse,
  refuseMissing,
  refuseType,
  requireObject,
  requireString,
} from '../read-parameters.js';
import { urlsIn } from '../server-urls.js';
import { Losses } from './losses.js';
import { parseThinking } from './parse-thinking.js';
import { parseMessageToolChoice, parseMessageTools } from './parse-tools.js';
import { parseTurns } from './parse-turns.js';
import { refuseThread } from './refuse-thread.js';

// What the canonical request carries, and what changes no answer.
const KNOWN: ReadonlySet<string> = new Set([
  ...['model', 'messages', 'max_tokens', 'system', 'stream', 'stop_sequences', 'temperature', 'top_p', 'top_k'],
  ...['tools', 'tool_choice', 'thinking', 'output_config', 'metadata', 'service_tier', 'cache_control'],
]);
const MOST_TOKENS = 2_147_483_647;
const MOST_STOPS = 1_000;
const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
const FORM_NAME = 'answer';

/** Reads a body of `POST /v1/messages`. Throws InvalidRequestError with the path of the first wrong parameter. */
export function parseMessagesRequest(body: JsonObject, betas: readonly string[] = []): ChatRequest {
  const maxTokens = readInteger(body.max_tokens, 'max_tokens', { min: 0, max: MOST_TOKENS });
  if (maxTokens === undefined && typeof body.model === 'string') refuseMissing('max_tokens');
  const request = parseCountRequest(body, betas);
  // None at all only fills the prompt cache, which no other vendor does by itself.
  return maxTokens === undefined ? request : { ...request, maxOutputTokens: Math.max(1, maxTokens) };
}

/** Reads a body of `POST /v1/messages/count_tokens`, which needs no output limit. Throws as `parseMessagesRequest`. */
export function parseCountRequest(body: JsonObject, betas: readonly string[] = []): ChatRequest {
  refuseThread(body.thread);
  const model = requireString(body.model, 'model');
  if (model === '') refuseMissing('model');
  const losses = new Losses();
  const tools = parseMessageTools(body.tools, losses);
  const request: ChatRequest = {
    model,
    messages: parseTurns(body, losses),
    stream: readBoolean(body.stream, 'stream') ?? false,
    ...parseSampling(body),
    tools: tools?.definitions,
    ...parseMessageToolChoice(body.tool_choice, tools, losses),
    ...parseOutput(body, losses),
    user: parseUser(body.metadata),
    source: { dialect: 'anthropic-messages', body, ...(betas.length > 0 && { betas }) },
    earlierMessages: 0,
  };
  for (const name of Object.keys(body)) if (!KNOWN.has(name) && says(body[name])) losses.add(name);
  const serverUrls = urlsIn(body.mcp_servers, 'mcp_servers', 'url');
  if (serverUrls.length > 0) request.serverUrls = serverUrls;
  const extraParameters = losses.list();
  return extraParameters ? { ...request, extraParameters } : request;
}

/** The flags of an `anthropic-beta` header, whatever they are. */
export function parseBetas(header: string | string[] | undefined): string[] {
  const names = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))];
}

function says(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0);
}

function parseSampling(body: JsonObject): Partial<ChatRequest> {
  return {
    temperature: readNumber(body.temperature, 'temperature', { min: 0, max: 1 }),
    topP: readNumber(body.top_p, 'top_p', { min: 0, max: 1 }),
    topK: readInteger(body.top_k, 'top_k', { min: 0, max: MOST_TOKENS }),
    stop: parseStops(body.stop_sequences),
  };
}

// Those of white space are Anthropic's to refuse; no model is stopped by them.
function parseStops(value: JsonValue | undefined): string[] | undefined {
  const stops = readArray(value, 'stop_sequences', MOST_STOPS)?.map((stop, index) =>
    typeof stop === 'string' ? stop : refuseType(`stop_sequences[${String(index)}]`, 'a string', stop),
  );
  const visible = stops?.filter((stop) => stop.trim() !== '');
  return visible && visible.length > 0 ? visible : undefined;
}

function parseOutput(body: JsonObject, losses: Losses): Partial<ChatRequest> {
  const config = readObject(body.output_config, 'output_config') ?? {};
  const effort = readChoice(config.effort, 'output_config.effort', EFFORTS);
  for (const name of Object.keys(config)) {
    if (name !== 'effort' && name !== 'format' && says(config[name])) losses.add(`output_config.${name}`);
  }
  return {
    reasoning: parseThinking(body.thinking, toEffort(effort), losses),
    responseFormat: parseFormat(config.format, 'output_config.format'),
  };
}

// The canonical scale ends below the last step here; an upstream of the same dialect gets the original.
function toEffort(effort: (typeof EFFORTS)[number] | undefined): ReasoningEffort | undefined {
  return effort === 'max' ? 'xhigh' : effort;
}

function parseFormat(value: JsonValue | undefined, path: string): ResponseFormat | undefined {
  const format = readObject(value, path);
  if (!format) return undefined;
  if (requireString(format.type, `${path}.type`) !== 'json_schema') {
    return refuse('invalid_value', `${path}.type`, `\`${path}.type\` must be json_schema.`);
  }
  const schema = requireObject(format.schema, `${path}.schema`);
  checkJsonSchema(schema, `${path}.schema`);
  return { type: 'json-schema', name: FORM_NAME, schema, ...(isClosed(schema) && { strict: true }) };
}

// Anthropic enforces every schema it takes; others enforce only those that leave nothing open.
function isClosed(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.every(isClosed);
  if (!isJsonObject(value)) return true;
  const { type, properties, required, additionalProperties } = value;
  if (type === 'object' || isJsonObject(properties)) {
    const names = isJsonObject(properties) ? Object.keys(properties) : [];
    const isComplete = names.every((name) => Array.isArray(required) && required.includes(name));
    if (additionalProperties !== false || !isComplete) return false;
  }
  return Object.values(value).every((member) => member === undefined || isClosed(member));
}

function parseUser(value: JsonValue | undefined): string | undefined {
  return readString(readObject(value, 'metadata')?.user_id, 'metadata.user_id');
}
