import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { mendItem } from './relay-event.js';

/** The events that tell a whole item, but for their sequence numbers: as they would have come in a stream. */
export function eventsOfItem(whole: JsonObject, output_index: number): JsonObject[] {
  const item = mendItem(whole);
  const head = { item_id: item.id, output_index };
  return [
    { type: 'response.output_item.added', output_index, item: begunItem(item) },
    ...stepsOf(item).map((step) => ({ ...step, ...head })),
    { type: 'response.output_item.done', output_index, item },
  ];
}

function begunItem(item: JsonObject): JsonObject {
  const status = item.status === undefined ? {} : { status: 'in_progress' };
  switch (item.type) {
    case 'message':
      return { ...item, ...status, content: [] };
    case 'reasoning':
      return { ...item, ...status, summary: [], ...(Array.isArray(item.content) && { content: [] }) };
    case 'function_call':
      return { ...item, ...status, arguments: '' };
    case 'custom_tool_call':
      return { ...item, ...status, input: '' };
    default:
      return item;
  }
}

function stepsOf(item: JsonObject): JsonObject[] {
  switch (item.type) {
    case 'message':
      return partsOf(item.content).flatMap(stepsOfPart);
    case 'reasoning':
      return [...partsOf(item.summary).flatMap(stepsOfSummary), ...partsOf(item.content).flatMap(stepsOfThought)];
    case 'function_call':
      return [
        { type: 'response.function_call_arguments.delta', delta: item.arguments },
        { type: 'response.function_call_arguments.done', name: item.name, arguments: item.arguments },
      ];
    case 'custom_tool_call':
      return [
        { type: 'response.custom_tool_call_input.delta', delta: item.input },
        { type: 'response.custom_tool_call_input.done', input: item.input },
      ];
    default:
      return [];
  }
}

function partsOf(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function stepsOfPart(part: JsonObject, content_index: number): JsonObject[] {
  const added = { type: 'response.content_part.added', content_index };
  const done = { type: 'response.content_part.done', content_index, part };
  if (part.type === 'refusal') {
    return [
      { ...added, part: { ...part, refusal: '' } },
      { type: 'response.refusal.delta', content_index, delta: part.refusal },
      { type: 'response.refusal.done', content_index, refusal: part.refusal },
      done,
    ];
  }
  const { text, logprobs, annotations } = part;
  const notes = Array.isArray(annotations) ? annotations : [];
  return [
    { ...added, part: { ...part, text: '', annotations: [], logprobs: [] } },
    { type: 'response.output_text.delta', content_index, delta: text, logprobs },
    ...notes.map((annotation, annotation_index) => ({
      type: 'response.output_text.annotation.added',
      content_index,
      annotation_index,
      annotation,
    })),
    { type: 'response.output_text.done', content_index, text, logprobs },
    done,
  ];
}

function stepsOfThought(part: JsonObject, content_index: number): JsonObject[] {
  const { text } = part;
  return [
    { type: 'response.content_part.added', content_index, part: { ...part, text: '' } },
    { type: 'response.reasoning_text.delta', content_index, delta: text },
    { type: 'response.reasoning_text.done', content_index, text },
    { type: 'response.content_part.done', content_index, part },
  ];
}

function stepsOfSummary(part: JsonObject, summary_index: number): JsonObject[] {
  const { text } = part;
  return [
    { type: 'response.reasoning_summary_part.added', summary_index, part: { ...part, text: '' } },
    { type: 'response.reasoning_summary_text.delta', summary_index, delta: text },
    { type: 'response.reasoning_summary_text.done', summary_index, text },
    { type: 'response.reasoning_summary_part.done', summary_index, part },
  ];
}
