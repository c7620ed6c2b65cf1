import type { ChatMessage, ChatRequest } from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import {
  readArray,
  readBoolean,
  readObject,
  readString,
  refuse,
  refuseMissing,
  refuseType,
  requireString,
} from '../read-parameters.js';
import { referenceOf } from './parse-item.js';
import { type OwnItem, parseItems } from './parse-items.js';
import { parseSettings, settingsOfOpenAi } from './parse-settings.js';
import { parseToolChoice } from './parse-tool-choice.js';
import { urlsForOpenAi } from '../server-urls.js';
import { parseTools } from './parse-tools.js';
import { namedLosses, otherParameters } from './lost-parameters.js';
import type { ResponsesRequest } from './responses-request.js';

const MAX_ITEMS = 10_000;
const MAX_INCLUDES = 64;

/**
 * Reads a body of `POST /v1/responses`. Throws InvalidRequestError with the path of the first wrong parameter; types of
 * tools and items that are not known are none.
 */
export function parseResponsesRequest(body: JsonObject): ResponsesRequest {
  const model = requireString(body.model, 'model');
  if (model === '') refuseMissing('model');
  refusePrompt(body);
  const state = parseState(body);
  const include = parseInclude(body.include);
  const input = parseInput(body, state);
  const references = input.map(referenceOf).filter((id) => id !== null);
  const tools = parseTools(body.tools, 'tools');
  const { choice, allowed, lost } = parseToolChoice(body.tool_choice, 'tool_choice', tools);
  const isPart = state.previousResponseId !== undefined || state.conversationId !== undefined || references.length > 0;
  const items = parseItems({ own: ownItems(input), isPart });
  const instructions = instructionsOf(body);
  const chat: ChatRequest = {
    model,
    messages: [...instructions, ...items.messages],
    stream: parseStream(body),
    ...parseSettings(body, include),
    ...(tools.definitions.length > 0 && {
      tools: allowed ? tools.definitions.filter(({ name }) => allowed.has(name)) : tools.definitions,
    }),
    toolChoice: choice,
    earlierMessages: instructions.length,
    source: { dialect: 'openai-responses', body },
  };
  const losses = namedLosses([
    ...items.lost,
    ...tools.lost,
    ...lost,
    ...settingsOfOpenAi(body),
    ...otherParameters(body),
  ]);
  if (losses.length > 0) chat.extraParameters = losses;
  const serverUrls = urlsForOpenAi(body.tools, input);
  if (serverUrls.length > 0) chat.serverUrls = serverUrls;
  return { chat, input, references, ...state, include, tools: tools.names };
}

/** The instructions as the message that goes first. */
export function instructionsOf({ instructions }: JsonObject): ChatMessage[] {
  const text = readString(instructions, 'instructions') ?? '';
  return text === '' ? [] : [{ role: 'system', content: [{ type: 'text', text }] }];
}

// Those that it only names are read by whoever finds them.
function ownItems(input: readonly JsonObject[]): OwnItem[] {
  return input.flatMap((item, index): OwnItem[] => {
    return referenceOf(item) === null ? [{ item, path: `input[${String(index)}]`, origin: 'sent' }] : [];
  });
}

type State = Pick<ResponsesRequest, 'previousResponseId' | 'conversationId' | 'store' | 'isBackground'>;

function parseState(body: JsonObject): State {
  const previousResponseId = readString(body.previous_response_id, 'previous_response_id');
  const conversationId = parseConversation(body.conversation);
  if (previousResponseId !== undefined && conversationId !== undefined) {
    const message = '`previous_response_id` and `conversation` cannot be used together. Send one of them.';
    refuse('invalid_value', 'previous_response_id', message);
  }
  const store = readBoolean(body.store, 'store') ?? true;
  const isBackground = readBoolean(body.background, 'background') ?? false;
  if (isBackground && !store) {
    refuse(
      'invalid_value',
      'background',
      '`background` needs a response that is stored. Leave `store` out, or make it true.',
    );
  }
  return {
    ...(previousResponseId !== undefined && { previousResponseId }),
    ...(conversationId !== undefined && { conversationId }),
    store,
    isBackground,
  };
}

function parseConversation(value: JsonValue | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (!isJsonObject(value)) return refuseType('conversation', 'a string or an object', value);
  return requireString(value.id, 'conversation.id');
}

function parseInclude(value: JsonValue | undefined): string[] {
  const list = readArray(value, 'include', MAX_INCLUDES) ?? [];
  return list.map((name, index) => requireString(name, `include[${String(index)}]`));
}

function parseInput({ input }: JsonObject, { previousResponseId, conversationId }: State): JsonObject[] {
  if (input === undefined || input === null) {
    if (previousResponseId !== undefined || conversationId !== undefined) return [];
    return refuseMissing('input');
  }
  if (typeof input === 'string')
    return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }];
  if (!Array.isArray(input)) return refuseType('input', 'a string or an array of items', input);
  const list = readArray(input, 'input', MAX_ITEMS) ?? [];
  const isAlone = previousResponseId === undefined && conversationId === undefined;
  if (list.length === 0 && isAlone) refuse('invalid_value', 'input', '`input` must hold at least one item.');
  return list.map((item, index) =>
    isJsonObject(item) ? item : refuseType(`input[${String(index)}]`, 'an object', item),
  );
}

function parseStream(body: JsonObject): boolean {
  const stream = readBoolean(body.stream, 'stream') ?? false;
  const options = readObject(body.stream_options, 'stream_options');
  if (!options) return stream;
  readBoolean(options.include_obfuscation, 'stream_options.include_obfuscation');
  if (stream) return stream;
  const message = '`stream_options` is only possible with `stream: true`. Remove it, or ask for a stream.';
  return refuse('invalid_value', 'stream_options', message);
}

// A template lies in one account of OpenAI's: nobody else could read it, and no key here belongs to that account for sure.
function refusePrompt({ prompt }: JsonObject): void {
  if (prompt === undefined || prompt === null) return;
  const message = '`prompt` names a template that is stored at OpenAI. Send its text as `instructions` and `input`.';
  refuse('unsupported_capability', 'prompt', message);
}
