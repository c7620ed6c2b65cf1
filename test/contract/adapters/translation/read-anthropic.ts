import type { JsonObject } from '../../../../src/core/json.js';
import { at, listAt, nothingSaid, type Said, textAt } from './said.js';

/** What a client makes of a streamed message. Throws when the events break the order that Anthropic promises. */
export function readMessageEvents(events: readonly JsonObject[]): Said {
  const message = new MessageFold();
  for (const event of events) message.add(textAt(event, 'type'), event);
  return readMessage(message.whole());
}

class MessageFold {
  readonly #content: JsonObject[] = [];
  #message: JsonObject | null = null;
  #open = -1;
  #isStopped = false;

  add(type: string, event: JsonObject): void {
    if (type === 'ping') return;
    if (this.#isStopped) throw new Error(`${type} after the end`);
    if (type === 'message_start') this.#start(event);
    else if (type.startsWith('content_block')) this.#addToBlock(type, event);
    else if (type === 'message_delta') this.#end(event);
    else if (type === 'message_stop') this.#isStopped = true;
    // Anthropic may add kinds of events.
  }

  whole(): JsonObject {
    if (!this.#message || !this.#isStopped) throw new Error('no whole message');
    return { ...this.#message, content: this.#content };
  }

  #start(event: JsonObject): void {
    if (this.#message) throw new Error('a second start');
    this.#message = { ...(event.message as JsonObject) };
  }

  #addToBlock(type: string, event: JsonObject): void {
    if (type === 'content_block_start') {
      if (!this.#message || this.#open !== -1 || event.index !== this.#content.length) {
        throw new Error('a block out of its turn');
      }
      this.#open = this.#content.length;
      this.#content.push({ ...(event.content_block as JsonObject), json: '' });
      return;
    }
    if (event.index !== this.#open) throw new Error(`${type} of a block that is not open`);
    if (type === 'content_block_stop') this.#open = -1;
    else addDelta(this.#content[this.#open] ?? {}, event.delta as JsonObject);
  }

  #end({ delta, usage }: JsonObject): void {
    if (!this.#message || this.#open !== -1) throw new Error('a message_delta out of its turn');
    const counts = { ...(this.#message.usage as JsonObject), ...(usage as JsonObject) };
    this.#message = { ...this.#message, ...(delta as JsonObject), usage: counts };
  }
}

/** What a client reads in a message. */
export function readMessage(body: JsonObject): Said {
  const said = nothingSaid();
  for (const block of listAt(body, 'content')) {
    if (block.type === 'text') said.text += textAt(block, 'text');
    if (block.type === 'thinking') said.thoughts += textAt(block, 'thinking');
    if (block.type === 'tool_use') {
      const json = textAt(block, 'json');
      said.calls.push({ name: textAt(block, 'name'), arguments: json === '' ? JSON.stringify(block.input) : json });
    }
  }
  said.text += textAt(body, 'stop_details', 'explanation');
  const usage = body.usage as JsonObject;
  const input = ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens'];
  said.tokens = [
    input.reduce((sum, name) => sum + Number(at(usage, name) ?? 0), 0),
    Number(at(usage, 'output_tokens') ?? 0),
  ];
  return said;
}

function addDelta(block: JsonObject, delta: JsonObject): void {
  block.text = textAt(block, 'text') + textAt(delta, 'text');
  block.thinking = textAt(block, 'thinking') + textAt(delta, 'thinking');
  block.json = textAt(block, 'json') + textAt(delta, 'partial_json');
}
