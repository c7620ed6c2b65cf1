import type { ChatRequest } from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import { readBoolean, readObject, refuse, refuseMissing, requireString } from '../read-parameters.js';
import { parseLabels } from './parse-labels.js';
import { parseMessages } from './parse-messages.js';
import { parseResponseFormat } from './parse-response-format.js';
import { parseSampling } from './parse-sampling.js';
import { parseToolChoice, parseTools } from './parse-tools.js';

// What the canonical request carries, and what the gateway answers for itself.
const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'stop',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'n',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'reasoning_effort',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'user',
]);

const MOST_NAMED = 50;
const LONGEST_NAME = 64;

/** Reads a body of `POST /v1/chat/completions`. Throws InvalidRequestError with the path of the first wrong parameter. */
export function parseChatRequest(body: JsonObject): ChatRequest {
  const model = requireString(body.model, 'model');
  if (model === '') refuseMissing('model');
  const tools = parseTools(body.tools, 'tools');
  const stream = parseStream(body);
  const request: ChatRequest = {
    model,
    messages: parseMessages(body.messages, 'messages'),
    stream,
    ...parseSampling(body),
    ...parseLabels(body),
    tools: tools?.definitions,
    toolChoice: parseToolChoice(body.tool_choice, 'tool_choice', tools),
    parallelToolCalls: readBoolean(body.parallel_tool_calls, 'parallel_tool_calls'),
    responseFormat: parseResponseFormat(body.response_format, 'response_format'),
    source: { dialect: 'openai-chat', body },
  };
  const extra = [
    ...lostChoices(body),
    ...lostAudio(body),
    ...(tools?.unknownPaths ?? []),
    ...named(extraParameters(body)),
  ];
  if (extra.length > 0) request.extraParameters = extra;
  return request;
}

/** Whether the client asked for a usage chunk at the end of its stream. */
export function wantsUsageChunk(request: ChatRequest): boolean {
  const options = request.source?.body.stream_options;
  return isJsonObject(options) && options.include_usage === true;
}

function parseStream(body: JsonObject): boolean {
  const stream = readBoolean(body.stream, 'stream') ?? false;
  const options = readObject(body.stream_options, 'stream_options');
  if (!options) return stream;
  if (!stream) {
    const message = '`stream_options` is only possible with `stream: true`. Remove it, or ask for a stream.';
    return refuse('invalid_value', 'stream_options', message);
  }
  readBoolean(options.include_usage, 'stream_options.include_usage');
  return stream;
}

// The canonical choice has no list of tools that may be called: only its mode is carried.
function lostChoices({ tool_choice: choice }: JsonObject): string[] {
  return isJsonObject(choice) && choice.type === 'allowed_tools' ? ['tool_choice.allowed_tools'] : [];
}

// An earlier spoken answer, which is named by its id, is known to nobody but its provider.
function lostAudio({ messages }: JsonObject): string[] {
  const spoken =
    Array.isArray(messages) && messages.some((message) => isJsonObject(message) && isJsonObject(message.audio));
  return spoken ? ['messages[].audio'] : [];
}

// Each becomes a warning, and a body may hold very many.
function named(names: readonly string[]): string[] {
  const first = names.slice(0, MOST_NAMED).map((name) => name.slice(0, LONGEST_NAME));
  return names.length > MOST_NAMED ? [...first, `and ${String(names.length - MOST_NAMED)} more`] : first;
}

// Null says nothing, and so does `store: false`.
function extraParameters(body: JsonObject): string[] {
  return Object.keys(body).filter((key) => {
    const value = body[key];
    return !KNOWN.has(key) && value !== null && value !== undefined && value !== false;
  });
}
