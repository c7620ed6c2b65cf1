import { type Answer, dataLines } from './answer.js';

export interface ToolCall {
  id: string;
  name: string;
  arguments: string;
}

interface ToolDelta {
  index: number;
  id?: string;
  function: { name?: string; arguments: string };
}

interface Block {
  type: string;
  id: string;
  name: string;
  input: unknown;
}

interface Item {
  type: string;
  call_id: string;
  name: string;
  arguments: string;
}

interface ServerEvent {
  type: string;
  index: number;
  content_block?: Block;
  delta?: { partial_json?: string };
  item?: Item;
  id: string;
  name?: string;
  arguments_delta: string;
  choices?: { delta: { tool_calls?: ToolDelta[] } }[];
}

/** The tool calls that a client of the surface puts together from what stood on the wire. */
export function toolCallsIn({ dialect, wire, headers }: Answer): ToolCall[] {
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true;
  return isStream
    ? fromEvents(dialect, eventsIn(wire))
    : fromBody(dialect, JSON.parse(wire) as Record<string, unknown>);
}

function fromBody(dialect: Answer['dialect'], body: Record<string, unknown>): ToolCall[] {
  switch (dialect) {
    case 'anthropic-messages':
      return (body.content as Block[]).filter(({ type }) => type === 'tool_use').map(fromBlock);
    case 'openai-responses':
      return (body.output as Item[]).filter(({ type }) => type === 'function_call').map(fromItem);
    case 'native':
      return (body.tool_calls as ToolDelta[]).map(fromDelta);
    default:
      return (body.choices as { message: { tool_calls: ToolDelta[] } }[]).flatMap(({ message }) =>
        message.tool_calls.map(fromDelta),
      );
  }
}

function fromEvents(dialect: Answer['dialect'], events: readonly ServerEvent[]): ToolCall[] {
  switch (dialect) {
    case 'anthropic-messages':
      return gather(events.flatMap(messagesDelta));
    case 'openai-responses':
      return events
        .flatMap(({ type, item }) => (type === 'response.output_item.done' && item ? [item] : []))
        .filter(({ type }) => type === 'function_call')
        .map(fromItem);
    case 'native':
      return gather(
        events
          .filter(({ type }) => type === 'tool_call')
          .map(({ id, index, name, arguments_delta: text }) => ({ id, index, function: { name, arguments: text } })),
      );
    default:
      return gather(events.flatMap(({ choices }) => choices?.[0]?.delta.tool_calls ?? []));
  }
}

function messagesDelta({ index, content_block: block, delta }: ServerEvent): ToolDelta[] {
  if (block?.type === 'tool_use') return [{ index, id: block.id, function: { name: block.name, arguments: '' } }];
  return delta?.partial_json === undefined ? [] : [{ index, function: { arguments: delta.partial_json } }];
}

function fromBlock({ id, name, input }: Block): ToolCall {
  return { id, name, arguments: JSON.stringify(input) };
}

function fromItem({ call_id: id, name, arguments: text }: Item): ToolCall {
  return { id, name, arguments: text };
}

function fromDelta(call: ToolDelta): ToolCall {
  return { id: call.id ?? '', name: call.function.name ?? '', arguments: call.function.arguments };
}

function gather(deltas: readonly ToolDelta[]): ToolCall[] {
  const calls = new Map<number, ToolCall>();
  for (const delta of deltas) {
    const call = calls.get(delta.index) ?? { id: '', name: '', arguments: '' };
    calls.set(delta.index, call);
    if (call.id === '') call.id = delta.id ?? '';
    call.name ||= delta.function.name ?? '';
    call.arguments += delta.function.arguments;
  }
  return [...calls.values()];
}

function eventsIn(wire: string): ServerEvent[] {
  return dataLines(wire)
    .filter((data) => data.startsWith('{'))
    .map((data) => JSON.parse(data) as ServerEvent);
}
