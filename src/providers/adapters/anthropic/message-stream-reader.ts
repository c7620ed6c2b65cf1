import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { WireObject } from '../../../core/chat/wire-object.js';
import { isJsonObject, type JsonObject } from '../../../core/json.js';
import type { AttemptContext } from '../../provider-adapter.js';
import { ProviderError } from '../../provider-error.js';
import type { ChatStreamReader } from '../../transport/chat-protocol.js';
import type { SseEvent } from '../../transport/sse-parser.js';
import { StreamJson } from '../../transport/stream-json.js';
import { toProviderError } from '../../transport/upstream-failure.js';
import { BlockReader, lacksToolId } from './block-reader.js';
import { mapPromptUsage, mapUsage, mergeUsage } from './map-usage.js';
import { finish, responseStart } from './message-edges.js';
import { readFailureFrame } from './read-failure.js';

type ReadingAttempt = Pick<AttemptContext, 'skipped' | 'implausibleUsage' | 'mayBeEmpty' | 'apiKey'>;

/** Reads the events of a streamed message. */
export class AnthropicStreamReader implements ChatStreamReader {
  isDone = false;
  readonly #json: StreamJson;
  readonly #attempt: ReadingAttempt;
  readonly #credential: string | null;
  readonly #blocks = new BlockReader();
  #hasEvents = false;
  #isFinished = false;
  #usage: JsonObject = {};

  constructor(attempt: ReadingAttempt) {
    this.#json = new StreamJson(attempt);
    this.#attempt = attempt;
    this.#credential = attempt.apiKey;
  }

  read(frame: SseEvent): ChatEvent[] {
    const event = this.#json.parse(frame.data);
    if (!event) return [];
    if (event.type === 'error' || frame.event === 'error') {
      throw toProviderError(readFailureFrame(event), this.#credential);
    }
    this.#hasEvents = true;
    const events = this.#readEvent(event);
    if (!events) return [];
    if (events.length === 0) events.push({ type: 'passthrough' });
    const wire: WireObject = { dialect: 'anthropic-messages', value: event, text: frame.data };
    // What was made up here is not on the wire, which cannot be relayed then.
    if (!lacksToolId(event.content_block)) for (const each of events) each.wire = wire;
    return events;
  }

  end(): ChatEvent[] {
    if (this.isDone) return [];
    if (!this.#hasEvents) throw new ProviderError('malformed', 'The provider answered with an empty stream.');
    throw new ProviderError('interrupted', "The provider's stream ended before the answer was finished.");
  }

  // Null is for what is ignored: content after the finish.
  #readEvent(event: JsonObject): ChatEvent[] | null {
    switch (event.type) {
      case 'message_start':
        return this.#start(event.message);
      case 'content_block_start':
      case 'content_block_delta':
      case 'content_block_stop':
        return this.#isFinished ? null : this.#readBlock(event);
      case 'message_delta':
        return this.#readDelta(event);
      case 'message_stop':
        return this.#stop();
      default:
        return [];
    }
  }

  #start(message: unknown): ChatEvent[] {
    if (!isJsonObject(message)) return [];
    this.#usage = mergeUsage(this.#usage, message.usage);
    const prompt = mapPromptUsage(this.#usage);
    return prompt ? [responseStart(message), { type: 'usage', usage: prompt }] : [responseStart(message)];
  }

  #readBlock(event: JsonObject): ChatEvent[] {
    const index = typeof event.index === 'number' ? event.index : 0;
    const { type, content_block: block, delta } = event;
    if (type === 'content_block_stop') return this.#blocks.close(index);
    if (type === 'content_block_start') return isJsonObject(block) ? this.#blocks.open(index, block) : [];
    return isJsonObject(delta) ? this.#blocks.grow(index, delta) : [];
  }

  #readDelta(event: JsonObject): ChatEvent[] | null {
    this.#usage = mergeUsage(this.#usage, event.usage);
    if (this.#isFinished) return null;
    const { delta } = event;
    if (!isJsonObject(delta) || typeof delta.stop_reason !== 'string') return [];
    this.#isFinished = true;
    const isAnswer = this.#blocks.hasBlocks || this.#attempt.mayBeEmpty === true;
    return [...this.#blocks.closeAll(), ...finish(delta, delta.stop_reason, isAnswer)];
  }

  // The whole usage goes out here because only now no later count can replace it.
  #stop(): ChatEvent[] {
    this.isDone = true;
    if (!this.#isFinished) {
      throw new ProviderError('interrupted', "The provider's stream ended before the answer was finished.");
    }
    const usage = mapUsage(this.#usage);
    if (usage) return [{ type: 'usage', usage }];
    if (Object.keys(this.#usage).length > 0) this.#attempt.implausibleUsage();
    return [];
  }
}
