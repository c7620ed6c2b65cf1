import type { JsonObject } from '../../core/json.js';
import type { SseFrame } from '../../core/sse-frame.js';

const TYPE_FIRST = '{"type":"';

/** An event of a response as a frame that is named after it; a text is the JSON of one that begins with its type. */
export function toResponsesFrame(event: JsonObject | string): SseFrame {
  if (typeof event === 'string') return { event: typeOf(event), data: event };
  return { event: typeof event.type === 'string' ? event.type : 'message', data: JSON.stringify(event) };
}

/** Whether an event's JSON can be named without being read. */
export function hasTypeFirst(json: string): boolean {
  return json.startsWith(TYPE_FIRST);
}

function typeOf(json: string): string {
  return json.slice(TYPE_FIRST.length, json.indexOf('"', TYPE_FIRST.length));
}
