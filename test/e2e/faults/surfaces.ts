import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import { type Answer, type ClientDialect, dataLines, type Read } from './answer.js';
import type { Client, Officials } from './client.js';

export interface AskOptions {
  /** Names of tools that may be called. */
  tools?: readonly string[];
  dimensions?: number;
}

/** One way to ask the application for something. */
export interface Surface {
  readonly name: string;
  readonly dialect: ClientDialect;
  readonly isStream: boolean;
  readonly isEmbedding: boolean;
  /** Sends one request. */
  ask(client: Client, model: string, options?: AskOptions): Promise<Answer>;
}

type Call = (clients: Officials, result: Read, model: string, options: AskOptions) => Promise<void>;

const PROMPT = 'Hello there';
const MESSAGES = [{ role: 'user' as const, content: PROMPT }];
const SCHEMA = { type: 'object' as const, properties: {} };

/** Every surface that chats, streamed and not. */
export const CHAT_SURFACES: readonly Surface[] = [
  official('chat.completions', 'openai-chat', readCompletion),
  official('chat.completions streamed', 'openai-chat', readChunks),
  native('/v1/chat', (wire) => {
    const reply = JSON.parse(wire) as { content: string; finish_reason: string };
    return { text: reply.content, finishReason: reply.finish_reason };
  }),
  native('/v1/chat/stream', readNativeFrames),
  official('messages', 'anthropic-messages', readMessage),
  official('messages streamed', 'anthropic-messages', readMessageEvents),
  official('responses', 'openai-responses', readResponse),
  official('responses streamed', 'openai-responses', readResponseEvents),
];

/** Those, and the ones that give text and nothing else. */
export const TEXT_SURFACES: readonly Surface[] = [
  ...CHAT_SURFACES,
  official('completions', 'openai-completions', readLegacyCompletion),
  official('completions streamed', 'openai-completions', readLegacyChunks),
];

export const STREAMS = TEXT_SURFACES.filter((surface) => surface.isStream);
export const WHOLE = TEXT_SURFACES.filter((surface) => !surface.isStream);

export const EMBEDDINGS: Surface = {
  ...official('embeddings', 'openai-embeddings', async ({ openai }, result, model, { dimensions }) => {
    const reply = await openai.embeddings.create({ model, input: 'Hello', encoding_format: 'float', dimensions });
    result.text = JSON.stringify(reply.data[0]?.embedding.slice(0, 3));
  }),
  isEmbedding: true,
};

function official(name: string, dialect: ClientDialect, call: Call): Surface {
  return {
    name,
    dialect,
    isStream: name.endsWith(' streamed'),
    isEmbedding: false,
    ask: (client, model, options = {}) =>
      client.official(dialect, (clients, result) => call(clients, result, model, options)),
  };
}

function native(path: string, read: (wire: string) => Partial<Read>): Surface {
  return {
    name: path,
    dialect: 'native',
    isStream: path.endsWith('/stream'),
    isEmbedding: false,
    ask: (client, model, options = {}) =>
      client.plain(path, { model, messages: MESSAGES, ...chatTools(options) }, read),
  };
}

async function readCompletion({ openai }: Officials, result: Read, model: string, options: AskOptions): Promise<void> {
  const { choices } = await openai.chat.completions.create({ model, messages: MESSAGES, ...chatTools(options) });
  result.text = choices[0]?.message.content ?? '';
  result.finishReason = choices[0]?.finish_reason ?? null;
}

async function readChunks({ openai }: Officials, result: Read, model: string, options: AskOptions): Promise<void> {
  const asked = { model, messages: MESSAGES, stream: true as const, ...chatTools(options) };
  for await (const chunk of await openai.chat.completions.create(asked)) {
    result.text += chunk.choices[0]?.delta.content ?? '';
    result.finishReason = chunk.choices[0]?.finish_reason ?? result.finishReason;
  }
}

