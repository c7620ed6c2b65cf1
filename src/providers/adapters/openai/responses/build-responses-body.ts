import type { ChatRequest } from '../../../../core/chat/chat-request.js';
import type { JsonObject, JsonValue } from '../../../../core/json.js';
import type { AttemptContext } from '../../../provider-adapter.js';
import { toEffort } from '../to-effort.js';
import { withoutReserved } from '../without-reserved.js';
import { toInputItems } from './to-input-items.js';
import { toResponsesTools, toResponsesToolChoice, toTextFormat } from './to-responses-tools.js';

type Warn = (message: string) => void;

/** What is known of the model: nothing where `catalogEntry` is null. */
type Known = Pick<AttemptContext, 'catalogEntry'> & {
  /** Whether the model's name says which one it is, as that of a deployment does not. */
  readonly isNamed: boolean;
  /** Whether it is OpenAI's own service or Azure's. */
  readonly isStrict: boolean;
};

// OpenAI refuses a lower limit.
const LEAST_OUTPUT_TOKENS = 16;
const ENCRYPTED = 'reasoning.encrypted_content';

// Parameters of OpenAI's chat that mean the same here.
const SHARED: readonly string[] = [
  'metadata',
  'service_tier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier',
];

/**
 * The body of a response. A request that came in this dialect goes on as it came, with only model and stream replaced,
 * without what is the gateway's to say, and kept by nobody but the gateway: `store` is false, so that thinking is asked for
 * in the form that can be sent back.
 */
export function buildResponsesBody(model: string, request: ChatRequest, known: Known, warn: Warn): JsonObject {
  const body = build(model, request, known, warn);
  const { max_output_tokens: limit } = body;
  if (!known.isStrict || typeof limit !== 'number' || limit >= LEAST_OUTPUT_TOKENS) return body;
  warn(`The output limit was raised to ${String(LEAST_OUTPUT_TOKENS)} tokens: OpenAI's Responses take none below.`);
  return { ...body, max_output_tokens: LEAST_OUTPUT_TOKENS };
}

function build(model: string, request: ChatRequest, known: Known, warn: Warn): JsonObject {
  const { source } = request;
  // Few models can only say all of it at once.
  const stream = request.stream && known.catalogEntry?.capabilities.streaming !== false;
  if (source?.dialect !== 'openai-responses') {
    return { ...translate(model, request, known, warn), model, stream, store: false };
  }
  const { stream_options: options, ...body } = withoutState(withoutReserved(source.body, warn));
  const include = includeOf(body.include, known.catalogEntry?.capabilities.reasoning);
  return {
    ...body,
    ...(include !== undefined && { include }),
    ...(stream && options !== undefined && { stream_options: options }),
    model,
    stream,
    store: false,
  };
}

// What a response goes on from is in its input: the provider has none of what is kept here.
function withoutState(body: JsonObject): JsonObject {
  const { previous_response_id: _previous, conversation: _conversation, background: _background, ...rest } = body;
  return rest;
}

// Models that do not think refuse to be asked for it.
function includeOf(include: JsonValue | undefined, reasons: boolean | undefined): JsonValue | undefined {
  if (reasons !== false || !Array.isArray(include)) return include;
  return include.filter((each) => each !== ENCRYPTED);
}

function translate(model: string, request: ChatRequest, known: Known, warn: Warn): JsonObject {
  warnAboutLosses(request, warn);
  const thinks = known.catalogEntry?.capabilities.reasoning ?? isThinking(request);
  const include = [
    ...(thinks ? [ENCRYPTED] : []),
    ...(request.logprobs === true ? ['message.output_text.logprobs'] : []),
  ];
  const isOwnModel = (name: string): boolean => !known.isNamed || name === model || name.startsWith(`${model}-`);
  return compact({
    input: toInputItems(request.messages, isOwnModel, warn),
    max_output_tokens: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    top_logprobs: request.topLogprobs,
    ...toolsOf(request),
    text: textOf(request),
    reasoning: reasoningOf(request, known, warn),
    include: include.length > 0 ? include : undefined,
    user: request.user,
    ...sharedOf(request),
  });
}

function isThinking({ reasoning: { effort = 'none', budgetTokens } = {} }: ChatRequest): boolean {
  return effort !== 'none' || budgetTokens !== undefined;
}

function toolsOf({ tools = [], toolChoice, parallelToolCalls }: ChatRequest): JsonObject {
  if (tools.length === 0) return {};
  return {
    tools: toResponsesTools(tools),
    tool_choice: toolChoice && toResponsesToolChoice(toolChoice),
    parallel_tool_calls: parallelToolCalls,
  };
}

function textOf(request: ChatRequest): JsonObject | undefined {
  const { responseFormat, source } = request;
  const verbosity = source?.dialect === 'openai-chat' ? source.body.verbosity : undefined;
  if (!responseFormat && verbosity === undefined) return undefined;
  return compact({ format: responseFormat && compact(toTextFormat(responseFormat)), verbosity });
}

function reasoningOf(request: ChatRequest, { catalogEntry }: Known, warn: Warn): JsonObject | undefined {
  const thinks = catalogEntry?.capabilities.reasoning ?? null;
  const effort = toEffort(request, thinks, warn);
  const summary = thinks === false ? undefined : request.reasoning?.summary;
  return effort === undefined && summary === undefined ? undefined : compact({ effort, summary });
}

function sharedOf({ source }: ChatRequest): JsonObject {
  if (source?.dialect !== 'openai-chat') return {};
  return Object.fromEntries(SHARED.map((name) => [name, source.body[name] ?? undefined]));
}

function warnAboutLosses(request: ChatRequest, warn: Warn): void {
  const isChat = request.source?.dialect === 'openai-chat';
  const isCarried = (name: string): boolean => isChat && (name === 'verbosity' || SHARED.includes(name));
  for (const name of request.extraParameters ?? []) {
    if (!isCarried(name)) warn(`The parameter \`${name}\` was dropped: OpenAI's Responses have none like it.`);
  }
  const lost = [
    ['stop', request.stop !== undefined && request.stop.length > 0],
    ['top_k', request.topK !== undefined],
    ['seed', request.seed !== undefined],
    ['presence_penalty', (request.presencePenalty ?? 0) !== 0],
    ['frequency_penalty', (request.frequencyPenalty ?? 0) !== 0],
    ['logit_bias', request.logitBias !== undefined],
  ] as const;
  for (const [name, isLost] of lost) {
    if (isLost) warn(`\`${name}\` was dropped: OpenAI's Responses have none.`);
  }
}

function compact(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
