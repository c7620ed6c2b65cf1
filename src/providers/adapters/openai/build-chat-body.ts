import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import type { ChatRequest, ReasoningEffort } from '../../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject } from '../../../core/json.js';
import { toOpenAiMessages } from './to-openai-messages.js';
import { toOpenAiResponseFormat, toOpenAiToolChoice, toOpenAiTools } from './to-openai-tools.js';

type Warn = (message: string) => void;

/** Whose server reads the body: OpenAI's own takes newer names, compatible ones the older and some of their own. */
export type OpenAiFlavour = 'openai' | 'openai-compatible';

/**
 * The body of a chat completion. A request that came in this dialect goes on as it came, with only model, stream and the
 * usage option replaced: usage is always asked for, because the bill needs it.
 */
export function buildChatBody(model: string, request: ChatRequest, flavour: OpenAiFlavour, warn: Warn): JsonObject {
  const { source, stream } = request;
  const body = source?.dialect === 'openai-chat' ? source.body : translate(request, flavour, warn);
  const { stream_options: options, ...rest } = body;
  if (!stream) return { ...rest, model, stream };
  return { ...rest, model, stream, stream_options: { ...(isJsonObject(options) && options), include_usage: true } };
}

function translate(request: ChatRequest, flavour: OpenAiFlavour, warn: Warn): JsonObject {
  for (const name of request.extraParameters ?? [])
    warn(`The parameter \`${name}\` was dropped: OpenAI has none like it.`);
  const params = {
    messages: toOpenAiMessages(request.messages, warn),
    ...limits(request, flavour, warn),
    ...sampling(request),
    ...toolsOf(request),
    response_format: request.responseFormat && toOpenAiResponseFormat(request.responseFormat),
    reasoning_effort: effortOf(request, warn),
    ...lasting(request),
  } satisfies Omit<ChatCompletionCreateParams, 'model'> & { top_k?: number };
  return params as unknown as JsonObject;
}

function limits(
  request: ChatRequest,
  flavour: OpenAiFlavour,
  warn: Warn,
): { max_tokens?: number; max_completion_tokens?: number; top_k?: number } {
  const { maxOutputTokens, topK } = request;
  if (flavour === 'openai-compatible') return { max_tokens: maxOutputTokens, top_k: topK };
  if (topK !== undefined) warn('`top_k` was dropped: OpenAI has none.');
  return { max_completion_tokens: maxOutputTokens };
}

// OpenAI has deprecated these two; compatible servers know no others.
function lasting({ seed, user }: ChatRequest): { seed?: number; user?: string } {
  return { seed, user };
}

function sampling(request: ChatRequest): Partial<ChatCompletionCreateParams> {
  return {
    temperature: request.temperature,
    top_p: request.topP,
    stop: request.stop,
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

function effortOf({ reasoning }: ChatRequest, warn: Warn): ReasoningEffort | undefined {
  if (!reasoning) return undefined;
  const { effort, budgetTokens } = reasoning;
  if (budgetTokens === undefined) return effort;
  warn('The reasoning budget became a reasoning effort: OpenAI takes no number of tokens.');
  if (effort !== undefined) return effort;
  if (budgetTokens <= 2048) return 'low';
  return budgetTokens <= 8192 ? 'medium' : 'high';
}
