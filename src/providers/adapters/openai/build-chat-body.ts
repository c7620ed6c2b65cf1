import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';
import type { ServerTraits } from './server-traits.js';
import { toEffort } from './to-effort.js';
import { toOpenAiMessages } from './to-openai-messages.js';
import { toOpenAiResponseFormat, toOpenAiToolChoice, toOpenAiTools } from './to-openai-tools.js';
import { withoutReserved } from './without-reserved.js';

type Warn = (message: string) => void;
type Traits = ServerTraits & {
  /** Whether the model does; null or absent where nobody knows. */
  readonly thinks?: boolean | null;
};

const MOST_STOPS = 4;

/**
 * The body of a chat completion. A request that came in this dialect goes on as it came, with only model, stream and the
 * usage option replaced, without what is the gateway's to say, and the newer words put into those that an older server
 * knows: usage is always asked for where the server can be, because the bill needs it. What a single model refuses (reasoning models take no temperature) goes on
 * all the same: the refusal is its own, and the client is told.
 */
export function buildChatBody(model: string, request: ChatRequest, traits: Traits, warn: Warn): JsonObject {
  const { source, stream } = request;
  const isSame = source?.dialect === 'openai-chat';
  const body = isSame ? adapt(withoutReserved(source.body, warn), traits) : translate(request, traits, warn);
  const options = body.stream_options;
  if (stream && traits.takesStreamOptions) {
    return { ...body, model, stream, stream_options: { ...(isJsonObject(options) && options), include_usage: true } };
  }
  if (options === undefined) return { ...body, model, stream };
  const { stream_options: _, ...rest } = body;
  return { ...rest, model, stream };
}

// Only OpenAI itself knows the newer names; servers that imitate it refuse them or, worse, do not heed them.
function adapt(body: JsonObject, { isStrict, outputLimit }: ServerTraits): JsonObject {
  let adapted = body;
  if (outputLimit === 'max_tokens' && body.max_completion_tokens !== undefined) {
    const { max_completion_tokens: limit, ...rest } = body;
    adapted = { ...rest, max_tokens: limit ?? rest.max_tokens };
  }
  const { messages } = body;
  if (!isStrict && Array.isArray(messages) && messages.some(isDeveloper)) {
    adapted = {
      ...adapted,
      messages: messages.map((each) => (isDeveloper(each) ? { ...each, role: 'system' } : each)),
    };
  }
  return adapted;
}

function isDeveloper(message: JsonValue): message is JsonObject {
  return isJsonObject(message) && message.role === 'developer';
}

function translate(request: ChatRequest, traits: Traits, warn: Warn): JsonObject {
  for (const name of request.extraParameters ?? [])
    warn(`The parameter \`${name}\` was dropped: OpenAI has none like it.`);
  const params = {
    messages: toOpenAiMessages(request.messages, warn),
    [traits.outputLimit]: request.maxOutputTokens,
    top_k: topKOf(request, traits, warn),
    ...sampling(request),
    stop: stopOf(request, traits, warn),
    ...toolsOf(request),
    response_format: request.responseFormat && toOpenAiResponseFormat(request.responseFormat),
    reasoning_effort: toEffort(request, traits.thinks ?? null, warn),
    ...lasting(request),
  } satisfies Omit<ChatCompletionCreateParams, 'model'> & { top_k?: number };
  return params as unknown as JsonObject;
}

function topKOf({ topK }: ChatRequest, { isStrict }: ServerTraits, warn: Warn): number | undefined {
  if (topK === undefined || !isStrict) return topK;
  warn('`top_k` was dropped: OpenAI has none.');
  return undefined;
}

function stopOf({ stop }: ChatRequest, { isStrict }: ServerTraits, warn: Warn): string[] | undefined {
  if (stop === undefined || stop.length === 0) return undefined;
  if (!isStrict || stop.length <= MOST_STOPS) return stop;
  warn(`Only the first ${String(MOST_STOPS)} stop sequences were sent: OpenAI takes no more.`);
  return stop.slice(0, MOST_STOPS);
}

// OpenAI has deprecated these two; compatible servers know no others.
function lasting({ seed, user }: ChatRequest): { seed?: number; user?: string } {
  return { seed, user };
}

function sampling(request: ChatRequest): Partial<ChatCompletionCreateParams> {
  return {
    temperature: request.temperature,
    top_p: request.topP,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    n: request.choices,
    logprobs: request.logprobs,
    top_logprobs: request.topLogprobs,
    logit_bias: request.logitBias,
  };
}

// OpenAI refuses a tool choice without tools, and an empty list of them.
function toolsOf(request: ChatRequest): Partial<ChatCompletionCreateParams> {
  const { tools = [], toolChoice, parallelToolCalls } = request;
  if (tools.length === 0) return {};
  return {
    tools: toOpenAiTools(tools),
    tool_choice: toolChoice && toOpenAiToolChoice(toolChoice),
    parallel_tool_calls: parallelToolCalls,
  };
}
