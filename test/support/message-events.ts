import { expect } from '@jest/globals';
import type { ChatEvent } from '../../src/core/chat/chat-event.js';
import { ChatCollector } from '../../src/core/chat/collect-chat.js';
import type { JsonObject } from '../../src/core/json.js';
import { renderMessage } from '../../src/dialects/anthropic-messages/render-message.js';
import { renderMessageStream } from '../../src/dialects/anthropic-messages/render-stream.js';

/** The events one after the other, as from a provider. */
export async function* iterate(events: readonly ChatEvent[]): AsyncGenerator<ChatEvent> {
  for (const event of events) {
    await Promise.resolve();
    yield event;
  }
}

/** The events of a streamed message. */
export async function streamMessage(...events: ChatEvent[]): Promise<JsonObject[]> {
  const frames: JsonObject[] = [];
  for await (const { event, data } of renderMessageStream(iterate(events))) {
    const value = JSON.parse(data) as JsonObject;
    expect(value.type).toBe(event);
    frames.push(value);
  }
  return frames;
}

/** What a client makes of the events; throws when they are not in the order that Anthropic keeps. */
export function foldMessage(frames: readonly JsonObject[]): JsonObject {
  const [first, ...rest] = frames;
  expect(first?.type).toBe('message_start');
  const message = { ...(first?.message as JsonObject) };
  const content: JsonObject[] = [];
  let open: JsonObject | null = null;
  for (const frame of rest) {
    const delta = frame.delta as JsonObject;
    switch (frame.type) {
      case 'content_block_start':
        expect([open, frame.index]).toEqual([null, content.length]);
        open = { ...(frame.content_block as JsonObject) };
        content.push(open);
        break;
      case 'content_block_delta':
        expect(frame.index).toBe(content.length - 1);
        grown(open, delta);
        break;
      case 'content_block_stop':
        expect([open === null, frame.index]).toEqual([false, content.length - 1]);
        if (open && typeof open.json === 'string') open.input = JSON.parse(open.json) as JsonObject;
        delete open?.json;
        open = null;
        break;
      case 'message_delta':
        expect(open).toBeNull();
        Object.assign(message, delta, { usage: { ...(message.usage as JsonObject), ...(frame.usage as JsonObject) } });
        break;
      default:
    }
  }
  expect(frames.at(-1)?.type).toBe('message_stop');
  return { ...message, content };
}

function grown(open: JsonObject | null, delta: JsonObject): void {
  if (!open) throw new Error('No block is open.');
  const add = (name: string, piece: unknown): void => {
    open[name] = `${typeof open[name] === 'string' ? open[name] : ''}${String(piece)}`;
  };
  if (delta.type === 'text_delta') add('text', delta.text);
  else if (delta.type === 'thinking_delta') add('thinking', delta.thinking);
  else if (delta.type === 'signature_delta') add('signature', delta.signature);
  else add('json', delta.partial_json);
}

/** The message of the same events. */
export function wholeMessage(...events: ChatEvent[]): JsonObject {
  const collector = new ChatCollector();
  for (const event of events) collector.add(event);
  return renderMessage(collector.result());
}
