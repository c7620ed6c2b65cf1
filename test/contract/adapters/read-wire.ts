import { readdirSync } from 'node:fs';
import type { ChatEvent } from '../../../src/core/chat/chat-event.js';
import type { ByteSource } from '../../../src/providers/transport/byte-source.js';
import { ChatEventStream } from '../../../src/providers/transport/chat-event-stream.js';
import type { ChatStreamReader } from '../../../src/providers/transport/chat-protocol.js';
import { SseReader } from '../../../src/providers/transport/sse-reader.js';
import { StreamBatches } from '../../../src/providers/transport/stream-batches.js';
import { TRANSPORT_LIMITS } from '../../../src/providers/transport/transport-limits.js';
import { drain } from './adapter-under-test.js';

const WIRE = new URL('../../fixtures/wire/', import.meta.url);
const MADE_ID = /^call_[0-9a-f]{24}$/;

/** The folders of wire fixtures. */
export function listFolders(): string[] {
  return readdirSync(WIRE);
}

/** The fixtures of a folder that end so, without those that `expected` holds. */
export function listFixtures(folder: string, ending: '.sse' | '.json'): string[] {
  return readdirSync(new URL(folder, WIRE)).filter((name) => name.endsWith(ending));
}

/** The events of a stream that arrives in these pieces, and what ended it; ids that were made up read as `made`. */
export async function readStream(
  reader: ChatStreamReader,
  pieces: readonly Uint8Array[],
): Promise<{ events: ChatEvent[]; error: unknown }> {
  const { events, error } = await readStreamAsIs(reader, pieces);
  return { events: events.map(comparable), error };
}

/** The same with the very events, which share the objects that they were read from. */
export function readStreamAsIs(
  reader: ChatStreamReader,
  pieces: readonly Uint8Array[],
): Promise<{ events: ChatEvent[]; error: unknown }> {
  const frames = new SseReader(sourceOf(pieces), TRANSPORT_LIMITS);
  return drain(new ChatEventStream(() => Promise.resolve(new StreamBatches(frames, reader))));
}

/** The same event with `made` for a tool call's id that nobody sent, and without the spelling of what it was read from. */
export function comparable(event: ChatEvent): ChatEvent {
  if (event.wire?.text !== undefined) {
    const { dialect, value } = event.wire;
    return comparable({ ...event, wire: { dialect, value } });
  }
  return event.type === 'tool-call-start' && MADE_ID.test(event.id) ? { ...event, id: 'made' } : event;
}

function sourceOf(pieces: readonly Uint8Array[]): ByteSource {
  let next = 0;
  return {
    read: () => Promise.resolve(pieces[next++] ?? null),
    destroy: () => undefined,
    release: () => undefined,
  };
}
