import type {
  MessageCreateParams,
  MessageParam,
  TextBlockParam,
  ThinkingConfigParam,
} from '@anthropic-ai/sdk/resources/messages';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { JsonObject } from '../../../core/json.js';
import type { AttemptContext } from '../../provider-adapter.js';
import { CacheMarks } from './cache-marks.js';
import { type ModelTraits, modelTraits } from './model-traits.js';
import { settleBody } from './settle-body.js';
import { settleReasoning } from './settle-reasoning.js';
import { withoutForeignThoughts } from './thoughts.js';
import { toAnthropicMessages } from './to-anthropic-messages.js';
import { toAnthropicTools } from './to-anthropic-tools.js';
import { toOutputFormat } from './to-output-format.js';
import { type Sampling, toSampling } from './to-sampling.js';
import { toThinking } from './to-thinking.js';
import { warnAboutLosses } from './warn-about-losses.js';

type Warn = (message: string) => void;
/** Where the request goes: what the model can write, and who hears what could not be carried. */
type Destination = Pick<AttemptContext, 'maxOutputTokens' | 'warn'>;

/** Thinking as the API takes it with a beta header: blocks that do not fit any more are left out in place of a refusal. */
type BoundThinking = ThinkingConfigParam & { block_binding?: { prefix_mismatch_behavior: 'drop_block' } };
type MessagesBody = Omit<MessageCreateParams, 'thinking'> & Sampling & { thinking?: BoundThinking };

/** The longest `metadata.user_id` the API takes. */
const MOST_USER_CHARACTERS = 256;

/**
 * The body for `/v1/messages`. A request that came in this dialect goes on as it came, with only model and stream
 * replaced, and what the model would not take back.
 */
export function buildMessagesBody(model: string, request: ChatRequest, destination: Destination): JsonObject {
  const { source, stream } = request;
  if (source?.dialect === 'anthropic-messages') return { ...settleBody(source.body, request, model), model, stream };
  const warn: Warn = (message) => {
    destination.warn(message);
  };
  const readable = withoutForeignThoughts(request, model);
  return translate(model, readable, destination.maxOutputTokens, warn) as unknown as JsonObject;
}

function translate(model: string, request: ChatRequest, maxOutputTokens: number | null, warn: Warn): MessagesBody {
  const traits = modelTraits(model);
  const marks = new CacheMarks(request);
  const { ofRequest } = marks;
  warnAboutLosses(request, ofRequest !== undefined, warn);
  const { tools, tool_choice, instruction: duty } = toAnthropicTools(request, traits, warn);
  const isForced = tool_choice?.type === 'any' || tool_choice?.type === 'tool';
  const limits = { client: request.maxOutputTokens, model: maxOutputTokens };
  const reasoning = settleReasoning(request, isForced, traits, warn);
  const { thinking, effort, max_tokens } = toThinking(reasoning, limits, traits, warn);
  const format = toOutputFormat(request.responseFormat);
  const { system, messages } = toAnthropicMessages(request.messages, {
    marks,
    keepsThoughts: !(traits.bindsThinking && isTurnedOff(thinking)),
    takesPrefill: traits.takesPrefill,
    warn,
  });
  if (duty !== undefined) system.push({ type: 'text', text: duty });
  marks.markTools(tools ?? []);
  marks.prune(warn);
  return {
    model,
    max_tokens,
    messages,
    stream: request.stream,
    system: systemOf(system),
    ...toSampling(request, traits, thinking !== undefined && !isTurnedOff(thinking), warn),
    stop_sequences: stopsOf(request.stop, warn),
    tools,
    tool_choice,
    thinking: bound(thinking, messages, traits),
    output_config: format || effort ? { format, effort } : undefined,
    metadata: metadataOf(request.user, warn),
    ...(ofRequest && { cache_control: ofRequest }),
  };
}

function isTurnedOff(thinking: ThinkingConfigParam | undefined): boolean {
  return thinking?.type === 'disabled' || thinking?.type === 'between_tools';
}

// The history comes from a client, and may have changed in ways that no longer fit the thinking in it.
function bound(
  thinking: ThinkingConfigParam | undefined,
  messages: readonly MessageParam[],
  { bindsThinking }: ModelTraits,
): BoundThinking | undefined {
  if (!bindsThinking || !messages.some(holdsThinking)) return thinking;
  return { ...(thinking ?? { type: 'adaptive' }), block_binding: { prefix_mismatch_behavior: 'drop_block' } };
}

function holdsThinking({ role, content }: MessageParam): boolean {
  if (role !== 'assistant' || typeof content === 'string') return false;
  return content.some((block) => block.type === 'thinking' || block.type === 'redacted_thinking');
}

function systemOf(system: TextBlockParam[]): MessagesBody['system'] {
  const [first] = system;
  return system.length > 1 || first?.cache_control ? system : first?.text;
}

// The API refuses stop sequences of white space.
function stopsOf(stop: readonly string[] | undefined, warn: Warn): string[] | undefined {
  if (!stop) return undefined;
  const taken = stop.filter((sequence) => sequence.trim() !== '');
  if (taken.length < stop.length) warn('A stop sequence of white space was dropped: Anthropic takes none.');
  return taken.length > 0 ? taken : undefined;
}

function metadataOf(user: string | undefined, warn: Warn): MessagesBody['metadata'] {
  if (user === undefined) return undefined;
  if (user.length <= MOST_USER_CHARACTERS) return { user_id: user };
  warn(`\`user\` was dropped: Anthropic takes at most ${String(MOST_USER_CHARACTERS)} characters.`);
  return undefined;
}