async function readMessage({ anthropic }: Officials, result: Read, model: string, options: AskOptions): Promise<void> {
  const { content, stop_reason: reason } = await anthropic.messages.create(messagesBody(model, options));
  result.text = content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  result.finishReason = reason && (STOP_REASONS[reason] ?? reason);
}

async function readMessageEvents(
  { anthropic }: Officials,
  result: Read,
  model: string,
  options: AskOptions,
): Promise<void> {
  const stream = anthropic.messages.stream(messagesBody(model, options));
  stream.on('text', (text) => (result.text += text));
  const { stop_reason: reason } = await stream.finalMessage();
  result.finishReason = reason && (STOP_REASONS[reason] ?? reason);
}

async function readResponse({ openai }: Officials, result: Read, model: string, options: AskOptions): Promise<void> {
  const response = await openai.responses.create({ model, input: PROMPT, ...flatTools(options) });
  result.text = response.output_text;
  result.finishReason = finishReasonOf(response);
}

async function readResponseEvents(
  { openai }: Officials,
  result: Read,
  model: string,
  options: AskOptions,
): Promise<void> {
  // What is kept is read in whole; here nothing is.
  const asked = { model, input: PROMPT, stream: true as const, store: false, ...flatTools(options) };
  for await (const event of await openai.responses.create(asked)) {
    if (event.type === 'response.output_text.delta') result.text += event.delta;
    if (event.type === 'response.completed' || event.type === 'response.incomplete') {
      result.finishReason = finishReasonOf(event.response);
    }
  }
}

async function readLegacyCompletion({ openai }: Officials, result: Read, model: string): Promise<void> {
  const { choices } = await openai.completions.create({ model, prompt: PROMPT, max_tokens: 1_000 });
  result.text = choices[0]?.text ?? '';
  result.finishReason = choices[0]?.finish_reason ?? null;
}

async function readLegacyChunks({ openai }: Officials, result: Read, model: string): Promise<void> {
  const asked = { model, prompt: PROMPT, max_tokens: 1_000, stream: true as const };
  for await (const chunk of await openai.completions.create(asked)) {
    result.text += chunk.choices[0]?.text ?? '';
    // The types of the client do not know that it is null until the end.
    result.finishReason = (chunk.choices[0]?.finish_reason as string | null | undefined) ?? result.finishReason;
  }
}

function readNativeFrames(wire: string): Partial<Read> {
  const frames = dataLines(wire)
    .filter((data) => data.startsWith('{'))
    .map((data) => JSON.parse(data) as { type: string; content?: string; finish_reason?: string });
  const text = frames.map((frame) => (frame.type === 'delta' ? (frame.content ?? '') : '')).join('');
  return { text, finishReason: frames.find((frame) => frame.type === 'done')?.finish_reason ?? null };
}

const STOP_REASONS: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  refusal: 'content_filter',
};

function finishReasonOf({ status, output, incomplete_details: details }: OpenAI.Responses.Response): string | null {
  if (status === 'incomplete') return details?.reason ?? null;
  if (output.some((item) => item.type === 'function_call')) return 'tool_calls';
  return status === 'completed' ? 'stop' : null;
}

function messagesBody(model: string, { tools }: AskOptions): Anthropic.MessageCreateParamsNonStreaming {
  const body = { model, max_tokens: 1_000, messages: MESSAGES };
  return tools ? { ...body, tools: tools.map((name) => ({ name, input_schema: SCHEMA })) } : body;
}

function chatTools({ tools }: AskOptions): { tools?: OpenAI.ChatCompletionTool[] } {
  if (!tools) return {};
  return { tools: tools.map((name) => ({ type: 'function', function: { name, parameters: SCHEMA } })) };
}

function flatTools({ tools }: AskOptions): { tools?: OpenAI.Responses.FunctionTool[] } {
  if (!tools) return {};
  return { tools: tools.map((name) => ({ type: 'function', name, parameters: SCHEMA, strict: false })) };
}
