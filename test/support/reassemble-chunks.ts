import type { JsonObject } from '../../src/core/json.js';

interface CallDelta {
  index: number;
  id?: string;
  function: { name?: string; arguments: string };
}

/** A chunk of a streamed completion, as far as it matters here. */
export interface Chunk {
  id: string;
  created: number;
  model: string;
  usage?: JsonObject | null;
  choices: { index: number; delta: JsonObject; logprobs: JsonObject | null; finish_reason: string | null }[];
}

/** What a client makes of the chunks: the same object as the unstreamed reply. */
export function reassembleChunks(chunks: readonly Chunk[]): JsonObject {
  const choices = new Map<number, JsonObject & { message: JsonObject }>();
  let usage: JsonObject | null = null;
  for (const chunk of chunks) {
    usage = chunk.usage ?? usage;
    for (const part of chunk.choices) {
      const choice = choices.get(part.index) ?? newChoice(part.index);
      choices.set(part.index, choice);
      addDelta(choice.message, part.delta);
      if (part.logprobs) addLogprobs(choice, part.logprobs);
      if (part.finish_reason !== null) choice.finish_reason = part.finish_reason;
    }
  }
  const [first] = chunks;
  const reply: JsonObject = {
    id: first?.id,
    object: 'chat.completion',
    created: first?.created,
    model: first?.model,
    choices: [...choices.values()].sort((left, right) => Number(left.index) - Number(right.index)),
  };
  if (usage) reply.usage = usage;
  return reply;
}

function newChoice(index: number): JsonObject & { message: JsonObject } {
  return { index, message: { role: 'assistant', content: null, refusal: null }, logprobs: null, finish_reason: 'stop' };
}

function addDelta(message: JsonObject, delta: JsonObject): void {
  for (const key of ['content', 'refusal', 'reasoning_content']) {
    if (typeof delta[key] === 'string')
      message[key] = `${(message[key] as string | null | undefined) ?? ''}${delta[key]}`;
  }
  for (const part of (delta.tool_calls ?? []) as unknown as CallDelta[]) {
    const calls = (message.tool_calls ??= []) as (JsonObject & { function: { name: string; arguments: string } })[];
    if (part.id !== undefined) {
      calls.push({ id: part.id, type: 'function', function: { name: part.function.name ?? '', arguments: '' } });
    }
    const call = calls[part.index];
    if (call) call.function.arguments += part.function.arguments;
  }
}

function addLogprobs(choice: JsonObject, logprobs: JsonObject): void {
  const known = (choice.logprobs ??= { content: [], refusal: null }) as { content: unknown[] };
  known.content.push(...(logprobs.content as unknown[]));
}
