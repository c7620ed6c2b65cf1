import type { JsonObject } from '../../../../src/core/json.js';
import { listAt, nothingSaid, type Said, textAt } from './said.js';

/** What stands between the parts of a summary, which are paragraphs of one thought. */
const BETWEEN_PARTS = '\n\n';

/**
 * What a client makes of a streamed response by its deltas. Throws when they are not numbered without gaps, belong to no
 * item, or say something else than the response at the end.
 */
export function readResponseEvents(events: readonly JsonObject[]): Said {
  const fold = new ResponseFold();
  let last: JsonObject = {};
  for (const [number, event] of events.entries()) {
    if (event.sequence_number !== number) throw new Error(`${textAt(event, 'type')} has the wrong number`);
    if (event.output_index !== undefined) fold.add(textAt(event, 'type'), Number(event.output_index), event);
    if (event.response) last = event.response as JsonObject;
  }
  const whole = readResponse(last);
  const told = { ...readResponse({ output: fold.items }), tokens: whole.tokens };
  if (JSON.stringify(told) !== JSON.stringify(whole)) throw new Error(`${JSON.stringify({ told, whole })} differ`);
  return told;
}

class ResponseFold {
  readonly items: JsonObject[] = [];
  readonly #open = new Set<number>();

  add(type: string, index: number, event: JsonObject): void {
    if (type === 'response.output_item.added') {
      this.#open.add(index);
      this.items[index] = emptied(event.item as JsonObject);
      return;
    }
    if (!this.#open.has(index)) throw new Error(`${type} of no open item`);
    const item = this.items[index] ?? {};
    if (type === 'response.output_item.done') this.#open.delete(index);
    else if (type === 'response.output_text.done') addWhole(item, event);
    else if (type.endsWith('.delta')) addDelta(item, event, type);
  }
}

/** What a client reads in a response. */
export function readResponse(body: JsonObject): Said {
  const said = nothingSaid();
  for (const item of listAt(body, 'output')) {
    if (item.type === 'message') {
      for (const part of listAt(item, 'content')) said.text += textAt(part, 'text') + textAt(part, 'refusal');
    } else if (item.type === 'reasoning') said.thoughts += thoughtOf(item);
    else if (item.type === 'function_call') {
      const space = item.namespace === undefined ? '' : `${textAt(item, 'namespace')}__`;
      said.calls.push({ name: space + textAt(item, 'name'), arguments: textAt(item, 'arguments') });
    } else if (item.type === 'custom_tool_call') {
      said.calls.push({ name: textAt(item, 'name'), arguments: JSON.stringify({ input: textAt(item, 'input') }) });
    }
  }
  const usage = body.usage as JsonObject | null | undefined;
  if (usage) said.tokens = [Number(usage.input_tokens), Number(usage.output_tokens)];
  return said;
}

function thoughtOf(item: JsonObject): string {
  const texts = (list: string): string[] => listAt(item, list).map((part) => textAt(part, 'text'));
  return texts('summary').join(BETWEEN_PARTS) || texts('content').join('');
}

// What an item begins with is told again by its deltas, where it is told by deltas at all.
function emptied(item: JsonObject): JsonObject {
  return { ...item, content: [], summary: [], arguments: '', input: '' };
}

const PLACES: Readonly<Record<string, readonly [list: string, index: string]>> = {
  'response.output_text.delta': ['content', 'content_index'],
  'response.refusal.delta': ['content', 'content_index'],
  'response.reasoning_text.delta': ['content', 'content_index'],
  'response.reasoning_summary_text.delta': ['summary', 'summary_index'],
};

function addDelta(item: JsonObject, event: JsonObject, type: string): void {
  const delta = textAt(event, 'delta');
  const place = PLACES[type];
  if (place) {
    const [list, index] = place;
    const parts = item[list] as JsonObject[];
    const part = (parts[Number(event[index])] ??= { text: '' });
    part.text = textAt(part, 'text') + delta;
  } else if (type === 'response.function_call_arguments.delta') item.arguments = textAt(item, 'arguments') + delta;
  else if (type === 'response.custom_tool_call_input.delta') item.input = textAt(item, 'input') + delta;
}

// Servers may tell a text at its end alone.
function addWhole(item: JsonObject, event: JsonObject): void {
  const parts = item.content as JsonObject[];
  const part = (parts[Number(event.content_index)] ??= { text: '' });
  if (part.text !== '' && part.text !== event.text) throw new Error('the end of a text is not what was told');
  part.text = event.text;
}
