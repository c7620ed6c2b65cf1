import type { ChatEvent } from '../../../../core/chat/chat-event.js';
import type { WireObject } from '../../../../core/chat/wire-object.js';
import { isJsonObject, type JsonObject } from '../../../../core/json.js';
import { ProviderError } from '../../../provider-error.js';
import type { ChatStreamReader } from '../../../transport/chat-protocol.js';
import type { SseEvent } from '../../../transport/sse-parser.js';
import { StreamJson } from '../../../transport/stream-json.js';
import { toProviderError } from '../../../transport/upstream-failure.js';
import { textOf } from '../read-content.js';
import { isFailure } from '../read-failure.js';
import { OutputReader } from './output-reader.js';
import { readEnding, type ReadingAttempt } from './read-ending.js';
import { readResponseFailure } from './read-response-failure.js';
import { responseBegin } from './response-begin.js';

const ENDINGS: ReadonlySet<string> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
]);

/** What one event on the wire says; `value` is the event as it can be relayed. */
interface Piece {
  readonly events: ChatEvent[];
  readonly value: JsonObject;
}

/** Reads the events of a streamed response. */
export class ResponsesStreamReader implements ChatStreamReader {
  isDone = false;
  readonly #json: StreamJson;
  readonly #attempt: ReadingAttempt;
  readonly #output = new OutputReader();
  #hasEvents = false;
  #hasStarted = false;
  #hasEnded = false;

  constructor(attempt: ReadingAttempt) {
    this.#json = new StreamJson(attempt);
    this.#attempt = attempt;
  }

  read({ event, data }: SseEvent): ChatEvent[] {
    if (data === '[DONE]') {
      this.isDone = true;
      return [];
    }
    const chunk = this.#json.parse(data);
    if (!chunk) return [];
    const type = textOf(chunk.type) ?? event;
    if (type === 'error' || isFailure(chunk)) throw toProviderError(readResponseFailure(chunk), this.#attempt.apiKey);
    this.#hasEvents = true;
    const { events, value } = this.#readChunk(type, chunk);
    if (events.length === 0) events.push({ type: 'passthrough' });
    const wire = toWire(value, value === chunk && !data.includes('\n') ? data : undefined);
    for (const each of events) each.wire = wire;
    return events;
  }

  end(): ChatEvent[] {
    if (!this.#hasEvents) throw new ProviderError('malformed', 'The provider answered with an empty stream.');
    if (this.#hasEnded) return [];
    throw new ProviderError('interrupted', "The provider's stream ended before the answer was finished.");
  }

  #readChunk(type: string, chunk: JsonObject): Piece {
    const response = isJsonObject(chunk.response) ? chunk.response : null;
    if (response && ENDINGS.has(type)) return this.#readEnding(type, chunk, response);
    if (response) return { events: this.#start(response), value: chunk };
    const position = this.#placeOf(type, chunk);
    if (isJsonObject(chunk.item)) return this.#readItem(type, chunk, chunk.item, position);
    return { events: this.#readDelta(type, chunk, position), value: chunk };
  }

  #readEnding(type: string, chunk: JsonObject, response: JsonObject): Piece {
    const status = response.status ?? type.slice('response.'.length);
    const begin = this.#start(response);
    const ending = readEnding({ ...response, status }, this.#output, this.#attempt);
    this.#hasEnded = true;
    this.isDone = true;
    const isSame = ending.response.usage === response.usage && ending.response.output === response.output;
    const value = isSame ? chunk : { ...chunk, response: ending.response };
    return { events: [...begin, ...ending.events], value };
  }

  #start(response: JsonObject): ChatEvent[] {
    if (this.#hasStarted) return [];
    this.#hasStarted = true;
    this.#output.nameAfter(response);
    return [responseBegin(response)];
  }

  #placeOf(type: string, { output_index: place, item, item_id: itemId }: JsonObject): number {
    if (typeof place === 'number') return place;
    const id = textOf(isJsonObject(item) ? item.id : itemId);
    return this.#output.placeOf(id, type === 'response.output_item.added');
  }

  #readItem(type: string, chunk: JsonObject, item: JsonObject, position: number): Piece {
    const isEnd = type === 'response.output_item.done';
    if (!isEnd && type !== 'response.output_item.added') return { events: [], value: chunk };
    const events = isEnd ? this.#output.end(position, item) : this.#output.begin(position, item);
    const mended = this.#output.mend(position, item);
    return { events, value: mended === item ? chunk : { ...chunk, item: mended } };
  }

  #readDelta(type: string, chunk: JsonObject, position: number): ChatEvent[] {
    const { delta, content_index: content, summary_index: summary } = chunk;
    if (typeof delta !== 'string') return [];
    switch (type) {
      case 'response.output_text.delta':
        return this.#output.addText(position, content, delta, chunk.logprobs);
      case 'response.refusal.delta':
        return this.#output.addRefusal(position, content, delta);
      case 'response.reasoning_summary_text.delta':
        return this.#output.addThought(position, 'summary', summary, delta);
      case 'response.reasoning_text.delta':
        return this.#output.addThought(position, 'content', content, delta);
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return this.#output.addArguments(position, delta);
      default:
        return [];
    }
  }
}

function toWire(value: JsonObject, text: string | undefined): WireObject {
  return text === undefined ? { dialect: 'openai-responses', value } : { dialect: 'openai-responses', value, text };
}
