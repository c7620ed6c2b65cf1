import type { MessageCreateParams, TextBlockParam, ToolChoice } from '@anthropic-ai/sdk/resources/messages';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { JsonObject } from '../../../core/json.js';
import type { AttemptContext } from '../../provider-adapter.js';
import { type ModelTraits, modelTraits } from './model-traits.js';
import { toAnthropicMessages } from './to-anthropic-messages.js';
import { toAnthropicTools } from './to-anthropic-tools.js';
import { toOutputFormat } from './to-output-format.js';
import { type Sampling, toSampling } from './to-sampling.js';
import { toThinking } from './to-thinking.js';

type Warn = (message: string) => void;
/** Where the request goes: what the model can write, and who hears what could not be carried. */
type Destination = Pick<AttemptContext, 'maxOutputTokens' | 'warn'>;
type MessagesBody = MessageCreateParams & Sampling;

/**
 * The body for `/v1/messages`. A request that came in this dialect goes on as it came, with only model and stream
 * replaced.
 */
export function buildMessagesBody(model: string, request: ChatRequest, destination: Destination): JsonObject {
  const { source, stream } = request;
  if (source?.dialect === 'anthropic-messages') return { ...source.body, model, stream };
  const warn: Warn = (message) => {
    destination.warn(message);
  };
  warnAboutLosses(request, warn);
  return translate(model, request, destination.maxOutputTokens, warn) as unknown as JsonObject;
}

function translate(model: string, request: ChatRequest, maxOutputTokens: number | null, warn: Warn): MessagesBody {
  const traits = modelTraits(model);
  const { tools, tool_choice } = toAnthropicTools(request);
  const { thinking, effort, max_tokens } = toThinking(
    reasoningOf(request, tool_choice, traits, warn),
    { client: request.maxOutputTokens, model: maxOutputTokens },
    traits,
    warn,
  );
  const { format, instruction } = toOutputFormat(request.responseFormat, warn);
  const { system, messages } = toAnthropicMessages(request.messages, warn);
  if (instruction !== undefined) system.push({ type: 'text', text: instruction });
  const body: MessagesBody = {
    model,
    max_tokens,
    messages,
    stream: request.stream,
    system: systemOf(system),
    ...toSampling(request, traits, thinking !== undefined, warn),
    stop_sequences: request.stop && stopsOf(request.stop, warn),
    tools,
    tool_choice,
    thinking,
    output_config: format || effort ? { format, effort } : undefined,
    metadata: request.user === undefined ? undefined : { user_id: request.user },
  };
  return body;
}

// The API refuses a forced tool together with thinking; the tool is what the client relies on. Older models also refuse
// to think on after a tool call whose own thinking is gone, as it is from every client that has no place for it.
function reasoningOf(
  request: ChatRequest,
  choice: ToolChoice | undefined,
  traits: ModelTraits,
  warn: Warn,
): ChatRequest['reasoning'] {
  const { reasoning } = request;
  if (!reasoning || reasoning.effort === 'none') return reasoning;
  if (choice?.type === 'any' || choice?.type === 'tool') {
    warn('Reasoning was turned off: Anthropic does not think when a tool call is forced.');
    return undefined;
  }
  if (traits.thinksAdaptively || !lacksThoughts(request.messages)) return reasoning;
  warn('Reasoning was turned off: the thinking before the last tool call is missing, and the model wants it back.');
  return undefined;
}

// Whether the conversation stands at the results of tool calls that came without the thinking that led to them.
function lacksThoughts(messages: ChatRequest['messages']): boolean {
  const last = messages.findLastIndex((message) => message.role === 'assistant');
  const calls = messages[last];
  if (calls?.role !== 'assistant' || !messages.slice(last).some((message) => message.role === 'tool')) return false;
  return !calls.content.some(
    (part) => part.type === 'reasoning' && (part.signature !== undefined || part.redacted !== undefined),
  );
}

function systemOf(system: TextBlockParam[]): MessagesBody['system'] {
  const [first] = system;
  return system.length > 1 ? system : first?.text;
}

// The API refuses stop sequences of white space.
function stopsOf(stop: readonly string[], warn: Warn): string[] | undefined {
  const taken = stop.filter((sequence) => sequence.trim() !== '');
  if (taken.length < stop.length) warn('A stop sequence of white space was dropped: Anthropic takes none.');
  return taken.length > 0 ? taken : undefined;
}

function warnAboutLosses(request: ChatRequest, warn: Warn): void {
  const lost = {
    seed: request.seed,
    presence_penalty: request.presencePenalty === 0 ? undefined : request.presencePenalty,
    frequency_penalty: request.frequencyPenalty === 0 ? undefined : request.frequencyPenalty,
    logprobs: request.logprobs === false ? undefined : request.logprobs,
    top_logprobs: request.topLogprobs,
    logit_bias: request.logitBias,
  };
  for (const [name, value] of Object.entries(lost)) {
    if (value !== undefined) warn(`The parameter \`${name}\` was dropped: Anthropic has none like it.`);
  }
  for (const name of request.extraParameters ?? []) {
    warn(`The parameter \`${name}\` was dropped: Anthropic has none like it.`);
  }
}
