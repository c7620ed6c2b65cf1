import type { JsonObject } from '../../../../src/core/json.js';
import { listAt, nothingSaid, type Said, textAt } from './said.js';

/** What a client makes of the frames of `/v1/chat/stream`. */
export function readNativeFrames(frames: readonly JsonObject[]): Said {
  const said = nothingSaid();
  for (const frame of frames) {
    if (frame.type === 'delta') said.text += textAt(frame, 'content');
    if (frame.type === 'reasoning') said.thoughts += textAt(frame, 'content');
    if (frame.type === 'tool_call') {
      const call = (said.calls[Number(frame.index)] ??= { name: textAt(frame, 'name'), arguments: '' });
      call.arguments += textAt(frame, 'arguments_delta');
    }
    if (frame.type === 'done') said.tokens = tokensOf(frame);
  }
  return said;
}

/** What a client reads in the answer of `/v1/chat`. */
export function readNativeAnswer(body: JsonObject): Said {
  const calls = listAt(body, 'tool_calls').map((call) => ({
    name: textAt(call, 'function', 'name'),
    arguments: textAt(call, 'function', 'arguments'),
  }));
  return { text: textAt(body, 'content'), thoughts: textAt(body, 'reasoning'), calls, tokens: tokensOf(body) };
}

function tokensOf({ usage }: JsonObject): Said['tokens'] {
  const counts = usage as JsonObject | null | undefined;
  return counts ? [Number(counts.input_tokens), Number(counts.output_tokens)] : null;
}
