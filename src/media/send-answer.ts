import type { ServerResponse } from 'node:http';
import type { CallContext } from '../core/call-context.js';
import type { JsonObject } from '../core/json.js';
import type { MediaAnswer } from '../core/media/media-request.js';
import { renderOpenAiErrorFrame } from '../dialects/openai-chat/render-error.js';
import { toMediaFrames } from '../dialects/openai-media/to-media-frames.js';
import { sendSse } from '../http/sse-reply.js';
import { sendBytes, sendText } from './send-bytes.js';

/** Sends an answer as it came: whole, or its bytes as they come. Rejects with what the answer rejects with. */
export async function sendAnswer(response: ServerResponse, answer: Promise<MediaAnswer>): Promise<void> {
  const known = await answer;
  if (known.type === 'whole') sendText(response, known.contentType, known.text);
  else if (known.type === 'bytes') await sendBytes(response, known.contentType, known.pieces);
  // Nobody asked for events.
  else throw new Error('The answer came as events.');
}

/** Sends an answer as server-sent events; `toEvents` makes them where it is whole. Rejects as `sendSse` does. */
export function sendEvents(
  response: ServerResponse,
  call: CallContext,
  answer: Promise<MediaAnswer>,
  toEvents: (body: JsonObject) => readonly JsonObject[],
): Promise<void> {
  const frames = answer.then((known) => toMediaFrames(known, toEvents));
  return sendSse(response, call, frames, renderOpenAiErrorFrame);
}
