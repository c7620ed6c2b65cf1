import type { ChatEvent, FinishReason } from '../../core/chat/chat-event.js';
import type { TokenUsage } from '../../core/chat/token-usage.js';
import type { WireObject } from '../../core/chat/wire-object.js';
import type { JsonObject } from '../../core/json.js';
import type { SseFrame } from '../../core/sse-frame.js';
import { MapIterator } from '../map-iterator.js';
import { BlockWriter } from './block-writer.js';
import { renderHead } from './message-head.js';
import { EventRelay, toWireEvent } from './relay-event.js';
import { renderCounts, renderMessageUsage } from './render-usage.js';
import { renderStop } from './stop-reason.js';

const STOP: SseFrame = { event: 'message_stop', data: '{"type":"message_stop"}' };

/** The frames of a streamed message. `message_delta` and `message_stop` come only when the events ended well. */
export function renderMessageStream(events: AsyncIterable<ChatEvent>): AsyncIterable<SseFrame> {
  const renderer = new EventRenderer();
  return new MapIterator<ChatEvent, SseFrame>(
    events,
    (event, ready) => {
      renderer.render(event, ready);
    },
    (ready) => {
      renderer.end(ready);
    },
  );
}

/** Makes a message's events: an upstream's own where it spoke this dialect, ours otherwise, in one numbering of blocks. */
class EventRenderer {
  readonly #writer = new BlockWriter();
  readonly #relay = new EventRelay(this.#writer);
  #lastWire: WireObject | null = null;
  #head: { id: string; model: string } = { id: '', model: '' };
  #isStarted = false;
  #usage: TokenUsage | null = null;
  /** Whether the last usage was counted here and stands on no wire. */
  #isOwnUsage = false;
  #finish: { finishReason: FinishReason; rawFinishReason?: string; stopSequence?: string } | null = null;
  #hasToolCalls = false;
  #hasRefusal = false;

  render(event: ChatEvent, ready: SseFrame[]): void {
    const wire = event.wire;
    if (wire && wire === this.#lastWire) {
      this.#note(event, false);
      return;
    }
    const value = toWireEvent(wire);
    this.#note(event, value === null);
    if (!value || !wire) {
      this.#renderOwn(event, ready);
      return;
    }
    this.#lastWire = wire;
    if (value.type === 'message_start') {
      if (this.#isStarted) return;
      this.#isStarted = true;
    }
    // A block that the gateway had to begin itself goes on in its words.
    if (!this.#relay.relay(value, wire.text, ready)) this.#renderOwn(event, ready);
  }

  /** The end of the message. */
  end(ready: SseFrame[]): void {
    this.#start(ready);
    this.#writer.end(ready);
    const relayed = this.#relay.messageDelta;
    const delta = relayed && !this.#finish ? relayed : null;
    if (delta && !this.#isOwnUsage) ready.push(delta.frame);
    else ready.push(toFrame(this.#messageDelta(delta?.value ?? null)));
    ready.push(STOP);
  }

  #messageDelta(relayed: JsonObject | null): JsonObject {
    const usage = renderCounts(this.#usage);
    if (relayed) return { ...relayed, usage };
    const stop = renderStop({
      ...(this.#finish ?? { finishReason: null }),
      hasToolCalls: this.#hasToolCalls,
      hasRefusal: this.#hasRefusal,
    });
    return { type: 'message_delta', delta: { ...stop, container: null }, usage };
  }

  #note(event: ChatEvent, isOwn: boolean): void {
    switch (event.type) {
      case 'response-start':
        this.#head = event;
        return;
      case 'usage':
        this.#usage = event.usage;
        this.#isOwnUsage = isOwn;
        return;
      case 'finish':
        if (isOwn && event.choice === 0) this.#finish = event;
        return;
      default:
    }
  }

  #renderOwn(event: ChatEvent, ready: SseFrame[]): void {
    if (!('choice' in event) || event.choice !== 0 || event.type === 'finish') return;
    this.#start(ready);
    switch (event.type) {
      case 'text-delta':
        if (event.text !== '') this.#writer.text(event.text, ready);
        return;
      case 'refusal-delta':
        this.#hasRefusal ||= event.text !== '';
        if (event.text !== '') this.#writer.text(event.text, ready);
        return;
      case 'reasoning-delta':
        this.#writer.thought(event, ready);
        return;
      case 'tool-call-start':
        this.#hasToolCalls = true;
        this.#writer.openCall(event, ready);
        return;
      case 'tool-call-delta':
        this.#writer.growCall(event.index, event.argumentsDelta, ready);
    }
  }

  #start(ready: SseFrame[]): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const message = { ...renderHead(this.#head), usage: { ...renderMessageUsage(this.#usage), output_tokens: 0 } };
    ready.push(toFrame({ type: 'message_start', message }));
  }
}

function toFrame(event: JsonObject): SseFrame {
  return { ...(typeof event.type === 'string' && { event: event.type }), data: JSON.stringify(event) };
}
