import type { ChatEvent } from '../../core/chat/chat-event.js';
import { newId } from '../../core/ids.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import type { OutputItems, Place } from './output-items.js';
import type { NamedTool, ToolNames } from './tool-names.js';

type EventOf<Type extends ChatEvent['type']> = Extract<ChatEvent, { type: Type }>;

interface OpenCall {
  readonly place: Place;
  readonly tool: NamedTool;
  readonly id: string;
  arguments: string;
}

/** Tells the calls of an answer as items with the client's own names. They are told side by side until all of them end. */
export class OwnCalls {
  readonly #items: OutputItems;
  readonly #names: ToolNames;
  readonly #tell: (event: JsonObject) => void;
  /** By the number of the call. */
  readonly #open = new Map<number, OpenCall>();

  constructor(items: OutputItems, names: ToolNames, tell: (event: JsonObject) => void) {
    this.#items = items;
    this.#names = names;
    this.#tell = tell;
  }

  start({ index, id, name }: EventOf<'tool-call-start'>): void {
    const tool = this.#names.get(name) ?? { kind: 'function', name };
    const index_ = this.#items.length;
    const callId = id === '' ? newId('fc_') : id;
    this.#tell({ type: 'response.output_item.added', output_index: index_, item: beginCall(tool, callId) });
    const place = this.#items.at(index_);
    if (place) this.#open.set(index, { place, tool, id: callId, arguments: '' });
  }

  addArguments({ index, argumentsDelta }: EventOf<'tool-call-delta'>): void {
    const call = this.#open.get(index);
    if (!call || argumentsDelta === '') return;
    call.arguments += argumentsDelta;
    // What the text of a custom tool is can be told once all of its JSON is there.
    if (call.tool.kind === 'function') {
      this.#tell({ type: 'response.function_call_arguments.delta', ...headOf(call.place), delta: argumentsDelta });
    }
  }

  /** What the gateway itself ran for a call. */
  addResult({ id, content }: EventOf<'tool-result'>): void {
    for (const call of this.#open.values()) if (call.id === id) this.end(call.place, 'completed');
    const output_index = this.#items.length;
    const item = { id: newId('fco_'), type: 'function_call_output', call_id: id, output: content };
    this.#tell({ type: 'response.output_item.added', output_index, item: { ...item, status: 'in_progress' } });
    this.#tell({ type: 'response.output_item.done', output_index, item: { ...item, status: 'completed' } });
  }

  /** Tells the end of the call at a place; false when it is none, or one that somebody else began. */
  end(place: Place, status: 'completed' | 'incomplete'): boolean {
    for (const [index, call] of this.#open) {
      if (call.place !== place) continue;
      this.#open.delete(index);
      this.#tellInput(call);
      this.#tell({
        type: 'response.output_item.done',
        output_index: place.index,
        item: { ...place.item, status },
      });
      return true;
    }
    return false;
  }

  #tellInput({ place, tool, arguments: text }: OpenCall): void {
    const head = headOf(place);
    if (tool.kind === 'function') {
      this.#tell({ type: 'response.function_call_arguments.done', ...head, name: tool.name, arguments: text });
      return;
    }
    const input = readInput(text);
    if (input !== '') this.#tell({ type: 'response.custom_tool_call_input.delta', ...head, delta: input });
    this.#tell({ type: 'response.custom_tool_call_input.done', ...head, input });
  }
}

function beginCall({ kind, name, namespace }: NamedTool, callId: string): JsonObject {
  const named: JsonObject = { call_id: callId, name, ...(namespace !== undefined && { namespace }) };
  return kind === 'function'
    ? { id: newId('fc_'), type: 'function_call', status: 'in_progress', ...named, arguments: '' }
    : { id: newId('ctc_'), type: 'custom_tool_call', status: 'in_progress', ...named, input: '' };
}

function headOf({ index, item }: Place): JsonObject {
  return { item_id: item.id, output_index: index };
}

// A model that was told of a function with one text may still write the text alone.
function readInput(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) && typeof value.input === 'string' ? value.input : text;
  } catch {
    return text;
  }
}
