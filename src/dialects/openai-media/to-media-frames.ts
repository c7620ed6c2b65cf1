import { isJsonObject, type JsonObject } from '../../core/json.js';
import type { MediaAnswer } from '../../core/media/media-request.js';
import type { SseFrame } from '../../core/sse-frame.js';

/** What a whole answer to a request for a stream becomes: the events that would have ended the stream. */
type ToEvents = (body: JsonObject) => readonly JsonObject[];

/** The events of an answer, also where the provider did not stream though it was asked to. */
export function toMediaFrames(answer: MediaAnswer, toEvents: ToEvents): AsyncIterable<SseFrame> {
  switch (answer.type) {
    case 'events':
      return answer.frames;
    case 'bytes':
      return framesOfSound(answer.pieces);
    case 'whole':
      return framesOf(toEvents(bodyOf(answer)));
  }
}

/** One event for each image. */
export function imageEvents({ data, created, usage, ...rest }: JsonObject): JsonObject[] {
  const images = Array.isArray(data) ? data.filter(isJsonObject) : [];
  return images.map((image) => ({
    type: 'image_generation.completed',
    ...rest,
    ...image,
    created_at: created,
    ...(usage !== undefined && { usage }),
  }));
}

/** The one event that has all of the text. */
export function transcriptEvents({ text, usage, logprobs }: JsonObject): JsonObject[] {
  return [
    {
      ...{ type: 'transcript.text.done', text },
      ...(usage !== undefined && { usage }),
      ...(logprobs !== undefined && { logprobs }),
    },
  ];
}

function bodyOf({ contentType, text }: { contentType: string; text: string }): JsonObject {
  if (!contentType.startsWith('application/json')) return { text };
  const body: unknown = JSON.parse(text);
  return isJsonObject(body) ? body : {};
}

// What it reads is closed with its call, so that nothing hangs on whether it was started.
async function* framesOfSound(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<SseFrame, undefined> {
  for await (const piece of pieces) {
    const audio = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('base64');
    yield toFrame({ type: 'speech.audio.delta', audio });
  }
  yield toFrame({ type: 'speech.audio.done' });
}

function framesOf(events: readonly JsonObject[]): AsyncIterable<SseFrame> {
  const frames = events.map(toFrame).values();
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(frames.next()) }) };
}

function toFrame(event: JsonObject): SseFrame {
  return { data: JSON.stringify(event) };
}
