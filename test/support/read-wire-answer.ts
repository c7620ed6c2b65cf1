import { CallContext } from '../../src/core/call-context.js';
import type { JsonObject } from '../../src/core/json.js';
import type { SseFrame } from '../../src/core/sse-frame.js';
import { parseChatRequest } from '../../src/dialects/openai-chat/parse-chat-request.js';
import { renderChatStream } from '../../src/dialects/openai-chat/render-stream.js';
import type { Chunk } from './reassemble-chunks.js';
import { type Outcome, runUntilDone } from './scripted-providers.js';
import type { WireWorld } from './wire-world.js';

/** What a client of the completions read of one answer. */
export interface WireAnswer {
  readonly chunks: Chunk[];
  readonly text: string;
  /** Whether `[DONE]` came. */
  readonly isDone: boolean;
  readonly error: Error | null;
  readonly call: CallContext;
  /** The ways by which the answer was continued, in order. */
  readonly ways: unknown[];
}

export const STREAMED: JsonObject = {
  model: 'm',
  messages: [{ role: 'user', content: 'Tell me.' }],
  stream: true,
  stream_options: { include_usage: true },
};

/** Sends a body of `POST /v1/chat/completions` through the world's registry and reads the answer's frames to their end. */
export async function readWireAnswer(
  { clock, registry, telemetry }: WireWorld,
  body: JsonObject = STREAMED,
  prepare: (call: CallContext) => void = () => undefined,
): Promise<WireAnswer> {
  const call = new CallContext({ id: 'req_1', surface: 'openai', receivedAt: clock.now() });
  prepare(call);
  const request = parseChatRequest(body);
  const frames: SseFrame[] = [];
  const work = (async () => {
    for await (const frame of renderChatStream(await registry.chat(request, call), request)) frames.push(frame);
  })();
  const outcome: Outcome<void> = await runUntilDone(clock, work);
  call.finish();
  const isDone = frames.at(-1)?.data === '[DONE]';
  const chunks = (isDone ? frames.slice(0, -1) : frames).map(({ data }) => JSON.parse(data) as Chunk);
  return {
    chunks,
    text: chunks.map(({ choices }) => (choices[0]?.delta.content as string | undefined) ?? '').join(''),
    isDone,
    error: 'error' in outcome ? outcome.error : null,
    call,
    ways: telemetry.of('streamContinued').map((value) => (value as { way: string }).way),
  };
}
