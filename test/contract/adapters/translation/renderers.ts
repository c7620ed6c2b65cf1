import type { ChatEvent } from '../../../../src/core/chat/chat-event.js';
import { ChatCollector } from '../../../../src/core/chat/collect-chat.js';
import type { JsonObject } from '../../../../src/core/json.js';
import type { SseFrame } from '../../../../src/core/sse-frame.js';
import { renderMessage } from '../../../../src/dialects/anthropic-messages/render-message.js';
import { renderMessageStream } from '../../../../src/dialects/anthropic-messages/render-stream.js';
import type { NativeAnswerFacts } from '../../../../src/dialects/native-chat/native-answer.js';
import { renderNativeResult } from '../../../../src/dialects/native-chat/render-native-result.js';
import { renderNativeStream } from '../../../../src/dialects/native-chat/render-native-stream.js';
import { openAiChatDialect } from '../../../../src/dialects/openai-chat/openai-chat-dialect.js';
import type { PromptEvent } from '../../../../src/dialects/openai-completions/prompt-event.js';
import { renderCompletionResults } from '../../../../src/dialects/openai-completions/render-completion-result.js';
import { renderCompletionStream } from '../../../../src/dialects/openai-completions/render-completion-stream.js';
import { parseResponsesRequest } from '../../../../src/dialects/openai-responses/parse-responses-request.js';
import { ResponseWriter } from '../../../../src/dialects/openai-responses/response-writer.js';
import { toResponsesFrame } from '../../../../src/dialects/openai-responses/to-responses-frame.js';
import { openAiSchemaCheck } from '../../../support/openai-schemas.js';
import { readTextChunks, readTextCompletion } from './read-completions.js';
import { readChatChunks, readCompletion } from './read-openai-chat.js';
import { readMessage, readMessageEvents } from './read-anthropic.js';
import { readNativeAnswer, readNativeFrames } from './read-native.js';
import { readResponse, readResponseEvents } from './read-responses.js';
import { listAt, type Said } from './said.js';

/** How answers are told in a dialect, and what a client understands of that. */
export interface AnswerRenderer {
  readonly name: string;
  /** There where the dialect has a place for nothing but texts. */
  readonly hasOnlyText?: true;
  readonly stream: (events: AsyncIterable<ChatEvent>) => AsyncIterable<SseFrame>;
  readonly whole: (events: readonly ChatEvent[]) => JsonObject;
  /** Throws when the frames are not in the order that the dialect demands. */
  readonly readStream: (frames: readonly JsonObject[]) => Said;
  readonly readWhole: (body: JsonObject) => Said;
  readonly checkFrame: (frame: unknown) => void;
  readonly checkBody: (body: unknown) => void;
}

const FACTS: NativeAnswerFacts = {
  requestId: 'req_1',
  conversationId: null,
  provider: 'p',
  costUsd: null,
  latencyMs: 1,
  warnings: [],
  isCached: false,
};
const CHAT = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] };
const HEAD = { id: 'resp_1', createdAt: 1_767_225_600 };
const unchecked = (): void => undefined;

const checkTextCompletion = openAiSchemaCheck('CreateCompletionResponse');

/** Every dialect that answers are told in. */
export const RENDERERS: readonly AnswerRenderer[] = [
  {
    name: 'openai-chat',
    stream: tellChat,
    whole: (events) => openAiChatDialect.renderResult(collect(events), openAiChatDialect.parse(CHAT)),
    readStream: readChatChunks,
    readWhole: readCompletion,
    checkFrame: openAiSchemaCheck('CreateChatCompletionStreamResponse'),
    checkBody: openAiSchemaCheck('CreateChatCompletionResponse'),
  },
  {
    name: 'openai-responses',
    stream: tellResponse,
    whole: responseOf,
    readStream: readResponseEvents,
    readWhole: readResponse,
    checkFrame: openAiSchemaCheck('ResponseStreamEvent'),
    checkBody: openAiSchemaCheck('Response'),
  },
  {
    name: 'anthropic-messages',
    stream: renderMessageStream,
    whole: (events) => renderMessage(collect(events)),
    readStream: readMessageEvents,
    readWhole: readMessage,
    checkFrame: unchecked,
    checkBody: unchecked,
  },
  {
    name: 'openai-completions',
    hasOnlyText: true,
    stream: (events) => renderCompletionStream(ofOnePrompt(events), { echoes: [''], choices: 1, includesUsage: true }),
    whole: (events) => renderCompletionResults([collect(events)], { echoes: [''], choices: 1 }),
    readStream: readTextChunks,
    readWhole: readTextCompletion,
    checkFrame: checkTextChunk,
    checkBody: checkTextCompletion,
  },
  {
    name: 'native',
    stream: (events) => renderNativeStream(events, () => FACTS),
    whole: (events) => renderNativeResult(collect(events), FACTS),
    readStream: readNativeFrames,
    readWhole: readNativeAnswer,
    checkFrame: unchecked,
    checkBody: unchecked,
  },
];

function tellChat(events: AsyncIterable<ChatEvent>): AsyncIterable<SseFrame> {
  const body = { ...CHAT, stream: true, stream_options: { include_usage: true } };
  return openAiChatDialect.renderStream(events, openAiChatDialect.parse(body));
}

function responseOf(events: readonly ChatEvent[]): JsonObject {
  const writer = new ResponseWriter(parseResponsesRequest({ model: 'm', input: 'Hi' }), HEAD);
  for (const event of events) writer.add(event);
  writer.finish();
  return writer.response;
}

// The schema tells of the end only: what is not known yet is null in OpenAI's own chunks.
function checkTextChunk(frame: unknown): void {
  const { usage, ...chunk } = frame as JsonObject;
  const choices = listAt(chunk, 'choices').map((choice) => ({
    ...choice,
    finish_reason: choice.finish_reason ?? 'stop',
  }));
  checkTextCompletion({ ...chunk, choices, ...(usage !== null && { usage }) });
}

async function* ofOnePrompt(events: AsyncIterable<ChatEvent>): AsyncGenerator<PromptEvent> {
  for await (const event of events) yield { prompt: 0, event };
}

async function* tellResponse(events: AsyncIterable<ChatEvent>): AsyncGenerator<SseFrame> {
  const writer = new ResponseWriter(parseResponsesRequest({ model: 'm', input: 'Hi', stream: true }), HEAD);
  for (const event of writer.start()) yield toResponsesFrame(event);
  for await (const event of events) for (const told of writer.add(event)) yield toResponsesFrame(told);
  for (const event of writer.finish()) yield toResponsesFrame(event);
}

function collect(events: readonly ChatEvent[]): ReturnType<ChatCollector['result']> {
  const collector = new ChatCollector();
  for (const event of events) collector.add(event);
  return collector.result();
}
