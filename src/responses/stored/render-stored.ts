import type { JsonObject, JsonValue } from '../../core/json.js';
import type { StoredItem, StoredResponse } from '../store/stored-response.js';

/** A stored response as clients see it. */
export function renderStored({ body, status }: StoredResponse, output: readonly StoredItem[]): JsonObject {
  return { ...body, status, output: output.map(({ item }) => item) };
}

/** An item of a request as a resource: with an id, and its text as a list of parts. */
export function renderItem({ id, item }: StoredItem): JsonObject & { id: string } {
  if (item.type !== undefined && item.type !== null && item.type !== 'message') return { ...item, id };
  return { status: 'completed', ...item, type: 'message', id, content: toParts(item) };
}

function toParts({ role, content }: JsonObject): JsonValue | undefined {
  if (typeof content !== 'string') return content;
  if (role === 'assistant') return [{ type: 'output_text', text: content, annotations: [], logprobs: [] }];
  return [{ type: 'input_text', text: content }];
}
